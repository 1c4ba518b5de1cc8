"""The database sorts, counts, narrows and pages the work as the items themselves would."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from roadworthy.domains.filings.models import Obligation
from roadworthy.domains.organisations.roles import Kind as Party
from roadworthy.domains.organisations.roles import Role
from roadworthy.domains.worklists import queries, services, sources, table
from roadworthy.domains.worklists.items import BASIS, DUTIES, ROLES, Kind, Urgency
from roadworthy.domains.worklists.queries import Whose
from roadworthy.rules.answers import DueKind
from tests.world import START

TODAY = date(2025, 6, 3)
pytestmark = pytest.mark.django_db


@pytest.fixture
def owing(maker):
    """The manufacturer with duties of every kind of due, and of days around today."""
    days = (None, TODAY - timedelta(days=1), TODAY, TODAY + timedelta(days=9))
    Obligation.objects.bulk_create(
        Obligation(
            manufacturer_id=maker.cast.manufacturer_id,
            key=f"K-{number}",
            title={"zh-hans": f"义务{number}", "en": f"Duty 100% {number}"},
            due={"kind": str(due)} if due else {},
            due_on=days[number % len(days)],
            rule_id="OTA22-10",
            updated_at=START + timedelta(hours=number % 7),
        )
        for number, due in enumerate((None, *DueKind) * len(days))
    )
    return maker


def work(maker):
    return queries.work(maker.cast.manufacturer_id, Party.MANUFACTURER, today=TODAY)


def test_the_order_of_the_database_is_that_of_the_items(owing):
    found = work(owing)[:]
    assert {one.urgency(TODAY) for one in found} == set(Urgency)
    assert found == sorted(found, key=lambda one: one.order(TODAY))


def test_pages_are_parts_of_the_whole(owing):
    whole, found = work(owing)[:], work(owing)
    assert [*found[:7], *found[7:14], *found[14:]] == whole
    assert (found.count(), found[3], found[999:]) == (len(whole), whole[3], [])


def test_parts_are_what_the_items_say_of_themselves(owing):
    found = work(owing)[:]

    def keys(part):
        return [one.key for one in work(owing).only(part)[:]]

    soon = TODAY + timedelta(days=7)
    assert keys(table.LATE) == [one.key for one in found if one.is_late(TODAY)]
    assert keys(table.UNDATED) == [one.key for one in found if one.day is None]
    assert keys(table.due_between(TODAY, soon)) == [
        one.key for one in found if one.day and TODAY <= one.day <= soon
    ]
    assert keys(table.of_role(Role.RELEASE_ENGINEER)) == [
        one.key for one in found if Role.RELEASE_ENGINEER in one.roles
    ]
    counted = work(owing).counts(table.LATE, table.EVERYTHING)
    assert counted[Kind.OBLIGATION] == (
        sum(one.is_late(TODAY) for one in found if one.kind == Kind.OBLIGATION),
        sum(one.kind == Kind.OBLIGATION for one in found),
    )


@pytest.mark.parametrize(
    ("search", "hits"), [("100% 1", 11), ("100_", 0), ("义务", 36), ("ota22-10", 36), ("%", 36)]
)
def test_a_search_takes_its_signs_for_what_they_are(owing, search, hits):
    found = work(owing).only(table.of_kinds(DUTIES)).only(table.saying(search))[:]
    assert sum(one.kind == Kind.OBLIGATION for one in found) == hits


def test_work_is_found_by_who_has_it_and_by_the_words_of_its_task(owing):
    item = work(owing)[0]
    services.hand_over(
        item=item.key,
        to_user_id=owing.second.user_id,
        seen=0,
        actor=owing.actor(Role.HOMOLOGATION),
        at=owing.tick(),
    )
    assert [one.key for one in work(owing).only(table.saying("second"))[:]] == [item.key]
    mine = queries.part(owing.second, Whose.MINE)
    assert work(owing).only(mine).count() == 1


def test_two_thousand_pieces_of_work_cost_no_more_queries_than_few(owing):
    def asked():
        with CaptureQueriesContext(connection) as said:
            found = work(owing)
            rows, count = found[:20], found.count()
        return len(said), len(rows), count

    few = asked()
    pattern = Obligation.objects.filter(key="K-1").values().get()
    pattern.pop("id")
    Obligation.objects.bulk_create(
        Obligation(**pattern | {"key": f"M-{number}"}) for number in range(2000)
    )
    assert asked() == (few[0], few[1], few[2] + 2000)


def test_each_kind_of_work_has_a_source_a_role_and_a_reason():
    by_rule = {Kind.OBLIGATION, Kind.TYPE_DUTY, Kind.FINDING, Kind.RECALL_DUTY}
    published = {kind for found in sources.BY_PARTY.values() for kinds in found for kind in kinds}
    assert published == set(Kind) == set(ROLES)
    assert set(BASIS) == set(Kind) - by_rule
