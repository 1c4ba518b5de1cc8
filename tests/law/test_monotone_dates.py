"""What happens later is never due earlier: over all rules, for every event that one of them reads.

A rule is asked under the facts of its own cases, which reach each of its reasons, with the other
events it reads moved about. No rule is left out.
"""

from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import roadworthy.law
from roadworthy.kernel.calendar import SHANGHAI
from roadworthy.law import PACKS
from roadworthy.law.rulebook import rulebook
from roadworthy.rules import strict_yaml
from roadworthy.rules.facts import FactType

LAW = Path(roadworthy.law.__file__).parent
VOCABULARY = rulebook().facts
# Small steps cross rest days and month ends, large ones years.
STEPS = st.integers(0, 5) | st.integers(0, 400)
EVENTS = {name for name, fact in VOCABULARY.items() if fact.event is not None}


def situations():
    """Yield each rule's id with a day and the facts of a case in which it is in force."""
    for card in sorted(card for pack in PACKS for card in (LAW / pack / "rules").glob("*.yaml")):
        rule_id = strict_yaml.load(card.read_text(encoding="utf-8"))["id"]
        file = card.parents[1] / "cases" / card.name
        for case in strict_yaml.load(file.read_text(encoding="utf-8")):
            if case["outcome"] != "not-in-force":
                yield rule_id, date.fromisoformat(case["as_of"]), case["facts"]


def asked(rule_id, as_of, facts):
    return rulebook().evaluate(facts, as_of=as_of, rules=[rule_id])


CASES: dict[str, list] = {}
READ: dict[str, set] = {}
for _rule_id, _as_of, _facts in situations():
    CASES.setdefault(_rule_id, []).append((_as_of, _facts))
    READ.setdefault(_rule_id, set()).update(
        read.definition.name
        for finding in asked(_rule_id, _as_of, _facts).findings
        for read in finding.facts
        if read.definition.name in EVENTS
    )
PAIRS = [(rule_id, event) for rule_id, events in sorted(READ.items()) for event in sorted(events)]


def days_about(name, as_of):
    """Draw days, or instants on them, within some years of a day."""
    span = timedelta(days=900)
    days = st.dates(as_of - span, as_of + span)
    if VOCABULARY[name].type is FactType.DATE:
        return days
    return st.builds(datetime.combine, days, st.times(), st.just(SHANGHAI))


@pytest.mark.parametrize(("rule_id", "event"), PAIRS, ids=[f"{r}: {e}" for r, e in PAIRS])
@given(data=st.data())
@settings(max_examples=40, deadline=None)
def test_a_later_event_never_makes_an_obligation_due_earlier(rule_id, event, data):
    as_of, facts = data.draw(st.sampled_from(CASES[rule_id]))
    others = {name: days_about(name, as_of) for name in sorted(READ[rule_id] - {event})}
    about = facts | data.draw(st.fixed_dictionaries({}, optional=others))
    first = data.draw(days_about(event, as_of))
    later = first + timedelta(days=data.draw(STEPS))
    before, after = (
        {owed.key: owed.due for owed in asked(rule_id, as_of, about | {event: at}).obligations}
        for at in (first, later)
    )
    for key in before.keys() & after.keys():
        for moment in ("date", "instant", "not_before"):
            was, becomes = getattr(before[key], moment), getattr(after[key], moment)
            assert was is None or becomes is None or was <= becomes, f"{key} {moment}"


def test_no_rule_and_no_event_that_sets_a_date_is_left_out():
    assert set(CASES) == set(rulebook().law.rules)
    dated = {
        (rule_id, owed.due.event)
        for rule_id, cases in CASES.items()
        for as_of, facts in cases
        for owed in asked(rule_id, as_of, facts).obligations
        if owed.due.date is not None and owed.due.event is not None
    }
    assert dated <= set(PAIRS)
    assert len(dated) > 10
