"""Who is told by when, what they acknowledge, and what keeps an incident open."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from roadworthy.domains.incidents import (
    acknowledging,
    asking,
    assessing,
    defects,
    errors,
    investigating,
    queries,
    receipts,
    reporting,
    services,
)
from roadworthy.domains.incidents.investigating import Sort
from roadworthy.domains.incidents.models import Copy, Incident, Report
from roadworthy.domains.incidents.states import CopyState, Series, State, Trigger
from roadworthy.domains.ledger.models import Entry
from roadworthy.domains.organisations import services as organisations
from roadworthy.domains.organisations.actors import PLATFORM, witnessed
from roadworthy.domains.organisations.roles import KeyPurpose, Kind, Role
from roadworthy.kernel.calendar import SHANGHAI
from roadworthy.kernel.canonical import digest
from roadworthy.kernel.transitions import WrongRole
from roadworthy.trust.keys import Keystore, WrongPassphrase
from tests import happening
from tests.domains.campaigns import roads
from tests.domains.campaigns.conftest import people

MONDAY = datetime(2025, 6, 9, 3, 0, tzinfo=SHANGHAI)  # law.md 9.2, worked case 5
FIRE = {"incident_kinds": ["fire"], "is_new_energy": True}


PHRASE = "opens the key of a receipt"


@pytest.fixture
def reviewers(light, tmp_path):
    light.keystore = Keystore(tmp_path / "keys")
    found = {
        Kind.MIIT: people(Kind.MIIT, "miit", None)[1][Role.MIIT_REVIEWER],
        Kind.SAMR: people(Kind.SAMR, "samr", None)[1][Role.SAMR_REVIEWER],
    }
    for one in found.values():
        organisations.create_key(
            organisation_id=one.organisation_id,
            holder_id=one.user_id,
            purpose=KeyPurpose.RECEIPT,
            passphrase=PHRASE,
            keystore=light.keystore,
            actor=witnessed(PLATFORM),
            at=light.now,
        )
    return found


def clocks(incident: Incident, now: datetime) -> dict[str, assessing.Clock]:
    incident.refresh_from_db()
    result = assessing.evaluate(incident, now=now)
    return {one.obligation.key: one for one in assessing.clocks(incident, result)}


def burning(light, **stated) -> Incident:
    light.now = MONDAY.astimezone(UTC) - timedelta(minutes=1)
    return happening.incident(light, 0, Trigger.THERMAL, learned_at=MONDAY, stated=FIRE | stated)


def send(light, incident, series=Series.INCIDENT, role=Role.SAFETY, **more) -> Report:
    return reporting.report(
        incident_id=incident.pk, series=series, actor=light.actor(role), at=light.tick(), **more
    )


def acknowledge(light, report: Report, actor, **more) -> Copy:
    copy = Copy.objects.get(report=report, authority_id=actor.organisation_id)
    return acknowledging.acknowledge(
        copy_id=copy.pk, actor=actor, at=light.tick(), **signed(light), **more
    )


def signed(light) -> dict:
    return {"passphrase": PHRASE, "keystore": light.keystore}


def test_worked_case_5_with_injuries(light):
    """Learned on Monday at 03:00: basic information by 09:00, the full form by Wednesday 03:00."""
    made = burning(light, injured=1)
    due = clocks(made, MONDAY)
    assert due["RCL-20"].due_at == MONDAY + timedelta(hours=6)
    assert due["RCL-22"].due_at == MONDAY + timedelta(hours=48)
    assert "RCL-21" not in due
    assert made.next_due_at == MONDAY + timedelta(hours=6)


def test_worked_case_5_without_casualties(light):
    made = burning(light, casualties_or_major_impact=False)
    assert clocks(made, MONDAY)["RCL-21"].due_at == MONDAY.replace(hour=15)


@pytest.mark.parametrize(
    "learned",
    [
        datetime(2025, 9, 30, 23, 0, tzinfo=SHANGHAI),  # the last hour before eight days off
        datetime(2025, 10, 4, 3, 0, tzinfo=SHANGHAI),  # in the middle of them, on a Saturday
        datetime(2025, 12, 31, 20, 30, tzinfo=SHANGHAI),  # into the next year
    ],
)
@pytest.mark.parametrize("injured", [0, 1])
def test_the_hours_of_case_5_run_through_holidays(light, learned, injured):
    light.now = learned.astimezone(UTC) - timedelta(minutes=1)
    stated = FIRE | ({"injured": injured} if injured else {"casualties_or_major_impact": False})
    made = happening.incident(light, 0, Trigger.THERMAL, learned_at=learned, stated=stated)
    due = {key: one.due_at for key, one in clocks(made, learned).items()}
    if injured:
        assert due["RCL-20"] == learned + timedelta(hours=6)
        assert due["RCL-22"] == learned + timedelta(hours=48)
    else:
        assert due["RCL-21"] == learned + timedelta(hours=12)


def test_while_nobody_knows_of_casualties_the_shorter_clock_is_shown(light):
    assert clocks(burning(light), MONDAY)["RCL-20"].due_at == MONDAY.replace(hour=9)


def test_worked_case_5_through_the_platform(light, reviewers):
    made = burning(light, injured=1)
    basic = send(light, made, Series.NEV_BASIC)
    assert [one.authority.kind for one in basic.copies.all()] == ["samr"], "NEV19 tells SAMR"
    assert basic.copies.get().due_at == MONDAY.replace(hour=9)
    light.now = MONDAY + timedelta(hours=49)
    full = send(light, made, Series.NEV_FULL)
    now = light.now
    shown = clocks(made, now)
    assert shown["RCL-20"].is_done
    assert not shown["RCL-20"].is_late(now)
    assert shown["RCL-22"].is_late(now), "sent an hour too late"
    (late,) = assessing.late(assessing.evaluate(made, now=now))
    assert (late.rule_id, late.rule.source.named()["instrument"]) == ("RCL-22", "NEV19")
    assert not made.owes
    with pytest.raises(errors.NotOwed):
        send(light, made, Series.INCIDENT)
    acknowledge(light, basic, reviewers[Kind.SAMR])
    waiting = services.still_open(made, light.now)
    assert waiting == [f"{full.number} (samr)"]


def test_promptly_has_no_number_but_the_own_level(light):
    made = happening.incident(light)
    assert {one.due_at for one in clocks(made, light.now).values()} == {None}
    services.set_levels(
        prompt_hours=24,
        immediate_hours=None,
        similar_threshold=None,
        clock_start="learned",
        actor=light.actor(Role.COMPLIANCE_OFFICER),
        at=light.tick(),
    )
    shown = clocks(made, light.now)["N45-10.miit"]
    assert (shown.due_at, shown.own_at) == (None, made.learned_at + timedelta(hours=24))
    assert not shown.is_late(light.now + timedelta(days=9)), "the law's clock is not ours"
    assert shown.is_past_own(light.now + timedelta(days=9))


def test_both_authorities_get_the_same_digest(light, reviewers):
    car = roads.register(light, 1)[0]
    made = happening.incident(light, car, stated={"weather": "rain"})
    report = send(light, made)
    assert {one.authority.kind for one in report.copies.all()} == {"miit", "samr"}
    assert report.content["vehicle"]["vin"] == happening.vin(car)
    assert report.content["software"][0]["version"] == "1.0.0"
    assert set(report.content["known_since"]) == set(made.known)
    for actor in reviewers.values():
        copy = acknowledge(light, report, actor)
        assert (copy.state, copy.sha256) == (CopyState.ACKNOWLEDGED, report.sha256)
    logged = [
        bytes(one.body).decode() for one in Entry.objects.filter(event="incident:acknowledged")
    ]
    assert len(logged) == 2
    assert all(report.sha256 in one for one in logged)


def test_an_acknowledgement_is_signed_and_verifies_without_us(light, reviewers):
    report = send(light, happening.incident(light))
    copy = Copy.objects.select_related("report", "authority").get(
        report=report, authority__kind="miit"
    )
    with pytest.raises(WrongPassphrase):
        acknowledging.acknowledge(
            copy_id=copy.pk,
            actor=reviewers[Kind.MIIT],
            at=light.tick(),
            **signed(light) | {"passphrase": "no"},
        )
    copy.refresh_from_db()
    assert (copy.state, copy.envelope) == (CopyState.SENT, "")
    copy = acknowledge(light, report, reviewers[Kind.MIIT])
    assert acknowledging.signature(copy).is_valid
    told = receipts.told(report.incident, 0)
    (found,), unsigned = receipts.check(told, lambda _entry: True)
    assert (found.report, found.authority, unsigned) == (report.number, "miit", 0)
    for one in told:
        one["acknowledgements"][0]["authority"] = "samr"
    with pytest.raises(receipts.WrongReceipt, match="not the authority's key"):
        receipts.check(told, lambda _entry: True)
    other = receipts.told(report.incident, 0)
    other[0]["content"]["stated"] = {"injured": 0}
    with pytest.raises(receipts.WrongReceipt, match="altered"):
        receipts.check(other, lambda _entry: True)
    Copy.objects.filter(pk=copy.pk).update(envelope=copy.envelope.replace("sig", "gis", 1))
    copy.refresh_from_db()
    assert not acknowledging.signature(copy).is_valid


def test_another_version_needs_a_reason_and_a_change(light, reviewers):
    made = happening.incident(light)
    first = send(light, made)
    with pytest.raises(errors.ReasonMissing):
        send(light, made)
    with pytest.raises(errors.UnchangedReport):
        send(light, made, reason="Once more.")
    services.say(
        incident_id=made.pk,
        stated={"injured": 2},
        learned_at=light.now,
        actor=light.actor(Role.SAFETY),
        at=light.tick(),
    )
    second = send(light, made, reason="Two people were hurt.")
    assert (second.version, second.content["prior"]) == (2, first.sha256)
    assert digest(first.content) == first.sha256, "the first one is as it was"
    assert assessing.evaluate(made, now=light.now).finding("INC-09").outcome == "met"


def test_what_was_stated_differently_needs_a_reason(light):
    made = happening.incident(light, stated={"weather": "rain"})
    given = {"learned_at": light.now, "actor": light.actor(Role.SAFETY)}
    with pytest.raises(errors.ReasonMissing):
        services.say(incident_id=made.pk, stated={"weather": "fog"}, at=light.tick(), **given)
    with pytest.raises(errors.NothingNew):
        services.say(incident_id=made.pk, stated={"weather": "rain"}, at=light.tick(), **given)


def test_an_incident_closes_only_when_both_have_acknowledged(light, reviewers):
    made = happening.incident(light)
    safety, officer = light.actor(Role.SAFETY), light.actor(Role.COMPLIANCE_OFFICER)
    services.qualify(
        incident_id=made.pk, stated={}, learned_at=light.now, actor=safety, at=light.tick()
    )
    with pytest.raises(errors.NotInvestigated):
        services.conclude(incident_id=made.pk, actor=safety, at=light.tick())
    for sort in (Sort.ROOT_CAUSE, Sort.MEASURE):
        investigating.write(
            incident_id=made.pk, sort=sort, text=str(sort), actor=safety, at=light.tick()
        )
    services.conclude(incident_id=made.pk, actor=safety, at=light.tick())
    with pytest.raises(errors.NotAcknowledged):
        services.close(incident_id=made.pk, actor=officer, at=light.tick())
    report = send(light, made)
    acknowledge(light, report, reviewers[Kind.SAMR])
    assert assessing.evaluate(made, now=light.now).finding("INC-03").outcome == "broken"
    with pytest.raises(errors.NotAcknowledged, match="miit"):
        services.close(incident_id=made.pk, actor=officer, at=light.tick())
    acknowledge(light, report, reviewers[Kind.MIIT])
    question = asking.ask(
        incident_id=made.pk, text="Which road?", actor=reviewers[Kind.MIIT], at=light.tick()
    )
    with pytest.raises(errors.NotAcknowledged, match="question"):
        services.close(incident_id=made.pk, actor=officer, at=light.tick())
    asking.answer(question_id=question.pk, text="G42.", actor=safety, at=light.tick())
    closed = services.close(incident_id=made.pk, actor=officer, at=light.tick())
    assert closed.state == State.CLOSED
    again = services.reopen(
        incident_id=made.pk, reason="It came back.", actor=safety, at=light.tick()
    )
    assert (again.state, again.closed_at) == (State.OPEN, None)


def test_an_authority_acknowledges_and_asks_only_about_its_own(light, stranger, reviewers):
    made = burning(light, injured=1)
    basic = send(light, made, Series.NEV_BASIC)
    miit = reviewers[Kind.MIIT]
    with pytest.raises(errors.NoSuchReport):
        acknowledging.acknowledge(
            copy_id=basic.copies.get().pk, actor=miit, at=light.tick(), **signed(light)
        )
    with pytest.raises(errors.NoSuchIncident):
        asking.ask(incident_id=made.pk, text="x", actor=miit, at=light.tick())
    with pytest.raises(errors.NoSuchReport):
        acknowledging.acknowledge(
            copy_id=basic.copies.get().pk,
            actor=light.actor(Role.SAFETY),
            at=light.tick(),
            **signed(light),
        )
    question = asking.ask(
        incident_id=made.pk, text="Who?", actor=reviewers[Kind.SAMR], at=light.tick()
    )
    with pytest.raises(errors.NoSuchQuestion):
        asking.answer(
            question_id=question.pk, text="x", actor=stranger[Role.SAFETY], at=light.tick()
        )
    with pytest.raises(errors.NoSuchIncident):
        reporting.report(
            incident_id=made.pk,
            series=Series.NEV_FULL,
            actor=stranger[Role.SAFETY],
            at=light.tick(),
        )


def test_two_incidents_that_are_one_are_merged_and_separated(light):
    one, other = happening.incident(light), happening.incident(light)
    safety = light.actor(Role.SAFETY)
    given = {"reason": "The same event.", "actor": safety}
    merged = services.merge(incident_id=other.pk, into_number=one.number, at=light.tick(), **given)
    assert (merged.state, merged.merged_into, merged.owes) == (State.MERGED, one, False)
    assert len(queries.accounts(one)) == 2, "one incident, two accounts"
    assert list(queries.incidents(safety, now=light.now)) == [one]
    with pytest.raises(errors.NotTheSame):
        services.merge(incident_id=one.pk, into_number=other.number, at=light.tick(), **given)
    apart = services.separate(incident_id=other.pk, at=light.tick(), **given)
    assert (apart.state, apart.merged_into, apart.owes) == (State.NEW, None, True)
    assert len(queries.accounts(one)) == 1


def test_only_the_compliance_officer_sets_an_incident_aside(light):
    made = happening.incident(light)
    with pytest.raises(WrongRole):
        services.set_aside(
            incident_id=made.pk, reason="Test drive.", actor=light.actor(Role.SAFETY), at=light.now
        )
    officer = light.actor(Role.COMPLIANCE_OFFICER)
    aside = services.set_aside(
        incident_id=made.pk, reason="A test drive.", actor=officer, at=light.tick()
    )
    assert (aside.state, aside.owes) == (State.SET_ASIDE, False)
    back = services.take_back(
        incident_id=made.pk, reason="It was not.", actor=officer, at=light.tick()
    )
    assert (back.state, back.owes) == (State.NEW, True)


def test_so_many_similar_events_open_a_defect_analysis(light):
    services.set_levels(
        prompt_hours=None,
        immediate_hours=None,
        similar_threshold=2,
        clock_start="learned",
        actor=light.actor(Role.SAFETY),
        at=light.tick(),
    )
    made = happening.incident(light)
    assert assessing.evaluate(made, now=light.now).finding("INC-08").outcome == "not-applicable"
    happening.incident(light)
    assert assessing.evaluate(made, now=light.now).finding("INC-08").outcome == "broken"
    both = {"zh-hans": "匝道退出", "en": "Exits on ramps"}
    given = {"incident_id": made.pk, "title": both, "reason": both}
    number = defects.open_for(**given, actor=light.actor(Role.SAFETY), at=light.tick())
    made.refresh_from_db()
    assert made.defect_number == number
    assert assessing.evaluate(made, now=light.now).finding("INC-08").outcome == "met"
    with pytest.raises(errors.DefectOpen):
        defects.open_for(**given, actor=light.actor(Role.SAFETY), at=light.tick())
