"""What types owe by themselves: scheduled by the rulebook, fulfilled by people, never twice."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from roadworthy.domains.ledger.models import Entry
from roadworthy.domains.organisations.roles import Role
from roadworthy.domains.vehicles.models import VehicleType
from roadworthy.domains.worklists import duties, errors, queries
from roadworthy.domains.worklists.duties import Proof
from roadworthy.domains.worklists.models import TypeDuty
from roadworthy.domains.worklists.states import State
from roadworthy.kernel.transitions import WrongRole, WrongState
from roadworthy.law.rulebook import rulebook
from tests.domains.campaigns.conftest import LightWorld

pytestmark = pytest.mark.django_db

BEFORE, FIRST = date(2025, 2, 27), date(2025, 2, 28)
IN_TIME, LATE = datetime(2025, 5, 30, 2, tzinfo=UTC), datetime(2025, 6, 3, 2, tzinfo=UTC)
SUPPLEMENT = {"N45-02.miit", "N45-02.samr"}
SANDBOX = {
    "N45-03.deep_test_plan_sent",
    "N45-03.preliminary_test_report_sent",
    "N45-03.risk_assessment_plan_sent",
}


def of_type(light: LightWorld, *, approved_on: date, level: int) -> dict[str, TypeDuty]:
    VehicleType.objects.update(approved_on=approved_on, automation_level=level)
    duties.schedule(manufacturer_id=light.cast.manufacturer_id, at=IN_TIME)
    return {one.key: one for one in TypeDuty.objects.all()}


@pytest.mark.parametrize(
    ("approved_on", "level", "owed"),
    [
        (BEFORE, 2, SUPPLEMENT | SANDBOX),
        (BEFORE, 1, SUPPLEMENT),
        (FIRST, 2, SANDBOX),
        (FIRST, 1, set()),
        (BEFORE, 3, SUPPLEMENT),  # whether it has combined assistance besides, nobody said
    ],
)
def test_a_type_owes_what_the_rulebook_says(light, approved_on, level, owed):
    assert set(of_type(light, approved_on=approved_on, level=level)) == owed


def test_the_day_is_that_of_the_parameter_and_promptly_stays_a_word(light):
    found = of_type(light, approved_on=BEFORE, level=2)
    (dated,) = rulebook().law.parameters["supplement_deadline"].values
    assert {found[key].due_on for key in SUPPLEMENT} == {date.fromisoformat(dated.value)}
    assert {found[key].due_on for key in SANDBOX} == {None}
    assert {found[key].due["kind"] for key in SANDBOX} == {"prompt"}


def test_scheduling_again_changes_nothing_and_a_day_later_only_what_the_day_changes(light):
    of_type(light, approved_on=BEFORE, level=2)
    before, told = list(TypeDuty.objects.order_by("pk").values()), Entry.objects.count()
    assert duties.schedule_due(at=IN_TIME) == 0
    assert list(TypeDuty.objects.order_by("pk").values()) == before
    assert Entry.objects.count() == told
    assert duties.schedule_due(at=LATE) == len(SUPPLEMENT)
    assert {d.outcome for d in TypeDuty.objects.filter(rule_id="N45-02")} == {"broken"}


def test_a_duty_goes_when_the_type_turns_out_to_be_another(light):
    of_type(light, approved_on=BEFORE, level=2)
    found = of_type(light, approved_on=BEFORE, level=1)
    assert set(found) == SUPPLEMENT
    assert Entry.objects.filter(event="type-duty:lapsed").count() == len(SANDBOX)


def test_both_supplements_in_time_with_material_meet_the_rule(light):
    found = of_type(light, approved_on=BEFORE, level=1)
    filer = light.actor(Role.HOMOLOGATION)
    proof = Proof(date(2025, 5, 29), reference="receipt 7", with_material=True)
    first = duties.fulfil(duty_id=found["N45-02.miit"].pk, proof=proof, actor=filer, at=IN_TIME)
    assert (first.state, first.outcome) == (State.FULFILLED, "not-applicable")  # not due yet
    second = duties.fulfil(duty_id=found["N45-02.samr"].pk, proof=proof, actor=filer, at=IN_TIME)
    assert second.outcome == "met"
    assert TypeDuty.objects.get(pk=first.pk).outcome == "met"


def test_a_supplement_after_its_day_is_done_and_still_late(light):
    found = of_type(light, approved_on=BEFORE, level=1)
    for key in SUPPLEMENT:
        proof = Proof(date(2025, 6, 3), reference="receipt 8", with_material=True)
        duties.fulfil(
            duty_id=found[key].pk, proof=proof, actor=light.actor(Role.HOMOLOGATION), at=LATE
        )
    assert {d.outcome for d in TypeDuty.objects.all()} == {"broken"}
    assert not queries.open_items(
        light.cast.manufacturer_id,
        queries.party_of(light.cast.manufacturer_id),
        today=date(2025, 6, 3),
    )


def test_what_was_stated_by_mistake_is_taken_back_by_who_answers_for_it(light):
    found = of_type(light, approved_on=BEFORE, level=1)
    duty_id = found["N45-02.miit"].pk
    proof = Proof(date(2025, 5, 29), reference="receipt 7", with_material=True)
    filer, officer = light.actor(Role.HOMOLOGATION), light.actor(Role.COMPLIANCE_OFFICER)
    duties.fulfil(duty_id=duty_id, proof=proof, actor=filer, at=IN_TIME)
    with pytest.raises(WrongState):
        duties.fulfil(duty_id=duty_id, proof=proof, actor=filer, at=IN_TIME)
    with pytest.raises(WrongRole):
        duties.reopen(duty_id=duty_id, actor=filer, at=IN_TIME)
    again = duties.reopen(duty_id=duty_id, actor=officer, at=IN_TIME)
    assert (again.state, again.sent_on, again.reference) == (State.OPEN, None, "")
    events = Entry.objects.filter(subject=f"type-duty/{duty_id}").order_by("id")
    assert [one.event for one in events] == [
        "type-duty:scheduled",
        "type-duty:fulfilled",
        "type-duty:reopened",
    ]


@pytest.mark.parametrize(
    ("proof", "error"),
    [
        (Proof(date(2025, 5, 29)), errors.EvidenceMissing),
        (Proof(date(2025, 5, 29), reference="  "), errors.EvidenceMissing),
        (Proof(date(2025, 5, 31), reference="7"), errors.DayToCome),
        (Proof(date(2025, 2, 26), reference="7"), errors.DayBeforeApproval),
        (Proof(date(2025, 5, 29), reference="7", filing_id=10**9), errors.EvidenceMissing),
    ],
)
def test_what_cannot_be_true_is_refused_and_leaves_no_trace(light, proof, error):
    found = of_type(light, approved_on=BEFORE, level=1)
    told = Entry.objects.count()
    with pytest.raises(error):
        duties.fulfil(
            duty_id=found["N45-02.miit"].pk,
            proof=proof,
            actor=light.actor(Role.HOMOLOGATION),
            at=IN_TIME,
        )
    assert Entry.objects.count() == told
    assert not TypeDuty.objects.filter(state=State.FULFILLED).exists()


def test_another_manufacturer_finds_no_duty(light, stranger):
    found = of_type(light, approved_on=BEFORE, level=1)
    duty_id = found["N45-02.miit"].pk
    proof = Proof(date(2025, 5, 29), reference="7")
    with pytest.raises(errors.NoSuchDuty):
        duties.fulfil(duty_id=duty_id, proof=proof, actor=stranger[Role.HOMOLOGATION], at=IN_TIME)
    with pytest.raises(errors.NoSuchDuty):
        duties.reopen(duty_id=duty_id, actor=stranger[Role.COMPLIANCE_OFFICER], at=IN_TIME)
    with pytest.raises(errors.NoSuchDuty):
        queries.type_duty(stranger[Role.HOMOLOGATION].organisation_id, duty_id)


def test_a_role_that_does_not_answer_for_types_may_not_fulfil(light):
    found = of_type(light, approved_on=BEFORE, level=1)
    with pytest.raises(WrongRole):
        duties.fulfil(
            duty_id=found["N45-02.miit"].pk,
            proof=Proof(date(2025, 5, 29), reference="7"),
            actor=light.actor(Role.RELEASE_ENGINEER),
            at=IN_TIME + timedelta(minutes=1),
        )
