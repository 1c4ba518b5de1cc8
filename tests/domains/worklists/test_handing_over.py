"""Whose work it is: by role, by person, for one organisation; handed over by one at a time."""

from __future__ import annotations

import threading
from datetime import date

import pytest
from django.db import DatabaseError, connections, transaction

from roadworthy.domains.ledger.models import Entry
from roadworthy.domains.organisations.roles import Kind as Party
from roadworthy.domains.organisations.roles import Role
from roadworthy.domains.worklists import errors, queries, services
from roadworthy.domains.worklists.items import ROLES, Kind, Urgency
from roadworthy.domains.worklists.models import Assignment
from roadworthy.domains.worklists.queries import Whose

TODAY = date(2025, 6, 3)
pytestmark = pytest.mark.django_db


def items(maker, actor=None, whose=Whose.ALL):
    who = actor or maker.actor(Role.HOMOLOGATION)
    return queries.items_of(who, Party.MANUFACTURER, today=TODAY, whose=whose)


def give(maker, item, to, *, by=None, seen=0):
    return services.hand_over(
        item=item.key,
        to_user_id=to.user_id,
        seen=seen,
        actor=by or maker.actor(Role.HOMOLOGATION),
        at=maker.tick(),
    )


def test_every_kind_of_work_has_somebody():
    assert set(ROLES) == set(Kind)
    assert all(ROLES.values())


def test_what_is_given_to_a_person_is_theirs_and_no_longer_the_roles(maker):
    item = items(maker)[0]
    give(maker, item, maker.second)
    assert [one.key for one in items(maker, maker.second, Whose.MINE)] == [item.key]
    assert item.key not in {one.key for one in items(maker, whose=Whose.ROLE)}
    assert item.key in {one.key for one in items(maker, whose=Whose.ALL)}
    assert item.key in {one.key for one in items(maker, maker.second, Whose.ROLE)}


def test_what_is_taken_back_is_the_roles_again_and_the_history_stays(maker):
    item = items(maker)[0]
    give(maker, item, maker.second)
    services.take_back(item=item.key, seen=1, actor=maker.actor(Role.HOMOLOGATION), at=maker.tick())
    assert item.key in {one.key for one in items(maker, whose=Whose.ROLE)}
    told = queries.history(maker.cast.manufacturer_id, item)
    assert [(one.by, one.to) for one in told] == [("homologation", ""), ("homologation", "Second")]


def test_an_assignment_is_never_changed_or_removed(maker):
    item = items(maker)[0]
    give(maker, item, maker.second)
    for wrong in (
        lambda: Assignment.objects.update(to=None),
        lambda: Assignment.objects.all().delete(),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            wrong()


def test_the_ledger_knows_no_person(maker):
    item = items(maker)[0]
    give(maker, item, maker.second)
    entry = Entry.objects.get(event="work:handed-over")
    body = bytes(entry.body).decode()
    assert item.key in body
    for secret in ("Second", "second@maker.example", f"user/{maker.second.user_id}"):
        assert secret not in body


def test_nobody_outside_the_role_or_the_organisation_gets_it(maker, stranger):
    item = next(one for one in items(maker) if one.kind == Kind.TYPE_DUTY)
    for other in (maker.actor(Role.RELEASE_ENGINEER), stranger[Role.HOMOLOGATION]):
        with pytest.raises(errors.NobodyToGiveItTo):
            give(maker, item, other)
    assert not Assignment.objects.exists()


def test_who_may_not_do_it_may_not_hand_it_over(maker):
    item = next(one for one in items(maker) if one.kind == Kind.TYPE_DUTY)
    with pytest.raises(errors.NotYourItem):
        give(maker, item, maker.second, by=maker.actor(Role.MARKETING))


def test_another_organisation_finds_nothing(maker, stranger):
    item, other = items(maker)[0], stranger[Role.HOMOLOGATION]
    assert items(maker, other) == []
    with pytest.raises(errors.NoSuchItem):
        give(maker, item, other, by=other)
    with pytest.raises(errors.NoSuchItem):
        queries.find(other.organisation_id, Party.MANUFACTURER, item.key, today=TODAY)


@pytest.mark.parametrize(
    "key", ["", "type-duty", "type-duty/", "type-duty/x", "type-duty/²", "nothing/1", "review/1"]
)
def test_a_key_that_means_nothing_finds_nothing(maker, key):
    with pytest.raises(errors.NoSuchItem):
        queries.find(maker.cast.manufacturer_id, Party.MANUFACTURER, key, today=TODAY)


def test_who_looked_at_an_old_page_is_told(maker):
    item = items(maker)[0]
    give(maker, item, maker.second)
    for seen in (0, 2):
        with pytest.raises(errors.HandedOverMeanwhile):
            give(maker, item, maker.second, seen=seen)
    assert Assignment.objects.count() == 1


def test_the_law_s_words_come_before_days_and_days_before_what_waits(maker):
    found = items(maker)
    order = [one.urgency(TODAY) for one in found]
    assert order == sorted(order)
    assert {one.urgency(TODAY) for one in found if one.rule_id == "N45-03"} == {Urgency.PROMPT}


@pytest.mark.django_db(transaction=True)
def test_of_two_who_hand_over_at_once_one_is_told(maker):
    item = items(maker)[0]
    both, results = threading.Barrier(2), []

    def attempt(to):
        try:
            both.wait()
            give(maker, item, to)
            results.append("given")
        except errors.HandedOverMeanwhile:
            results.append("told")
        finally:
            connections.close_all()

    threads = [
        threading.Thread(target=attempt, args=(to,))
        for to in (maker.second, maker.actor(Role.HOMOLOGATION))
    ]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert sorted(results) == ["given", "told"]
    assert Assignment.objects.count() == 1
    assert Entry.objects.filter(event="work:handed-over").count() == 1
