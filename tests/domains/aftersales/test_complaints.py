"""Complaints from the telephone to their end, and who may know what."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from roadworthy.domains.aftersales import errors, intake, policy, queries, services
from roadworthy.domains.aftersales.intake import Account
from roadworthy.domains.aftersales.policy import Levels
from roadworthy.domains.aftersales.states import Category, State
from roadworthy.domains.campaigns.consents import NoSuchLink
from roadworthy.domains.campaigns.states import Act
from roadworthy.domains.ledger.models import Entry
from roadworthy.domains.organisations.roles import Kind, Role
from roadworthy.domains.vehicles.models import Vehicle
from roadworthy.kernel.transitions import WrongRole, WrongState
from tests import telling
from tests.domains.campaigns import roads
from tests.domains.campaigns.conftest import people

SUMMARY = {"zh-hans": "升级后抖动。", "en": "It shakes after an update."}


@pytest.fixture
def car(light) -> int:
    return roads.register(light, 1)[0]


def take(step, complaint, light, role=Role.AFTER_SALES, **more):
    return step(complaint_id=complaint.pk, actor=light.actor(role), at=light.tick(), **more)


def levels(light, **given):
    return policy.set_levels(
        levels=Levels(**given), actor=light.actor(Role.AFTER_SALES), at=light.tick()
    )


def test_a_complaint_is_received_answered_and_closed(light, car):
    made = telling.complaint(light, car)
    assert (made.state, made.number[:8]) == (State.RECEIVED, "CP-2025-")
    assert made.software.get().version == "1.0.0", "what ran then is kept"
    assert take(services.answer, made, light, words="Please bring it in.").state == State.ANSWERED
    assert take(services.close, made, light).state == State.CLOSED
    reopened = take(services.reopen, made, light, words="It came back.")
    assert (reopened.state, reopened.ended_at) == (State.RECEIVED, None)


def test_without_an_own_service_level_nothing_is_due(light, car):
    """No source gives a number of days: none is invented."""
    assert telling.complaint(light, car).answer_due_on is None


def test_the_own_service_level_counts_working_days(light, car):
    levels(light, answer_days=4, settle_days=10)
    made = telling.complaint(light, car)  # Tuesday, 3 June 2025
    assert made.answer_due_on == date(2025, 6, 9)
    assert queries.figures(light.actor(Role.AFTER_SALES), on=date(2025, 6, 10)).late == 1
    assert take(services.dispute, made, light, summary=SUMMARY).settle_due_on == date(2025, 6, 17)


def test_a_threshold_needs_a_span_of_days(light):
    with pytest.raises(errors.WrongPolicy):
        levels(light, per_thousand=Decimal(1))


def test_an_unknown_vin_is_refused(light, stranger, car):
    vin = Vehicle.objects.get(pk=car).vin
    account = Account(category=Category.OTHER, words="x")
    for actor, asked in (
        (light.actor(Role.AFTER_SALES), "LTVAAAAA0SA999999"),
        (stranger[Role.AFTER_SALES], vin),
    ):
        with pytest.raises(errors.NoSuchVin):
            intake.enter(vin=asked, account=account, actor=actor, at=light.tick())


def test_a_function_of_another_type_is_refused(light, car):
    other = telling.function(light, type_id=light.add_type("BETA"))
    with pytest.raises(errors.NotAboutThisType):
        telling.complaint(light, car, function_id=other.pk)
    with pytest.raises(errors.NotAboutThisType):
        telling.complaint(light, car, release_number="NONE")


def test_only_after_sales_enters_and_answers(light, car):
    made = telling.complaint(light, car)
    with pytest.raises(WrongRole):
        take(services.answer, made, light, Role.COMPLIANCE_OFFICER, words="x")
    with pytest.raises(errors.NotWritten):
        take(services.write, made, light, Role.COMPLIANCE_OFFICER, words="x", to_owner=True)
    with pytest.raises(errors.NotWritten):
        take(services.open_contact, made, light, Role.COMPLIANCE_OFFICER)


@pytest.mark.parametrize("role", [Role.MARKETING, Role.HOMOLOGATION, Role.RELEASE_ENGINEER])
def test_other_roles_find_no_complaint(light, car, role):
    made = telling.complaint(light, car)
    with pytest.raises(errors.NoSuchComplaint):
        take(services.close, made, light, role)
    with pytest.raises(errors.NoSuchComplaint):
        queries.complaint(light.actor(role), made.pk)
    assert not queries.complaints(light.actor(role), on=date(2025, 6, 3))


def test_another_manufacturer_finds_nothing(light, stranger, car):
    made = telling.complaint(light, car)
    with pytest.raises(errors.NoSuchComplaint):
        queries.complaint(stranger[Role.AFTER_SALES], made.pk)
    with pytest.raises(errors.NoSuchComplaint):
        services.answer(
            complaint_id=made.pk, words="x", actor=stranger[Role.AFTER_SALES], at=light.tick()
        )


def test_what_samr_reads_names_neither_car_nor_owner(light, car):
    made = telling.complaint(light, car)
    vin = Vehicle.objects.get(pk=car).vin or ""
    for leak in (vin, vin.lower(), "王先生", "139 1234 5678", "13812345678"):
        with pytest.raises(errors.PersonalDataInside):
            take(services.dispute, made, light, summary={**SUMMARY, "en": f"It was {leak}."})
    with pytest.raises(errors.SummaryMissing):
        take(services.dispute, made, light, summary={"en": "x", "zh-hans": " "})
    take(services.dispute, made, light, Role.COMPLIANCE_OFFICER, summary=SUMMARY)
    samr, _ = people(Kind.SAMR, "samr", None)
    miit, _ = people(Kind.MIIT, "miit", None)
    (seen,) = queries.disputes_seen_by(samr)
    assert (seen.summary, seen.type_code) == (SUMMARY, "ALPHA")
    (total,) = queries.totals_seen_by(samr)
    assert (total["complaints"], total["in_dispute"]) == (1, 1)
    for other in (miit, light.cast.manufacturer_id):
        assert not queries.disputes_seen_by(other)
        assert not queries.totals_seen_by(other)


def test_the_ledger_names_no_car_no_owner_and_no_words(light, car):
    made = telling.complaint(light, car)
    take(services.answer, made, light, words="Please bring it in.")
    take(services.open_contact, made, light)
    bodies = "".join(
        bytes(one.body).decode() for one in Entry.objects.filter(subject=f"complaint/{made.pk}")
    )
    assert "complaint:contact-opened" in bodies
    for secret in (Vehicle.objects.get(pk=car).vin, "王先生", "139", "抖动", "bring it in"):
        assert secret not in bodies


def test_a_contact_is_erased_only_after_the_end(light, car):
    made = telling.complaint(light, car)
    with pytest.raises(errors.StillOpen):
        take(services.erase_contact, made, light)
    take(services.take_back, made, light, words="The owner called.")
    erased = take(services.erase_contact, made, light)
    assert (erased.contact, bytes(erased.salt)) == ("", b"")


def test_it_is_handed_over_to_colleagues_only(light, stranger, car):
    made = telling.complaint(light, car)
    for nobody in (light.actor(Role.MARKETING).user_id, stranger[Role.AFTER_SALES].user_id):
        with pytest.raises(errors.NotAColleague):
            take(services.hand_over, made, light, user_id=nobody)
    mine = light.actor(Role.AFTER_SALES).user_id
    assert take(services.hand_over, made, light, user_id=mine).assigned_to_id == mine


def test_what_waits_has_a_day_where_the_enterprise_has_set_itself_one(light):
    first, second = roads.register(light, 2)
    telling.complaint(light, first)
    levels(light, answer_days=2)
    telling.complaint(light, second)
    waits = queries.unfinished(light.cast.manufacturer_id)
    assert {one.answer_due_on for one in waits} == {date(2025, 6, 5), None}


@pytest.fixture
def asked(light):
    road = roads.road(light)
    road.publish()
    road.take(Act.NOTIFY)
    return road


def test_an_owner_complains_behind_their_link_and_reads_the_answer(light, asked):
    token = next(iter(asked.tokens.values()))
    account = Account(category=Category.WORSE_AFTER_UPDATE, words="It shakes.")
    made = intake.complain(token=token, account=account, at=light.tick())
    assert made.release_id == asked.campaign.release_id
    take(services.answer, made, light, words="Bring it in.")
    take(services.write, made, light, words="Known problem.", to_owner=False)
    (seen,) = queries.of_owner(token)
    assert [one.words for one in seen.messages] == ["Bring it in."], "notes stay inside"
    again = services.owner_writes(
        token=token, complaint_id=made.pk, words="Still shakes.", at=light.tick()
    )
    assert again.state == State.RECEIVED, "who is not content opens it again"
    gone = services.owner_takes_back(token=token, complaint_id=made.pk, at=light.tick())
    assert gone.state == State.TAKEN_BACK
    with pytest.raises(WrongState):
        services.owner_writes(token=token, complaint_id=made.pk, words="x", at=light.tick())


def test_one_owner_does_not_reach_anothers_complaint(light, asked):
    mine, other = list(asked.tokens.values())[:2]
    account = Account(category=Category.OTHER, words="x")
    made = intake.complain(token=mine, account=account, at=light.tick())
    with pytest.raises(errors.NoSuchComplaint):
        services.owner_writes(token=other, complaint_id=made.pk, words="x", at=light.tick())
    with pytest.raises(NoSuchLink):
        intake.complain(token="nonsense", account=account, at=light.tick())
    assert queries.of_owner(other) == []


def test_an_owner_cannot_flood_us(light, asked):
    token = next(iter(asked.tokens.values()))
    account = Account(category=Category.OTHER, words="x")
    for _ in range(5):
        intake.complain(token=token, account=account, at=light.tick())
    with pytest.raises(errors.TooManyComplaints):
        intake.complain(token=token, account=account, at=light.tick())
