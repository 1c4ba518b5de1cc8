"""The public record, asked over HTTP by somebody without an account."""

from __future__ import annotations

import base64
import hashlib
import json
import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from roadworthy.domains.filings import proofs
from roadworthy.domains.ledger import services
from roadworthy.domains.ledger.models import Entry, Leaf
from roadworthy.domains.organisations.actors import PLATFORM, witnessed
from roadworthy.domains.organisations.roles import Role
from roadworthy.domains.software.models import Release
from roadworthy.trust import verify
from tests.portals.town import Town

pytestmark = pytest.mark.django_db
NUMBER = "R-2025.1"
LANGUAGES = ("zh-hans", "en")


@pytest.fixture(params=LANGUAGES)
def browser(request: pytest.FixtureRequest) -> Client:
    client = Client()
    client.cookies["django_language"] = request.param
    return client


@pytest.fixture
def english() -> Client:
    client = Client()
    client.cookies["django_language"] = "en"
    return client


def maker(town: Town) -> str:
    return town.releases["released"].manufacturer.slug


def address(town: Town) -> str:
    return f"/p/{maker(town)}/{NUMBER}/"


def indexes(release: Release) -> list[int]:
    entries = Entry.objects.filter(release_id=release.pk)
    return list(
        Leaf.objects.filter(entry__in=entries).order_by("index").values_list("index", flat=True)
    )


def test_every_page_answers_in_both_languages(town: Town, browser: Client) -> None:
    index = indexes(town.releases["released"])[0]
    for page in (
        "/p/",
        "/p/?q=nothing",
        address(town),
        f"/p/entries/{index}/",
        "/p/checkpoint/",
        "/p/verify/",
    ):
        answer = browser.get(page)
        assert answer.status_code == 200, page
        language = browser.cookies["django_language"].value
        assert (
            f'<html lang="{"zh-Hans" if language == "zh-hans" else "en"}"'
            in answer.content.decode()
        )
        assert 'class="roomy"' in answer.content.decode()


def test_a_number_leads_to_its_release(town: Town, english: Client) -> None:
    for page in (f"/p/releases/{NUMBER}/", f"/p/?q={NUMBER.lower()}"):
        assert english.get(page)["Location"] == address(town)


def test_a_release_is_found_by_digest_and_by_filing_number(town: Town, english: Client) -> None:
    release = town.releases["released"]
    (target,) = proofs.targets(release).values()
    filing = town.filings["accepted"].__class__.objects.filter(dossier__release=release).first()
    for asked in (release.sha256, f"sha256:{release.sha256[:12]}", target.sha256, filing.number):
        assert english.get("/p/", {"q": asked}).status_code == 302, asked


@pytest.mark.parametrize("which", ["draft", "frozen", "signed"])
def test_what_is_not_published_is_not_there(town: Town, english: Client, which: str) -> None:
    release = town.releases[which]
    slug = maker(town)
    for page in (
        f"/p/{slug}/{release.number}/",
        f"/p/{slug}/{release.number}/proof.bundle",
        f"/p/releases/{release.number}/",
        f"/api/v1/releases/{slug}/{release.number}/trace",
        *(f"/p/entries/{index}/" for index in indexes(release)[:2]),
    ):
        assert english.get(page).status_code == 404, page
    found = english.get("/p/", {"q": release.number}).content.decode()
    assert "Nothing published is called" in found
    assert f"/{release.number}/" not in found


def test_nonsense_is_not_found(english: Client, town: Town) -> None:
    for page in (
        "/p/entries/999999/",
        "/p/nobody/R-1/",
        "/p/releases/%00/",
        "/p/entries/999999.json",
    ):
        assert english.get(page).status_code == 404, page
    assert english.get("/p/", {"q": "\0" + "x" * 5000}).status_code == 200


def test_two_manufacturers_with_one_number_are_a_choice(town: Town, english: Client) -> None:
    release = town.releases["released"]
    other = town.strangers[Role.RELEASE_ENGINEER]
    twin = Release.objects.get(pk=release.pk)
    twin.pk, twin.manufacturer_id = None, other.organisation_id
    twin.save()
    answer = english.get(f"/p/releases/{NUMBER}/")
    assert answer.status_code == 200
    assert f'href="{address(town)}"' in answer.content.decode()
    assert f'href="/p/other/{NUMBER}/"' in answer.content.decode()


