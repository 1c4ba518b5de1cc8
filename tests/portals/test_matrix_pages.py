"""The matrix as its reader sees it: every page answers, a bad form keeps what was entered."""

from __future__ import annotations

import pytest
from django.test import Client

from roadworthy.domains.accounts.models import User
from roadworthy.domains.compliance import gaps, watching
from roadworthy.domains.organisations.roles import Role
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
