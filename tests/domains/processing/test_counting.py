"""The counters of a year: nobody twice, nothing split, and never over, however many ask at once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from threading import Barrier

import pytest
from django.db import connection

from roadworthy.domains.ledger.models import Entry
from roadworthy.domains.organisations.roles import Kind
from roadworthy.domains.processing import counting, errors, exporting
from roadworthy.domains.processing.models import ExportedPerson, ExportRequest, ExportYear
from roadworthy.domains.processing.states import Outcome
from roadworthy.kernel.transitions import WrongRole
from roadworthy.law.rulebook import rulebook
from tests.domains.campaigns.conftest import people
from tests.flowing import CONTRACT, Maker

WRITERS = 100


def persons(first: int, count: int) -> list[str]:
    return [f"person-{number}" for number in range(first, first + count)]


def ask(maker, flow, who, **more):
    return counting.export(
        number=flow.number, persons=who, actor=maker.data, at=maker.tick(), **more
    )


def threshold(name: str) -> int:
    (value,) = rulebook().law.parameters[name].values
    return int(value.value)


@pytest.fixture
def tracks(maker):
    """A flow of tracks to Germany on a standard contract, for so many persons as are planned."""
    maker.ready("position")
    return maker.abroad("position", persons=100, precision_metres=500, **CONTRACT)


def test_a_person_counts_once_a_year(maker, tracks):
    first = ask(maker, tracks, persons(0, 10)).request
    again = ask(maker, tracks, persons(5, 10)).request
    assert (first.new, again.asked, again.new, again.sensitive_after) == (10, 10, 5, 15)
    maker.now = datetime(2027, 1, 4, 1, 0, tzinfo=UTC)
    assert ask(maker, tracks, persons(0, 10)).request.sensitive_after == 10, "a new year"


def test_who_it_is_stands_nowhere(maker, tracks):
    ask(maker, tracks, ["13800138000"])
    assert ExportedPerson.objects.count() == 1
    kept = [bytes(one.digest) for one in ExportedPerson.objects.all()]
    assert not [one for one in kept if b"13800138000" in one]
    assert "13800138000" not in "".join(bytes(e.body).decode() for e in Entry.objects.all())
    maker.now = datetime(2027, 1, 4, 1, 0, tzinfo=UTC)
    assert counting.forget_years(before=2027) == 1
    year = ExportYear.objects.get(year=2026)
    assert (bytes(year.salt), year.sensitive) == (b"", 1), "the number stays"


def test_the_same_reference_is_answered_once(maker, tracks):
    first = ask(maker, tracks, persons(0, 3), reference="job-1")
    again = ask(maker, tracks, persons(3, 3), reference="job-1")
    assert (again.repeated, again.request.pk) == (True, first.request.pk)
    assert ExportYear.objects.get().sensitive == 3


def test_what_reaches_the_number_is_denied_whole_and_not_counted(maker, tracks):
    limit = threshold("export_assessment_sensitive_persons")
    assert ask(maker, tracks, persons(0, limit - 1)).request.allowed
    denied = ask(maker, tracks, persons(limit, 5)).request
    assert (denied.allowed, denied.outcome, denied.rules) == (False, Outcome.DENIED, ["DAT-13"])
    assert denied.sensitive_after == limit - 1
    assert ask(maker, tracks, persons(0, 20)).request.allowed, "they are counted already"


def test_to_split_over_recipients_or_a_subsidiary_changes_nothing(maker, other):
    limit = threshold("export_assessment_sensitive_persons")
    group = exporting.form_group(name="Starway Group", actor=maker.officer, at=maker.tick())
    flows = []
    for one, to in ((maker, "hq"), (maker, "partner"), (other, "hq")):
        if to == "hq":
            one.ready("position")
        flows.append(
            (one, one.abroad("position", persons=10, to=to, precision_metres=1, **CONTRACT))
        )
    third = limit // 3
    assert ask(*flows[0], persons(0, third)).request.allowed
    assert ask(*flows[1], persons(third, third)).request.allowed
    assert ask(*flows[2], persons(9 * limit, third)).request.allowed, "another company, as yet"
    exporting.join_group(code=group.code, actor=other.officer, at=other.tick())
    denied = ask(*flows[2], persons(8 * limit, third)).request
    assert (denied.allowed, denied.counter.party) == (False, f"group/{group.pk}")
    assert not ask(*flows[0], persons(7 * limit, third)).request.allowed


def test_only_an_approved_export_counts(maker, tracks):
    maker.ready("account")
    inside = maker.approve("account")
    with pytest.raises(errors.NotAnExport):
        ask(maker, inside, ["a"])
    draft = maker.draft("account", **maker.going_abroad(persons=3))
    with pytest.raises(errors.FlowNotApproved):
        ask(maker, draft, ["a"])
    with pytest.raises(errors.NoPersons):
        ask(maker, tracks, [" "])
    with pytest.raises(WrongRole):
        counting.export(number=tracks.number, persons=["a"], actor=maker.officer, at=maker.tick())


@pytest.mark.django_db(transaction=True)
def test_a_hundred_writers_at_the_threshold_are_never_over(transactional_db):
    """Each brings a person of its own; eleven more fit. Exactly eleven get through."""
    manufacturer_id, actors = people(Kind.MANUFACTURER, "starway", None)
    maker = Maker(manufacturer_id, actors)
    maker.state()
    maker.ready("position")
    flow = maker.abroad("position", persons=100, precision_metres=500, **CONTRACT)
    limit, room = threshold("export_assessment_sensitive_persons"), 11
    ask(maker, flow, persons(0, limit - 1 - room))
    at, together = maker.tick(), Barrier(10)

    def write(number: int) -> bool:
        if number < 10:
            together.wait()
        try:
            answer = counting.export(
                number=flow.number, persons=[f"late-{number}"], actor=maker.data, at=at
            )
        finally:
            connection.close()
        return answer.request.allowed

    with ThreadPoolExecutor(max_workers=10) as pool:
        allowed = list(pool.map(write, range(WRITERS)))
    year = ExportYear.objects.get()
    assert (sum(allowed), year.sensitive) == (room, limit - 1)
    assert ExportedPerson.objects.filter(sensitive=True).count() == year.sensitive
    assert ExportRequest.objects.count() == WRITERS + 1
    assert max(ExportRequest.objects.values_list("sensitive_after", flat=True)) < limit