def test_the_page_tells_the_story_with_the_figures_of_the_campaign(
    town: Town, english: Client
) -> None:
    page = english.get(address(town)).content.decode()
    release = town.releases["released"]
    assert release.title["en"] in page
    assert re.search(r"Today \d+ of 12 vehicles are proven", page)
    assert "it was filed with MIIT and SAMR" in page
    assert page.count('data-state="done"') >= 6
    assert page.count('class="seal seal--big"') == 3
    assert "data-absent" not in page
    assert release.sha256 in page
    for path, target in proofs.targets(release).items():
        assert path in page
        assert target.sha256 in page
    assert "metadata version 1" in page


def test_the_page_holds_no_dossier_no_vehicle_and_no_person(town: Town, english: Client) -> None:
    release = town.releases["released"]
    index = indexes(release)[0]
    bundle = english.get(address(town) + "proof.bundle").content.decode()
    told = [english.get(page).content.decode() for page in (address(town), f"/p/entries/{index}/")]
    secrets = ["emergency", "three groups", "Clearer warning icons", "car-1", "LTVAAAAA"]
    people = ["@starway.example", "consent:given", "action/"]
    for text in (bundle, *told):
        for word in (*secrets, *people):
            assert word not in text, word


def test_the_public_bundle_verifies_with_the_keys_of_the_deployment(
    town: Town, english: Client
) -> None:
    answer = english.get(address(town) + "proof.bundle")
    assert answer["Content-Disposition"] == f'attachment; filename="{NUMBER}.bundle"'
    report = verify.verify(answer.content, proofs.anchors(town.world.platform))
    # The town stands in 2025: its metadata has expired since, and that is all there is to say.
    assert {problem.text.msgid for problem in report.problems} <= {"It had expired at {expires}."}
    assert english.get("/p/anchors.json").json() == proofs.anchors(town.world.platform).to_dict()


def test_a_stranger_checks_one_entry_with_nothing_but_a_hash_function(
    town: Town, english: Client
) -> None:
    """RFC 9162 2.1.3.2, written out again: none of our code takes part."""
    for index in indexes(town.releases["released"]):
        given = english.get(f"/p/entries/{index}.json").json()
        if given["checkpoint"] is None:
            continue
        size, root = int(given["checkpoint"].split("\n")[1]), given["checkpoint"].split("\n")[2]
        node = hashlib.sha256(b"\0" + given["body"].encode()).digest()
        assert node.hex() == given["leaf_hash"]
        at, last = given["index"], size - 1
        for step in map(bytes.fromhex, given["inclusion_proof"]):
            if at & 1 or at == last:
                node = hashlib.sha256(b"\1" + step + node).digest()
                while not at & 1 and at:
                    at, last = at >> 1, last >> 1
            else:
                node = hashlib.sha256(b"\1" + node + step).digest()
            at, last = at >> 1, last >> 1
        assert last == 0
        assert base64.b64encode(node).decode() == root
        assert json.loads(given["body"])["v"] == 1


def test_the_entry_page_shows_body_index_and_proof(town: Town, english: Client) -> None:
    release = town.releases["released"]
    index = indexes(release)[-1]
    given = english.get(f"/p/entries/{index}.json").json()
    page = english.get(f"/p/entries/{index}/").content.decode()
    assert given["body"].replace('"', "&quot;") in page
    assert given["leaf_hash"] in page
    assert all(step in page for step in given["inclusion_proof"])
    raw = re.search(r'href="(/log/tile/entries/[^"]+)"', page)
    assert raw
    assert given["body"].encode() in english.get(raw[1]).content


def test_the_number_of_queries_does_not_grow_with_the_story(town: Town, english: Client) -> None:
    def count() -> int:
        with CaptureQueriesContext(connection) as asked:
            english.get(address(town))
        return len(asked)

    count()
    before = count()
    release, by = town.releases["released"], witnessed(PLATFORM)
    at = town.world.tick()
    steps = [
        services.Step("release:evaluated", f"release/{release.pk}", by, at, release.pk)
        for _ in range(40)
    ]
    services.record_many(steps)
    assert count() == before <= 36
