"""Reports fulfil their duties when every authority has them; readings change what is answered."""

from __future__ import annotations

import pytest

from roadworthy.domains.filings import assessment, questions, rule_readings, services
from roadworthy.domains.filings.dossiers import Amendment
from roadworthy.domains.filings.errors import (
    EmptyText,
    NoSuchFiling,
    NoSuchQuestion,
    NoSuchReading,
    NotAmendable,
    NothingToReport,
    NotUnderReview,
    OpenQuestions,
)
from roadworthy.domains.filings.models import Filing, Obligation
from roadworthy.domains.filings.states import Kind, QuestionState, State
from roadworthy.domains.ledger.models import Entry
from roadworthy.domains.organisations.actors import PLATFORM, witnessed
from roadworthy.domains.organisations.roles import Role
from roadworthy.kernel.calendar import legal_day
from roadworthy.kernel.transitions import WrongRole, WrongState
from tests.world import World

REPORT = {
    "figures": {"campaigns": []},
    "problems": "none",
    "measures": "none",
    "conclusion": "All vehicles run it.",
}


def report(world: World, release_id: int) -> tuple[Filing, ...]:
    return services.prepare(
        kind=Kind.IMPLEMENTATION_REPORT,
        manufacturer_id=world.cast.manufacturer_id,
        details=REPORT,
        release_id=release_id,
        actor=world.actor(Role.HOMOLOGATION),
        at=world.tick(),
    )


def complete(world: World, release_id: int) -> None:
    from django.db import transaction

    with transaction.atomic():
        services.reassess(
            release_id,
            stated={
                "started_on": legal_day(world.now),
                "completed_on": legal_day(world.now),
            },
            by=witnessed(PLATFORM),
            at=world.tick(),
        )


def test_the_duty_to_report_is_fulfilled_when_both_have_the_report(world: World) -> None:
    release = world.released()
    complete(world, release.pk)

    def is_open() -> bool:
        found = Obligation.objects.filter(release=release, rule_id="OTA22-10")
        assert found.exists()
        return found.filter(fulfilled_at__isnull=True).exists()

    assert is_open()
    miit, samr = report(world, release.pk)
    assert (miit.number[:2], samr.number[:4]) == ("IR", "S-IR")
    world.submit(miit)
    assert is_open()
    world.submit(samr)
    assert not is_open()


def test_nothing_is_reported_before_vehicles_accept_the_release(world: World) -> None:
    with pytest.raises(NothingToReport):
        report(world, world.frozen().pk)


def test_an_amendment_makes_nothing_late_that_was_in_time(world: World) -> None:
    release = world.released()
    before = assessment.facts(release, at=world.now, stated={})
    accepted = Filing.objects.get(dossier__release=release, authority__kind="samr")
    world.tick(days=20)
    pair = services.prepare(
        kind=Kind.ACTIVITY,
        manufacturer_id=world.cast.manufacturer_id,
        details={**accepted.dossier.content["details"], "schedule": "four groups"},
        release_id=release.pk,
        amendment=Amendment(accepted.pk, "One more group."),
        actor=world.actor(Role.HOMOLOGATION),
        at=world.tick(),
    )
    with pytest.raises(NotAmendable):  # one at a time
        services.prepare(
            kind=Kind.ACTIVITY,
            manufacturer_id=world.cast.manufacturer_id,
            details=accepted.dossier.content["details"],
            release_id=release.pk,
            amendment=Amendment(accepted.pk, "Another."),
            actor=world.actor(Role.HOMOLOGATION),
            at=world.tick(),
        )
    for one in pair:
        world.accept(world.submit(one))
    after = assessment.facts(release, at=world.now, stated={})
    for name in ("samr_package_submitted_on", "activity_submitted_on", "samr_filing"):
        assert after[name] == before[name]


def test_the_reading_is_a_fact_and_is_the_compliance_officers_choice(world: World) -> None:
    release = world.frozen()
    assert rule_readings.chosen(world.cast.manufacturer_id) == "lead_time"
    with pytest.raises(WrongRole):
        rule_readings.choose(
            reading="window", actor=world.actor(Role.HOMOLOGATION), at=world.tick()
        )
    officer = world.actor(Role.COMPLIANCE_OFFICER)
    with pytest.raises(NoSuchReading):
        rule_readings.choose(reading="whenever", actor=officer, at=world.tick())
    rule_readings.choose(reading="window", actor=officer, at=world.tick())
    facts = assessment.facts(release, at=world.now, stated={})
    assert facts["samr_package_reading"] == "window"
    assert Entry.objects.filter(event="rules:reading-chosen").exists()


def test_a_question_holds_an_acceptance_and_is_between_the_two(world: World) -> None:
    miit, samr = (world.submit(one) for one in world.prepare(Kind.CAPABILITY))
    reviewer, officer = world.actor(Role.MIIT_REVIEWER), world.actor(Role.HOMOLOGATION)
    with pytest.raises(EmptyText):
        questions.ask(filing_id=miit.pk, text="  ", actor=reviewer, at=world.tick())
    with pytest.raises(NoSuchFiling):
        questions.ask(filing_id=samr.pk, text="Why?", actor=reviewer, at=world.tick())
    with pytest.raises(NoSuchFiling):
        questions.ask(filing_id=miit.pk, text="Why?", actor=officer, at=world.tick())
    first = questions.ask(filing_id=miit.pk, text="Why?", actor=reviewer, at=world.tick())
    second = questions.ask(filing_id=miit.pk, text="Who?", actor=reviewer, at=world.tick())
    with pytest.raises(OpenQuestions):
        world.accept(miit)
    with pytest.raises(NoSuchQuestion):
        questions.take_back(
            question_id=first.pk, actor=world.actor(Role.SAMR_REVIEWER), at=world.tick()
        )
    with pytest.raises(WrongRole):
        questions.take_back(question_id=first.pk, actor=officer, at=world.tick())
    questions.answer(question_id=first.pk, text="Because.", actor=officer, at=world.tick())
    with pytest.raises(WrongState):
        questions.answer(question_id=first.pk, text="Or so.", actor=officer, at=world.tick())
    questions.take_back(question_id=second.pk, actor=reviewer, at=world.tick())
    assert [one.state for one in questions.of_filing(miit)] == [
        QuestionState.ANSWERED,
        QuestionState.TAKEN_BACK,
    ]
    world.accept(miit)
    with pytest.raises(NotUnderReview):
        questions.ask(filing_id=miit.pk, text="Late?", actor=reviewer, at=world.tick())
    said = b"".join(bytes(one.body) for one in Entry.objects.all())
    assert b"Because." not in said


def test_a_note_stays_with_its_authority_and_out_of_the_log(world: World) -> None:
    miit, samr = (world.submit(one) for one in world.prepare(Kind.CAPABILITY))
    reviewer = world.actor(Role.MIIT_REVIEWER)
    entries = Entry.objects.count()
    questions.note(filing_id=miit.pk, text="Thin.", actor=reviewer, at=world.tick())
    assert Entry.objects.count() == entries
    assert [one.text for one in questions.notes(miit.authority_id, miit)] == ["Thin."]
    with pytest.raises(NoSuchFiling):
        questions.notes(samr.authority_id, miit)
    for other in (Role.SAMR_REVIEWER, Role.HOMOLOGATION):
        with pytest.raises(NoSuchFiling):
            questions.note(
                filing_id=miit.pk, text="Mine.", actor=world.actor(other), at=world.tick()
            )
    assert miit.state == State.SUBMITTED
