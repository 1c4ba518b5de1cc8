"""The cases notice nearly every change of a check; what they do not notice is named."""

import pytest

from roadworthy.law import cases
from roadworthy.law.rulebook import rulebook
from scripts import mutate_rule

(RULE,) = rulebook().law.rules["RCL-24"]


def test_nearly_every_change_of_a_check_is_noticed_by_a_case(capsys):
    assert mutate_rule.main([]) == 0, capsys.readouterr().out


def test_a_rule_can_be_tried_alone(capsys):
    assert mutate_rule.main(["RCL-24"]) == 0
    assert capsys.readouterr().out.endswith("0 of them unnoticed\n")
    assert mutate_rule.main(["defect_remedy"]) == 0


def test_the_changes_are_made_where_they_are_said_to_be():
    tried = {(line, what) for line, what, _ in mutate_rule.trials(rulebook(), RULE)}
    assert {what for _, what in tried} >= {
        "Eq is NotEq",
        "met is broken",
        "the condition is turned round",
        "the statement is left out",
        "nobody says whether it is fulfilled",
    }


@pytest.mark.parametrize("kept", [[], ["No defect"]])
def test_without_cases_changes_go_unnoticed(monkeypatch, capsys, kept):
    some = tuple(case for case in cases.cases() if case.name in kept)
    monkeypatch.setattr(cases, "cases", lambda: some)
    assert mutate_rule.main(["RCL-24"]) == 1
    assert "no case notices" in capsys.readouterr().out


def test_what_is_in_order_holds():
    relevant = [case for case in cases.cases() if case.rule_id == "RCL-24"]
    assert relevant
    assert not mutate_rule.noticed(rulebook(), relevant)
