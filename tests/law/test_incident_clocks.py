"""Hours that run by the clock in Shanghai, and an incident that both authorities must hear of."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roadworthy.kernel.calendar import SHANGHAI
from roadworthy.law.rulebook import Outcome, rulebook
from roadworthy.law.topics import Jurisdiction, Topic

FIRE = {"incident_kinds": ["fire"], "is_new_energy": True, "casualties_or_major_impact": True}
MILD = FIRE | {"casualties_or_major_impact": False}
COLLISION = {"incident_kinds": ["collision"], "has_combined_assistance": True}
DAY = date(2025, 6, 9)


def due(facts, rule_id, as_of=DAY):
    return rulebook().evaluate(facts, as_of=as_of, rules=[rule_id]).obligation(rule_id).due


@pytest.mark.parametrize(
    ("learned", "basic", "milder", "full"),
    [
        ("2025-06-09T20:30+08:00", "06-10 02:30", "06-10 08:30", "06-11 20:30"),  # midnight
        ("2025-12-31T23:00+08:00", "01-01 05:00", "01-01 11:00", "01-02 23:00"),  # the year
        ("2024-02-28T22:00+08:00", "02-29 04:00", "02-29 10:00", "03-01 22:00"),  # a leap day
        ("2025-10-01T09:00+08:00", "10-01 15:00", "10-01 21:00", "10-03 09:00"),  # holidays
        ("2025-06-08T19:00+00:00", "06-09 09:00", "06-09 15:00", "06-11 03:00"),  # another offset
        ("2025-06-08T12:00-07:00", "06-09 09:00", "06-09 15:00", "06-11 03:00"),
    ],
)
def test_hours_run_on_by_the_clock_in_shanghai(learned, basic, milder, full):
    for facts, rule_id, wanted in (
        (FIRE, "RCL-20", basic),
        (MILD, "RCL-21", milder),
        (FIRE, "RCL-22", full),
    ):
        owed = due(facts | {"learned_at": learned}, rule_id)
        assert f"{owed.instant:%m-%d %H:%M}" == wanted
        assert owed.date == owed.instant.date()
        assert owed.instant.tzinfo is SHANGHAI


INSTANTS = st.builds(
    datetime.fromtimestamp,
    st.integers(1_577_836_800, 1_893_456_000),  # 2020 to 2029
    st.sampled_from([SHANGHAI, UTC, ZoneInfo("America/New_York")]),
)


@given(INSTANTS, INSTANTS)
def test_who_learns_later_is_never_due_earlier(one, other):
    first, second = sorted([one, other], key=datetime.timestamp)
    for rule_id in ("RCL-20", "RCL-22"):
        dues = [due(FIRE | {"learned_at": at.isoformat()}, rule_id) for at in (first, second)]
        assert dues[0].order <= dues[1].order
        assert dues[0].instant.timestamp() > first.timestamp()


def test_without_an_hour_of_judgement_the_whole_last_day_counts():
    facts = FIRE | {"learned_at": "2025-06-09T03:00+08:00"}
    outcomes = [
        rulebook().evaluate(facts, as_of=day, rules=["RCL-20"]).findings[0].outcome
        for day in (DAY, date(2025, 6, 10))
    ]
    assert outcomes == [Outcome.NOT_APPLICABLE, Outcome.BROKEN]


def test_the_start_of_the_hours_is_a_setting_that_every_answer_names():
    facts = FIRE | {"learned_at": "2025-06-09T03:00+08:00", "occurred_at": "2025-06-08T20:00+08:00"}
    for start, hour, words in (("learned", "09:00", "learns"), ("occurred", "02:00", "stricter")):
        answer = rulebook().evaluate(
            facts | {"nev_clock_start": start}, as_of=DAY, rules=["RCL-20"]
        )
        assert f"{answer.obligation('RCL-20').due.instant:%H:%M}" == hour
        assert words in answer.findings[0].why.en


def test_a_prompt_report_never_gets_a_number_from_the_law():
    answer = rulebook().evaluate(COLLISION, as_of=DAY, rules=["N45-11", "INC-02"])
    assert len(answer.obligations) == 3
    for owed in answer.obligations:
        told = owed.due.to_json()
        numbers = ("date", "instant", "hours", "days", "working_days", "own_hours")
        assert [told[field] for field in numbers] == [None] * len(numbers)


@pytest.mark.parametrize("miit", [True, False, None])
@pytest.mark.parametrize("samr", [True, False, None])
def test_an_incident_closes_only_when_both_acknowledged(miit, samr):
    facts = COLLISION | {"miit_acknowledged": miit, "samr_acknowledged": samr}
    answer = rulebook().evaluate(facts, as_of=DAY, rules=["INC-03"])
    closed = miit is True and samr is True
    assert (answer.findings[0].outcome is Outcome.MET) == closed
    assert answer.obligation("INC-03").fulfilled == closed


def test_an_incident_is_answered_for_without_asking_about_updates():
    answer = rulebook().evaluate(COLLISION, as_of=DAY)
    assert Topic.INCIDENT in answer.about
    assert Topic.UPDATE not in answer.about


def test_the_same_crash_is_asked_about_in_the_united_states():
    facts = COLLISION | {
        "cdas_state": "active_within_30s",
        "sgo_reporting_entity": True,
        "sgo_public_road": True,
        "sgo_system": "level2",
        "sgo_consequences": ["airbag"],
        "sgo_notice_on": "2025-07-03",
    }
    answer = rulebook().evaluate(facts, as_of=date(2025, 7, 3), jurisdiction=Jurisdiction.US)
    assert {f.rule_id for f in answer.findings} == {"INC-11", "INC-12"}
    assert answer.obligation("INC-11").due.date == date(2025, 7, 8)
    at_home = rulebook().evaluate(facts, as_of=date(2025, 7, 3))
    assert {"N45-11", "INC-02"} <= {f.rule_id for f in at_home.findings}
    assert not {"INC-11", "INC-12"} & {f.rule_id for f in at_home.findings}


def test_what_the_hours_and_seconds_are_is_cited():
    answer = rulebook().evaluate(
        COLLISION | {"reported_to_miit_on": DAY, "cdas_state": "active"},
        as_of=DAY,
        rules=["INC-02"],
    )
    (window,) = answer.findings[0].values
    assert (window.value, window.unit, window.source.instrument.key) == (30, "second", "SGO21")
    later = rulebook().evaluate(COLLISION, as_of=date(2025, 6, 16), rules=["INC-02"])
    assert later.findings[0].values[0].source.instrument.key == "SGO"
