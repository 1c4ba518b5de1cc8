"""What somebody might try is denied, item by item, by the right rule under the right article."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
import yaml

from roadworthy.domains.processing import errors, exporting, services
from roadworthy.domains.processing.models import Flow
from roadworthy.domains.processing.states import AssessmentState, Outcome, State
from roadworthy.law.rulebook import rulebook

CASES = yaml.safe_load(
    (Path(__file__).parent / "cases" / "hostile.yaml").read_text(encoding="utf-8")
)


def _declared(maker, case):
    item = maker.enter(case["item"], **case.get("entry", {}))
    without = case.get("without", ())
    if "notice" not in without:
        maker.notice(item)
    if "consent" not in without:
        maker.consent(item, *([case["purpose"]] if "purpose" in case else []))
    flow = dict(case.get("flow", {}))
    if "country" in case:
        flow["recipient_id"] = maker.recipient("hq", case["country"]).pk
    if "before" in case:
        another = maker.recipient("partner", case["country"]).pk
        first = maker.approve(item, **case["before"], recipient_id=another)
        assert first.state == State.APPROVED, "alone it is below the number"
    if "assessed" in case:
        flow["assessment_id"] = _assessed(maker, item, flow["recipient_id"], **case["assessed"])
    return maker.declare(item, **flow)


def _assessed(maker, item, recipient_id, *, expires_on: date | None = None, **covers):
    return exporting.enter_assessment(
        assessed=exporting.Assessed(
            number="CAC-7",
            state=AssessmentState.PASSED,
            item_codes=[item],
            recipient_ids=[recipient_id],
            expires_on=expires_on,
            **covers,
        ),
        actor=maker.data,
        at=maker.tick(),
    ).pk


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_it_is_denied_with_the_right_article(maker, case):
    answer = _declared(maker, case)
    assert answer.outcome == Outcome.DENIED, answer.rules
    assert case["rule"] in answer.rules
    found = next(
        one
        for one in answer.result["binding"]
        if one["rule_id"] == case["rule"] and one["outcome"] == "broken"
    )
    cited = [found["citation"], *found["also"]]
    named = {(one["instrument"], one["provision"]["zh-hans"]) for one in cited}
    assert tuple(case["article"]) in named
    assert answer.result["split"] is case.get("split", False)
    with pytest.raises(errors.NotAllowed):
        services.approve(flow_id=answer.flow_id, actor=maker.officer, at=maker.tick())
    assert not Flow.objects.filter(pk=answer.flow_id, state=State.APPROVED).exists()


def test_each_rule_that_can_deny_a_flow_is_tried():
    binding = {
        rule
        for rule in (f"DAT-{n:02d}" for n in range(1, 17))
        if rule != "DAT-08" and rulebook().law.rules[rule][-1].binding
    }
    assert {case["rule"] for case in CASES} == binding
