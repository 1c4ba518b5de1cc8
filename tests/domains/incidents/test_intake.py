"""How an incident comes in, what is known of it since when, and who may know it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from roadworthy.domains.incidents import errors, intake, likeness, queries
from roadworthy.domains.incidents.intake import Told
from roadworthy.domains.incidents.models import AccountVersion, Incident, Known
from roadworthy.domains.incidents.states import Channel, State, Trigger
from roadworthy.domains.ledger.models import Entry
from roadworthy.domains.organisations.roles import Role
from roadworthy.domains.vehicles import reporting
from roadworthy.domains.vehicles.models import Vehicle
from tests import happening, telling
from tests.domains.campaigns import roads
from tests.world import ECU, NEW, OLD


@pytest.fixture
def cars(light) -> list[int]:
    return roads.register(light, 3)


def told(light, **given) -> Told:
    at = given.pop("learned_at", light.now)
    return Told(**({"trigger": Trigger.COLLISION, "words": "x", "learned_at": at} | given))


def test_an_incident_has_a_number_and_waits_to_be_qualified(light, cars):
    made = happening.incident(light, cars[0])
    assert (made.number, made.state) == (f"IN-2025-{made.pk:05d}", State.NEW)
    assert made.kinds == ["disengagement"], "what the trigger is before the law"
    assert made.owes, "promptly: owed from the first minute"
    assert made.next_due_at is None, "and no number is made of it"


def test_what_its_own_id_names_is_taken_once(light, cars):
    actor = light.actor(Role.SAFETY)
    sent = told(light, vin=happening.vin(cars[0]), external_id="TSP-1")
    first, is_new = intake.enter(told=sent, actor=actor, at=light.tick(), channel=Channel.SYSTEM)
    again, is_new_again = intake.enter(
        told=sent, actor=actor, at=light.tick(), channel=Channel.SYSTEM
    )
    assert (is_new, is_new_again) == (True, False)
    assert first.pk == again.pk
    assert Incident.objects.count() == 1


def test_a_corrected_account_keeps_its_versions_and_why(light, cars):
    made = happening.incident(light, cars[0], stated={"injured": 0})
    ((account, _),) = queries.accounts(made)
    intake.correct(
        account_id=account.pk,
        words="One person was hurt.",
        stated={"injured": 1},
        reason="The hospital called.",
        learned_at=light.now,
        actor=light.actor(Role.SAFETY),
        at=light.tick(),
    )
    ((_, versions),) = queries.accounts(made)
    assert [(one.number, one.reason) for one in versions] == [(1, ""), (2, "The hospital called.")]
    made.refresh_from_db()
    assert made.casualties is True
    told_of = [(one.value, one.reason) for one in queries.known(made) if one.name == "injured"]
    assert told_of == [(0, ""), (1, "The hospital called.")]
    with pytest.raises(errors.ReasonMissing):
        intake.correct(
            account_id=account.pk,
            words="y",
            stated={},
            reason=" ",
            learned_at=light.now,
            actor=light.actor(Role.SAFETY),
            at=light.tick(),
        )


def test_what_was_known_when_can_be_asked(light, cars):
    made = happening.incident(light, cars[0])
    then = light.now
    ((account, _),) = queries.accounts(made)
    light.tick(hours=3)
    intake.correct(
        account_id=account.pk,
        words="More",
        stated={"weather": "rain"},
        reason="The recorder says so.",
        learned_at=light.now,
        actor=light.actor(Role.SAFETY),
        at=light.tick(),
    )
    assert "weather" not in {one.name for one in queries.known(made, at=then)}
    assert "weather" in {one.name for one in queries.known(made)}


def test_statements_and_versions_are_only_ever_added_to(light, cars):
    from django.db import IntegrityError, transaction

    happening.incident(light, cars[0])
    for model in (Known, AccountVersion):
        with pytest.raises(IntegrityError, match="only ever added"), transaction.atomic():
            model.objects.update(at=light.now)
        with pytest.raises(IntegrityError, match="only ever added"), transaction.atomic():
            model.objects.all().delete()


def test_what_ran_at_the_moment_is_what_was_written_down_before_it(light, cars):
    at = light.tick(hours=1)
    reporting.record_ecu_report(
        vehicle_id=cars[0], ecu_name=ECU, version=NEW, actor=light.actor(Role.HOMOLOGATION), at=at
    )
    light.tick(hours=1)
    before = happening.incident(light, cars[0], stated={"occurred_at": at - timedelta(minutes=5)})
    after = happening.incident(light, cars[0], stated={"occurred_at": at + timedelta(minutes=5)})
    (old,), (new,) = queries.ran(before), queries.ran(after)
    assert (old.version, old.basis) == (OLD, "set")
    assert (new.version, new.basis, new.known_at) == (NEW, "vehicle", at)


@pytest.mark.parametrize(
    ("given", "wrong"),
    [
        ({"vin": "LTVAAAAA0SA999999"}, errors.NotTheVehicle),
        ({"type_code": "NONE"}, errors.NotThisType),
        ({}, errors.VehicleOrType),
        ({"type_code": "ALPHA", "words": " "}, errors.WordsMissing),
        ({"type_code": "ALPHA", "stated": {"colour": "red"}}, errors.NoSuchField),
        ({"type_code": "ALPHA", "stated": {"injured": -1}}, errors.WrongValue),
        ({"type_code": "ALPHA", "stated": {"occurred_at": "2025-06-03"}}, errors.WrongValue),
        (
            {"type_code": "ALPHA", "stated": {"occurred_at": "2026-06-03T10:00+08:00"}},
            errors.HappenedLater,
        ),
    ],
)
def test_what_cannot_be_is_refused_by_name(light, given, wrong):
    with pytest.raises(wrong):
        intake.enter(told=told(light, **given), actor=light.actor(Role.SAFETY), at=light.tick())
    assert not Incident.objects.exists()


def test_nobody_learns_in_the_future(light):
    later = told(light, type_code="ALPHA", learned_at=light.now + timedelta(days=1))
    with pytest.raises(errors.LearnedLater):
        intake.enter(told=later, actor=light.actor(Role.SAFETY), at=light.now)


def test_others_neither_enter_nor_find_an_incident(light, stranger, cars):
    made = happening.incident(light, cars[0])
    for actor in (
        light.actor(Role.MARKETING),
        light.actor(Role.AFTER_SALES),
        stranger[Role.SAFETY],
    ):
        with pytest.raises(errors.NoSuchIncident):
            queries.incident(actor, made.pk)
        assert not queries.incidents(actor, now=light.now)
    with pytest.raises(errors.NotYours):
        intake.enter(
            told=told(light, type_code="ALPHA"), actor=light.actor(Role.AFTER_SALES), at=light.now
        )


def test_the_ledger_names_no_vehicle_and_no_words(light, cars):
    made = happening.incident(light, cars[0], stated={"place": "沪宁高速 K88"})
    bodies = "".join(
        bytes(one.body).decode() for one in Entry.objects.filter(subject=f"incident/{made.pk}")
    )
    assert "incident:learned" in bodies
    for secret in (Vehicle.objects.get(pk=cars[0]).vin, "匝道", "K88"):
        assert secret not in bodies


def test_incidents_are_counted_by_what_they_share(light, cars):
    function = telling.function(light)
    for car in cars:
        happening.incident(light, car, function_code=function.code)
    happening.incident(light, cars[0], Trigger.COLLISION)
    by = queries.counts_by(light.cast.manufacturer_id, ["function", "trigger"])
    assert [(one.key["trigger"], one.incidents, one.vehicles) for one in by] == [
        ("disengagement", 3, 3),
        ("collision", 1, 1),
    ]
    (one,) = queries.counts_by(
        light.cast.manufacturer_id, ["version", "month"], trigger="disengagement"
    )
    assert (one.key["version"], one.incidents, one.key["month"].month) == (OLD, 3, 6)
    rows = list(queries.rows_for_signals(light.cast.manufacturer_id))
    assert [one.function_id for one in rows] == [function.pk] * 3 + [None]
    assert set(rows[0].versions.values()) == {OLD}
    assert not list(queries.rows_for_signals(0))


def test_similar_incidents_share_words_and_things(light, cars):
    function = telling.function(light).code
    first = happening.incident(light, cars[0], function_code=function)
    near = happening.incident(
        light, cars[1], words="汇入匝道时系统退出，偏离车道。", function_code=function
    )
    english = happening.incident(
        light, cars[2], Trigger.OTHER, words="The display went dark while parking."
    )
    far = happening.incident(light, 0, Trigger.OTHER, words="座椅加热不工作。")
    like = likeness.of(first)
    assert like[0].incident == near
    assert like[0].function
    assert like[0].version
    assert like[0].words > 30
    assert far not in [one.incident for one in like]
    wordless = happening.incident(light, cars[2], words="……", function_code=function)
    assert {one.incident for one in likeness.of(wordless)} >= {first, near}, "no words, no fault"
    twin = happening.incident(light, 0, Trigger.OTHER, words="Display dark while parking the car.")
    assert next(one for one in likeness.of(twin)).incident == english
