"""An answer on paper by its pages: the form, who may open it, and that every page says plainly."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from roadworthy.domains.filings.models import AttestedAnswer
from roadworthy.domains.filings.platform import Platform
from roadworthy.domains.filings.states import Kind, State
from roadworthy.domains.filings.store import DatabaseMetadata
from roadworthy.domains.organisations.roles import Role
from roadworthy.trust import client
from tests.domains.filings import on_paper
from tests.portals import town as towns
from tests.portals.town import Town
from tests.world import OFFLINE, ONLINE

OFFICER = Role.COMPLIANCE_OFFICER
PLAINLY = "由合规专员代为证明，主管部门未会签"
SENT = {"decision": "accepted", "reference": on_paper.REFERENCE, "reference_on": "2025-06-03"}


@pytest.fixture
def town(tmp_path: Path, transactional_db: None) -> Iterator[Town]:
    home = tmp_path / "home"
    platform = Platform.create(home, online_passphrase=ONLINE, offline_passphrase=OFFLINE)
    before = towns.settle(home)
    # The pages act now; what is signed in the past has expired by now.
    begun = datetime.now(UTC) - timedelta(hours=3)
    yield Town(on_paper.assemble(platform, at=begun), home)
    settings.ROADWORTHY = before


def paper() -> SimpleUploadedFile:
    return SimpleUploadedFile("notice.txt", on_paper.PAPER, "text/plain")


def test_the_form_names_what_is_wrong_and_loses_nothing_not_even_the_paper(town: Town) -> None:
    miit, _ = town.world.prepare(Kind.CAPABILITY)
    address = f"/m/filings/{miit.pk}/attest/"
    officer = town.client(OFFICER)
    assert officer.get(address).status_code == 404, "it is not handed in yet"
    town.world.submit(miit)
    assert officer.get(address).status_code == 200
    answer = officer.post(address, {**SENT, "passphrase": "guess", "document": paper()})
    page = answer.content.decode()
    digest = on_paper.paper(town.world)
    assert answer.status_code == 422
    assert 'href="#id_passphrase"' in page
    assert on_paper.REFERENCE in page
    assert f'value="{digest}"' in page
    assert "guess" not in page
    without = officer.post(address, {**SENT, "passphrase": "guess"})
    assert 'href="#id_document"' in without.content.decode()
    bare = officer.post(address, {**SENT, "decision": "refused", "kept": digest})
    assert 'href="#id_reason"' in bare.content.decode()
    assert officer.post(address, {**SENT, "kept": "0" * 64, "passphrase": "x"}).status_code == 422
    assert not AttestedAnswer.objects.exists()
    right = town.world.passphrase(OFFICER)
    assert officer.post(address, {**SENT, "kept": digest, "passphrase": right}).status_code == 302
    miit.refresh_from_db()
    assert miit.state == State.ACCEPTED
    page = officer.get(f"/m/filings/{miit.pk}/").content.decode()
    for said in (PLAINLY, on_paper.REFERENCE, "notice.txt"):
        assert said in page
    file = officer.get(f"/m/filings/{miit.pk}/files/{digest}/")
    assert b"".join(file.streaming_content) == on_paper.PAPER
    receipt = officer.get(f"/m/filings/{miit.pk}/receipt/").content.decode()
    assert "此回执为代为证明" in receipt
    assert on_paper.REFERENCE in receipt
    assert officer.get(address).status_code == 404, "it is answered"
    officer.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    page = officer.get(f"/m/filings/{miit.pk}/").content.decode()
    assert "not countersigned by the authority" in page


@pytest.mark.parametrize("role", [r for r in Role if r not in {OFFICER, Role.PLATFORM}])
def test_nobody_else_opens_the_form(town: Town, role: Role) -> None:
    if role == Role.MIIT_REVIEWER:  # there is none: it is attested
        return
    miit, _ = town.world.prepare(Kind.CAPABILITY)
    town.world.submit(miit)
    browser = town.client(role)
    for step in ("attest/", "attest/sign/"):
        assert browser.get(f"/m/filings/{miit.pk}/{step}").status_code in {403, 404}
        assert browser.post(f"/m/filings/{miit.pk}/{step}", SENT).status_code in {403, 404}


def test_a_release_with_an_attested_answer_says_so_until_the_public_record(
    town: Town, tmp_path: Path
) -> None:
    world = town.world
    on_paper.through(world, Kind.CAPABILITY)
    on_paper.through(world, Kind.TYPE)
    release = world.frozen(planned_on=world.now.date() + timedelta(days=60))
    miit, samr = world.prepare(Kind.ACTIVITY, release)
    officer, filer = town.client(OFFICER), town.client(Role.HOMOLOGATION)
    assert f"/m/filings/{miit.pk}/" in filer.get(f"/m/releases/{release.number}/").content.decode()
    world.submit(miit)
    assert miit.number in officer.get(reverse("m:work")).content.decode()
    assert "录入" in officer.get(f"/m/releases/{release.number}/").content.decode()
    on_paper.enter(world, miit)
    on_paper.sign(world, release)
    world.accept(world.submit(samr))
    assert miit.number in officer.get(reverse("m:work")).content.decode()
    address = f"/m/filings/{miit.pk}/attest/sign/"
    assert address in officer.get(f"/m/filings/{miit.pk}/").content.decode()
    assert address in officer.get(f"/m/releases/{release.number}/").content.decode()
    assert address not in filer.get(f"/m/releases/{release.number}/").content.decode()
    assert officer.get(address).status_code == 200
    assert officer.post(address, {"passphrase": "guess"}).status_code == 422
    sent = officer.post(address, {"passphrase": world.passphrase(OFFICER)})
    assert sent.status_code == 302
    release.refresh_from_db()
    assert release.state == "released"
    assert officer.get(address).status_code == 404
    page = officer.get(f"/m/releases/{release.number}/").content.decode()
    for said in (PLAINLY, on_paper.REFERENCE, "notice.txt", "代为证明"):
        assert said in page
    public = Client().get(reverse("p:trace", args=["starway", release.number]))
    assert public.status_code == 200
    assert PLAINLY in public.content.decode()
    assert on_paper.REFERENCE in public.content.decode()
    # A client that nobody here wrote takes it, and finds the word in what it verified.
    fetched = client.fetch_verified(
        world.platform.tuf,
        "starway/routine/cluster-1.swu",
        root=DatabaseMetadata().get("root", 1),
        client_home=tmp_path / "client",
    )
    assert fetched.path.read_bytes() == b"image 1"
    assert [one["reference"] for one in fetched.custom["attested"]] == [on_paper.REFERENCE]
