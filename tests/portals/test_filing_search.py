"""The search box of the filings' lists finds text, and shows where."""

from __future__ import annotations

import pytest

from roadworthy.domains.organisations.roles import Role
from tests.portals.town import Town

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("role", "address"),
    [
        (Role.HOMOLOGATION, "/m/filings/"),
        (Role.MIIT_REVIEWER, "/a/"),
        (Role.MIIT_REVIEWER, "/a/decided/"),
    ],
)
def test_a_hit_in_the_text_is_marked(town: Town, role: Role, address: str) -> None:
    client = town.client(role)
    page = client.get(address, {"search": "更清晰"}).content.decode()
    assert "<mark>更清晰</mark>" in page
    assert 'class="excerpt"><span class="vh">' in page
    assert "<mark>" not in client.get(address, {"search": "R-2025.1"}).content.decode()
    assert "excerpt" not in client.get(address, {"search": "没有的词"}).content.decode()


def test_an_excerpt_is_text_and_never_markup(town: Town) -> None:
    from roadworthy.domains.filings.models import FilingText

    filing = town.filings["submitted"]
    kept = FilingText.objects.get(filing=filing)
    FilingText.objects.filter(filing=filing).update(body='更清晰 <script src="//x">')
    page = town.client(Role.MIIT_REVIEWER).get("/a/", {"search": "更清晰"}).content.decode()
    kept.save(update_fields=["body"])
    assert "<mark>更清晰</mark> &lt;script src=" in page
