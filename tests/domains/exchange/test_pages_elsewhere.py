"""At an authority's own deployment every page works, though the release is not there."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import pytest
from django.conf import settings
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from roadworthy.domains.accounts.models import User
from roadworthy.domains.exchange import collecting, delays, delivery
from roadworthy.domains.exchange.delays import Why
from roadworthy.domains.exchange.models import Peer
from roadworthy.domains.filings import searching, upkeep
from roadworthy.domains.filings.models import Filing, OtherDecision, Question
from roadworthy.domains.filings.states import Kind as FilingKind
from roadworthy.domains.organisations.roles import Kind, Role
from tests.domains.exchange.deployments import Deployment
from tests.domains.exchange.federation import Federation
from tests.portals import town


@contextmanager
def signed_in(there: Deployment, role: Role) -> Iterator[Client]:
    before = town.settle(there.platform.home)
    client = Client()
    try:
        with there.inside():
            client.force_login(User.objects.get(pk=there.actors[role].user_id))
            yield client
    finally:
        settings.ROADWORTHY = before
        cache.clear()


@pytest.fixture
def filed(federation: Federation) -> Filing:
    """An activity before both authorities, nothing decided."""
    for kind in (FilingKind.CAPABILITY, FilingKind.TYPE):
        federation.through(kind)
    with federation.maker.inside():
        release = federation.world.signed()
        filing = federation.filed(FilingKind.ACTIVITY, release)[Kind.MIIT]
    federation.post()
    return filing


def test_a_reviewer_reads_asks_and_decides(federation: Federation, filed: Filing) -> None:
    miit = federation.miit
    with signed_in(miit, Role.MIIT_REVIEWER) as client:
        here = Filing.objects.get(number=filed.number)
        for path in (
            "/a/",
            "/a/?search=R-1",
            "/a/?label=routine",
            "/a/decided/",
            "/a/countersign/",
            "/a/agenda/",
            f"/a/filings/{here.pk}/",
        ):
            answer = client.get(path, follow=True)
            assert answer.status_code == 200, path
        page = client.get(f"/a/filings/{here.pk}/").content.decode()
        assert "R-1" in page
        sha256 = here.dossier.content["release"]["evidence"][0]["sha256"]
        assert f"/a/filings/{here.pk}/files/{sha256}" in page
        file = client.get(f"/a/filings/{here.pk}/files/{sha256}/", follow=True)
        assert b"".join(file.streaming_content) == b"report on R-1"
        image = here.dossier.content["release"]["changes"][0]["image"]["sha256"]
        assert f"/files/{image}" not in page
        assert client.get(f"/a/filings/{here.pk}/files/{image}/", follow=True).status_code == 404
        asked = client.post(f"/a/filings/{here.pk}/ask/", {"question": "Why now?"}, follow=True)
        assert asked.status_code == 200
        assert Question.objects.get().text == "Why now?"
        assert client.get(f"/a/filings/{here.pk}/").status_code == 200
        assert list(searching.matching(Filing.objects.all(), "R-1")) == [here]
        sent = {"decision": "return", "reason": "The plan lacks a date.", "confirmed": "yes"}
        assert client.post(f"/a/filings/{here.pk}/decide/", sent, follow=True).status_code == 200
    federation.world.now = datetime.now(UTC)  # pages take the hour of the wall
    federation.post()
    with federation.maker.inside():
        filed.refresh_from_db()
        assert (filed.state, filed.reason) == ("returned", "The plan lacks a date.")


def test_an_acceptance_signs_receipt_and_metadata(federation: Federation, filed: Filing) -> None:
    miit = federation.miit
    with signed_in(miit, Role.MIIT_REVIEWER) as client:
        here = Filing.objects.get(number=filed.number)
        sent = {
            "decision": "accept",
            "confirmed": "yes",
            "passphrase": miit.passphrases[Role.MIIT_REVIEWER],
        }
        assert client.post(f"/a/filings/{here.pk}/decide/", sent).status_code == 302
        assert client.get(f"/a/filings/{here.pk}/").status_code == 200
    federation.world.now = datetime.now(UTC)  # pages take the hour of the wall
    federation.post()
    with federation.maker.inside():
        filed.refresh_from_db()
        assert filed.state == "accepted"


def test_the_release_says_for_whom_it_waits(federation: Federation, filed: Filing) -> None:
    maker = federation.maker
    with signed_in(maker, Role.COMPLIANCE_OFFICER) as client:
        release = filed.dossier.release
        assert {one.why for one in delays.of_release(release)} == {Why.NOT_DECIDED}
        page = client.get("/m/releases/R-1/").content.decode()
        assert "尚未作出决定" in page
        assert filed.number in page


def test_what_has_not_arrived_is_not_said_to_be_there(federation: Federation) -> None:
    for kind in (FilingKind.CAPABILITY, FilingKind.TYPE):
        federation.through(kind)
    maker = federation.maker
    with maker.inside():
        release = federation.world.signed()
        number = federation.filed(FilingKind.ACTIVITY, release)[Kind.MIIT].number

    def told() -> tuple[set[Why], str]:
        with signed_in(maker, Role.COMPLIANCE_OFFICER) as client:
            page = client.get("/m/releases/R-1/").content.decode()
            return {one.why for one in delays.of_release(release)}, page

    whys, page = told()
    assert whys == {Why.ON_ITS_WAY}
    assert f"{number}正在送往" in page
    with maker.inside():
        upkeep.turn(maker.platform, federation.tick())
        collecting.collect()
    assert told()[0] == {Why.ON_ITS_WAY}, "it waits, and nobody has tried in vain"
    with maker.inside():
        miit = Peer.objects.get(organisation__kind=Kind.MIIT)
        delivery.failed(miit, "connection refused", at=federation.tick())
    whys, page = told()
    assert whys == {Why.NOT_ANSWERING, Why.ON_ITS_WAY}
    assert f"有1条关于{number}的报文" in page
    with maker.inside():
        delivery.reached(miit, federation.tick())
    federation.post()
    assert told()[0] == {Why.NOT_DECIDED}


def test_a_product_of_another_deployment_has_its_case_at_the_authority(
    federation: Federation, filed: Filing
) -> None:
    with signed_in(federation.miit, Role.MIIT_REVIEWER) as client:
        client.cookies["django_language"] = "en"
        here = Filing.objects.get(number=filed.number)
        code = here.dossier.content["release"]["types"][0]["code"]
        where = reverse("a:case-elsewhere", args=[here.manufacturer.slug, code])
        assert where in client.get("/a/cases/").content.decode()
        assert where in client.get(f"/a/cases/?search={code}").content.decode()
        assert where not in client.get("/a/cases/?search=nothing-like-it").content.decode()
        page = client.get(where).content.decode()
        for one in Filing.objects.all():  # capability, type and activity, each by its own link
            assert reverse("a:filing", args=[one.pk]) in page, one.number
        # What SAMR decided at its own deployment about the same content; it needs no purpose.
        told = OtherDecision.objects.all()
        assert {one.kind for one in told} == {"capability", "type"}
        assert all(one.number in page for one in told)
        assert "/a/cases/ota-filing/" not in page
        assert client.get(f"{where}?kind=incident").status_code == 200
        gone = reverse("a:case-elsewhere", args=[here.manufacturer.slug, "no-such-code"])
        assert client.get(gone).status_code == 404
