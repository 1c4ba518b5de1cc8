"""The worked cases of the legal fact base."""

from datetime import date
from pathlib import Path

import pytest

from roadworthy.law.evaluation import Gate, Outcome
from roadworthy.law.rulebook import rulebook
from roadworthy.rules import strict_yaml

CASES = strict_yaml.load(
    Path(__file__).with_name("cases").joinpath("worked.yaml").read_text("utf-8")
)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_the_worked_case_comes_out_as_the_fact_base_says(case):
    as_of = date.fromisoformat(case["as_of"])
    answer = rulebook().evaluate(case["facts"], as_of=as_of)
    told = answer.to_json()
    for field in ("n45_category", "ota22_grade", "decision", "reasons"):
        assert told[field] == case.get(field, told[field])
    for field in ("labels", "undetermined_labels"):
        assert sorted(told[field]) == case.get(field, sorted(told[field]))
    assert told["scales"]["n45_category"]["all_codes"] == case.get(
        "all_n45", told["scales"]["n45_category"]["all_codes"]
    )
    outcomes = {finding.rule_id: finding.outcome for finding in answer.findings}
    assert {rule: outcomes[rule] for rule in case.get("findings", {})} == case.get("findings", {})
    for key, wanted in case.get("owes", {}).items():
        owed = answer.obligation(key).to_json()
        assert {field: (owed | owed["due"])[field] for field in wanted} == wanted


@pytest.mark.parametrize("case", [c for c in CASES if "signers" in c], ids=lambda c: c["name"])
def test_the_labels_of_the_worked_case_name_its_signers(case):
    as_of = date.fromisoformat(case["as_of"])
    answer = rulebook().evaluate(case["facts"], as_of=as_of)
    required = rulebook().signers(answer.labels, as_of=as_of)
    assert [f"{signer.party}.{signer.purpose}" for signer in required] == case["signers"]


@pytest.mark.parametrize("case", [c for c in CASES if "cites" in c], ids=lambda c: c["name"])
def test_a_filing_out_of_order_is_rejected_with_the_provision_on_the_order(case):
    answer = rulebook().evaluate(case["facts"], as_of=date.fromisoformat(case["as_of"]))
    rejected = answer.held_up(Outcome.BROKEN, Gate.FILING)
    assert [finding.rule_id for finding in rejected] == case["rejected_by"]
    for finding in rejected:
        cited = finding.source.citation
        assert [cited.instrument, cited.provision] == case["cites"][finding.rule_id]


def test_all_ten_worked_cases_are_here():
    assert {case["name"].partition(":")[0] for case in CASES} == set(map(str, range(1, 11)))
