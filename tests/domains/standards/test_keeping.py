"""MIIT keeps the catalogue; the platform carries out what a day brings; analyses are handed in."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from roadworthy.domains.ledger.models import Entry as LedgerEntry
from roadworthy.domains.organisations.roles import Kind, Role
from roadworthy.domains.standards import (
    analysis,
    asking,
    bundle,
    entries,
    errors,
    queries,
    services,
    targets,
)
from roadworthy.domains.standards.entries import Entry, Link, Place
from roadworthy.domains.standards.models import Change, Standard
from roadworthy.domains.standards.states import Action
from roadworthy.domains.standards.targets import Counting
from roadworthy.kernel.transitions import WrongState
from roadworthy.law.evaluation import Outcome
from tests.domains.campaigns.conftest import people
from tests.domains.standards.conftest import NOW

pytestmark = pytest.mark.django_db
PLACE = (Place("iov-security/2022/5.3", source="x", grade="C"),)


@pytest.fixture(autouse=True)
def _loaded(catalogue):
    """The bundled catalogue stands in the way as it would."""


@pytest.fixture
def miit(db):
    return people(Kind.MIIT, "miit", None)[1][Role.MIIT_REVIEWER]


@pytest.fixture
def maker(db):
    return people(Kind.MANUFACTURER, "maker", "MAKER")[1]


def entry(number="GB 95001-2026", **more):
    told = {"number": number, "kind": "mandatory", "state": "planned", "source": "x", "grade": "C"}
    return Entry(**{**told, "title_zh": "试验", "places": PLACE, **more})


def at(day):
    return datetime.combine(day, datetime.min.time(), UTC).replace(hour=1)


def test_a_life_is_walked_through_with_its_days_and_each_step_is_in_the_ledger(miit):
    made = services.enter(entry=entry(), actor=miit, at=NOW)
    walk = [
        (Action.DRAFT, {}),
        (Action.INVITE, {"on": date(2026, 11, 3), "until": date(2026, 12, 3)}),
        (Action.APPROVE, {"on": date(2027, 1, 1)}),
        (Action.PUBLISH, {"on": date(2027, 2, 1), "until": date(2027, 8, 1)}),
    ]
    for action, days in walk:
        made = services.move(action=action, standard_id=made.pk, actor=miit, at=NOW, **days)
    assert (made.state, made.in_force_on) == ("published", date(2027, 8, 1))
    about = LedgerEntry.objects.filter(subject=f"standard/{made.pk}")
    assert about.count() == 1 + len(walk)
    assert Change.objects.filter(standard=made, what="state").count() == len(walk)
    assert services.carry_out(at=at(date(2027, 7, 31))) >= 0
    made.refresh_from_db()
    assert made.state == "published"
    services.carry_out(at=at(date(2027, 8, 1)))
    made.refresh_from_db()
    assert made.state == "in-force"
    with pytest.raises(WrongState):
        services.move(action=Action.DRAFT, standard_id=made.pk, actor=miit, at=NOW)


def test_what_a_day_brings_is_carried_out_once():
    day = at(date(2027, 7, 1))
    services.carry_out(at=day)
    assert Standard.objects.get(number="GB/T 44721-2024").state == "superseded"
    assert Standard.objects.get(number="GB 44721-2026").state == "in-force"
    assert services.carry_out(at=day) == 0


def test_a_step_without_its_day_or_with_an_impossible_one_changes_nothing(miit):
    made = services.enter(entry=entry(), actor=miit, at=NOW)
    for days, wrong in (
        ({}, errors.DateMissing),
        ({"on": date(2027, 1, 1)}, errors.DateMissing),
        ({"on": date(2027, 1, 1), "until": date(2026, 1, 1)}, errors.DatesOutOfOrder),
    ):
        with pytest.raises(wrong):
            services.move(action=Action.PUBLISH, standard_id=made.pk, actor=miit, at=NOW, **days)
    made.refresh_from_db()
    assert (made.state, made.published_on) == ("planned", None)


@pytest.mark.parametrize(
    ("more", "wrong"),
    [
        ({"places": ()}, errors.WithoutPlace),
        ({"places": (Place("no/such/1.1"),)}, errors.NoSuchPlace),
        ({"source": " "}, errors.SourceMissing),
        ({"grade": "E"}, errors.WrongGrade),
        ({"kind": "recommended"}, errors.WrongKind),
        ({"state": "lost"}, errors.WrongState),
        ({"number": "GB 44496-2024"}, errors.NumberTaken),
        ({"supersedes": (Link("GB 95001-2026"),)}, errors.Cycle),
        ({"supersedes": (Link("GB 1-1900"),)}, errors.NoSuchPredecessor),
        (
            {"supersedes": (Link("GB 44496-2024"),), "in_force_on": date(2025, 1, 1)},
            errors.BeforePredecessor,
        ),
    ],
)
def test_what_is_not_right_is_refused_and_nothing_is_kept(miit, more, wrong):
    before = (Standard.objects.count(), Change.objects.count(), LedgerEntry.objects.count())
    with pytest.raises(wrong):
        services.enter(entry=entry(**more), actor=miit, at=NOW)
    after = (Standard.objects.count(), Change.objects.count(), LedgerEntry.objects.count())
    assert after == before


def test_a_predecessor_is_not_moved_behind_its_successor(miit):
    found = Standard.objects.get(number="GB/T 44721-2024")
    whole = entries.of(found)
    with pytest.raises(errors.BeforePredecessor):
        services.amend(
            standard_id=found.pk,
            entry=replace(whole, in_force_on=date(2028, 1, 1)),
            actor=miit,
            at=NOW,
        )


def test_what_somebody_worked_on_is_not_taken_back_by_the_next_version(miit):
    from roadworthy.domains.standards.models import Bundle

    found = Standard.objects.get(number="GB 7258")
    changed = replace(entries.of(found), title_en="Changed by hand")
    services.amend(standard_id=found.pk, entry=changed, actor=miit, at=NOW)
    Bundle.objects.update(digest="another version's")
    kept = bundle.load.__wrapped__(at=NOW)
    assert kept.changed == []
    found.refresh_from_db()
    assert found.title_en == "Changed by hand"


def test_another_role_keeps_nothing(maker):
    for role in (Role.SAFETY, Role.MARKETING):
        with pytest.raises(errors.NotYoursToChange):
            services.enter(entry=entry(), actor=maker[role], at=NOW)


def test_only_mandatory_standards_old_enough_are_analysed_and_what_is_handed_in_stays(maker):
    officer, day = maker[Role.COMPLIANCE_OFFICER], date(2026, 11, 2)
    young = Standard.objects.get(number="GB 44496-2024")
    old = Standard.objects.get(number="GB 39732-2020")
    advised = Standard.objects.get(number="GB/T 40857-2021")
    told = {"answers": {}, "about_on": day, "hand_in": False, "actor": officer, "at": NOW}
    for wrong in (young, advised):
        with pytest.raises(errors.NotEligible):
            services.write_analysis(standard_id=wrong.pk, **told)
    answers = {
        "scope_fits": {"value": "yes"},
        "new_products_missing": {"value": "yes", "words": "L3"},
        "references_valid": {"value": "unknown"},
        "compliance_rate": {"value": 98.5},
    }
    told["answers"] = answers
    services.write_analysis(standard_id=old.pk, **told)
    assert not analysis.handed_in(old.pk).exists()
    services.write_analysis(standard_id=old.pk, **{**told, "hand_in": True})
    with pytest.raises(errors.HandedIn):
        services.write_analysis(standard_id=old.pk, **told)
    by_name = {one.dimension: one for one in analysis.results(analysis.handed_in(old.pk))}
    fit = by_name[analysis.Dimension.APPLICABILITY]
    assert (fit.favourable, fit.unfavourable, fit.unknown, fit.share) == (1, 1, 3, 0.5)
    assert by_name[analysis.Dimension.IMPLEMENTATION].figures == {"compliance_rate": 98.5}
    assert by_name[analysis.Dimension.BENEFIT].share is None
    wrong = {"compliance_rate": {"value": 101}}
    with pytest.raises(errors.WrongAnswer):
        analysis.checked(wrong)


def test_the_targets_count_what_the_rule_of_counting_says():
    """Counted anew from the bundled files, by what their dates say."""
    first, second = targets.targets(Counting(), as_of=NOW.date())
    assert (first.wanted, second.wanted) == (50, 100)
    dated = {
        one.number
        for one in bundle.bundled()
        if any(place.path.startswith("iov-security/2022") for place in one.places)
        and one.kind in {"mandatory", "recommended", "sector"}
        and one.published_on is not None
        and one.published_on <= first.on
    }
    assert {one.number for one in first.certain} == dated
    assert first.outcome is Outcome.BROKEN
    later = targets.targets(Counting(older=False), as_of=NOW.date())[0]
    assert {one.number for one in later.certain} == {
        number for number in dated if "2022" in number or "2023" in number
    }
    assert len(targets.targets(Counting(series=False), as_of=NOW.date())[0].unsure) < len(
        first.unsure
    )


def test_the_rulebook_is_asked_about_a_standard_and_names_what_it_is_not_told():
    found = queries.standard(None, Standard.objects.get(number="GB/T 47325-2026").pk)
    told = asking.about(
        found, [], queries.standing(found.number, date(2026, 9, 30)).stands, date(2026, 9, 30)
    )
    outcomes = {one.rule_id: one.outcome for one in told.findings}
    assert outcomes["SYS-01"] is Outcome.MET
    assert outcomes["SYS-04"] is Outcome.MET
    assert outcomes["SYS-06"] is Outcome.NOT_APPLICABLE
    later = asking.about(
        found, [], queries.standing(found.number, date(2026, 10, 1)).stands, date(2026, 10, 1)
    )
    assert later.finding("SYS-06").outcome is Outcome.UNDETERMINED
    assert "standard_referenced_by_law" in later.missing
