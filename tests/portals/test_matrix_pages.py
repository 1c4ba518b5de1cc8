"""The matrix as its reader sees it: every page answers, a bad form keeps what was entered."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.db import transaction
from django.test import Client

from roadworthy.domains.accounts.models import User
from roadworthy.domains.compliance import gaps, watching
from roadworthy.domains.compliance.models import Gap
from roadworthy.domains.filings import assessment
from roadworthy.domains.organisations.actors import witnessed
from roadworthy.domains.organisations.roles import Kind as Party
from roadworthy.domains.organisations.roles import Role
from roadworthy.domains.software import services as software
from roadworthy.domains.worklists import queries as worklists
from roadworthy.domains.worklists.items import Kind
from roadworthy.kernel.calendar import legal_day
from tests import complying

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def type_id(world):
    complying.seed(world)
    type_id = complying.approved_type(world)
    complying.attach_document(world, type_id, "gbt40429")
    gaps.settle_all(at=world.tick())
    watching.settle_all(at=world.tick())
    return type_id


def browser(world, role):
    client = Client(headers={"accept-language": "en"})
    client.force_login(User.objects.get(pk=world.actor(role).user_id))
    return client


def test_every_page_of_the_matrix_answers(world, type_id):
    client = browser(world, Role.HOMOLOGATION)
    base = f"/m/requirements/{type_id}/"
    for path, words in (
        ("/m/requirements/", "XT-A1"),
        (base, "GB 44495-2024"),
        (f"{base}?on=2025-12-31&state=not-yet&sort=since", "Not yet in force"),
        (f"{base}?on=2028-01-01&state=missing", "nothing on file shows it"),
        (f"{base}coming/?on=2026-11-22&months=24", "1 Jan 2028"),
        (f"{base}at/gb44496-5.2.1/", "STD-05"),
        (f"{base}at/unr155-7.4.1/", "Registered where UN R155 and R156 apply"),
        (f"{base}state/un_markets/", "Where it was read"),
        ("/m/evidence/", "manual.txt"),
        ("/m/standards/notices/", "Notices on standards"),
        ("/m/standards/changes/?since=2025-01-01", "What changed"),
    ):
        answer = client.get(path, headers={"accept-language": "en"})
        assert answer.status_code == 200, path
        assert words in answer.content.decode(), path
    for form, start in (("csv", b"\xef\xbb\xbf"), ("xlsx", b"PK")):
        assert client.get(f"{base}matrix.{form}?on=2026-11-22").content.startswith(start)
    assert client.get(f"{base}matrix.pdf").status_code == 404


def test_a_bad_form_names_the_field_and_loses_nothing(world, type_id):
    client = browser(world, Role.HOMOLOGATION)
    path = f"/m/requirements/{type_id}/at/gb39732-4.1.1/"
    answer = client.post(path, {"kind": "test-report", "note": "Kept words"})
    assert answer.status_code == 422
    assert "Kept words" in answer.content.decode()
    report = complying.report(world, "GB 39732-2020")
    answer = client.post(path, {"kind": "test-report", "report_id": report.pk})
    assert answer.status_code == 302, answer.content.decode()


def test_the_officer_confirms_what_homologation_attached(world, type_id):
    client = browser(world, Role.COMPLIANCE_OFFICER)
    page = client.get(f"/m/requirements/{type_id}/at/gbt40429/").content.decode()
    assert "/do/confirm/" in page
    path = page[page.index("/m/evidence/") :]
    path = path[: path.index('"')].replace("file", "do/confirm")
    assert client.get(path).status_code == 200
    assert client.post(path).status_code == 302


def test_what_a_type_lacks_is_one_line_of_work_and_stands_on_the_page_of_its_release(
    world, type_id
):
    mine = world.cast.manufacturer_id
    lacking = Gap.objects.filter(type_id=type_id, cell="missing")
    assert lacking.count() > 1
    today = legal_day(world.now)
    lines = [
        one
        for one in worklists.work(mine, Party.MANUFACTURER, today=today)[:]
        if one.kind is Kind.EVIDENCE_GAP
    ]
    states = Gap.objects.filter(manufacturer_id=mine).values("type", "cell").distinct()
    assert len(lines) == states.count(), "one line a type and state"
    (line,) = (one for one in lines if one.state == "missing")
    assert line.number == lacking.count()
    numbers = lacking.values_list("requirement__standard__number", flat=True).distinct()
    assert set(line.subject.split(" · ")) == set(numbers)
    client = browser(world, Role.HOMOLOGATION)
    there = client.get(f"/m/requirements/gaps/{line.id}/")
    assert there["Location"] == f"/m/requirements/{type_id}/?state=missing"
    release = software.register_release(
        manufacturer_id=mine,
        number="STD-1",
        title={"zh-hans": "示例", "en": "Sample"},
        description={"zh-hans": {"purpose": "示例"}, "en": {"purpose": "sample"}},
        type_ids=[type_id],
        planned_on=today,
        actor=world.actor(Role.RELEASE_ENGINEER),
        at=world.tick(),
    )
    page = client.get(f"/m/releases/{release.number}/").content.decode()
    assert "Standards that nothing on file shows to be met" in page
    assert all(number in page for number in numbers)
    other = world.draft()
    assert (
        "nothing on file shows" not in client.get(f"/m/releases/{other.number}/").content.decode()
    )


def test_a_clause_that_holds_each_update_says_how_the_last_one_stood(world, type_id):
    client = browser(world, Role.HOMOLOGATION)
    base = f"/m/requirements/{world.type_id}/at/gb44496-5.2.1/"
    assert "R-1" not in client.get(base).content.decode()
    release = world.frozen()
    by = witnessed(world.actor(Role.RELEASE_ENGINEER))
    with transaction.atomic():  # the standard binds from 2026 on
        assessment.assess(release, by=by, at=datetime(2026, 9, 1, 1, tzinfo=UTC))
    page = client.get(base).content.decode()
    assert f"/m/releases/{release.number}/" in page


def test_the_list_says_how_much_cannot_be_told(world, type_id):
    world.add_type("BARE")
    gaps.settle_all(at=world.tick())
    page = browser(world, Role.HOMOLOGATION).get("/m/requirements/?search=BARE").content.decode()
    assert "?state=undetermined" in page
