"""Writing a filing on pages: half texts, two writers, lost sessions, documents, questions."""

from __future__ import annotations

import io
import json
import re
import zipfile
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from roadworthy.domains.documents import services as documents
from roadworthy.domains.documents.models import Document
from roadworthy.domains.filings.models import Draft, DraftAttachment, DraftText, Filing
from roadworthy.domains.filings.states import DraftState, Kind, State
from roadworthy.domains.organisations.roles import Role
from tests.portals.town import Town
from tests.world import DETAILS

pytestmark = pytest.mark.django_db
ENGLISH = {"HTTP_ACCEPT_LANGUAGE": "en"}


@pytest.fixture
def officer(town: Town) -> Client:
    client = town.client(Role.HOMOLOGATION)
    client.defaults |= ENGLISH
    return client


def begin(officer: Client, kind: str = "type", **fields: Any) -> Draft:
    answer = officer.post(f"/m/filings/prepare/{kind}/", {"draft": "yes", **fields})
    assert answer.status_code == 302, answer.content.decode()[:400]
    return Draft.objects.get(pk=int(answer["Location"].rstrip("/").rsplit("/", 1)[1]))


def at(draft: Draft, more: str = "") -> str:
    return f"/m/filings/drafts/{draft.pk}/{more}"


def full(kind: Kind) -> dict[str, Any]:
    return {
        name: value if isinstance(value, str | int | list) else "text"
        for name, value in DETAILS[kind].items()
    }


def test_half_a_form_is_kept_as_a_draft_and_found_again(officer: Client) -> None:
    draft = begin(officer, ota_functions="Half a sent")
    assert "Half a sent" in officer.get(at(draft)).content.decode()
    assert f'href="{at(draft)}"' in officer.get("/m/filings/drafts/").content.decode()


def test_autosave_answers_with_the_next_revision(officer: Client) -> None:
    draft = begin(officer, ota_functions="One")
    answer = officer.post(
        at(draft), {"base": "0", "ota_functions": "Two"}, HTTP_HX_REQUEST="true"
    ).content.decode()
    assert 'value="1"' in answer
    draft.refresh_from_db()
    assert draft.details["ota_functions"] == "Two"


def test_a_second_writer_reads_both_texts_and_chooses(officer: Client) -> None:
    draft = begin(officer, ota_functions="One", notice_channel="Letter")
    officer.post(at(draft), {"base": "0", "ota_functions": "First", "notice_channel": "Letter"})
    answer = officer.post(
        at(draft), {"base": "0", "ota_functions": "Second", "notice_channel": "Letter"}
    )
    page = officer.get(answer["Location"]).content.decode()
    assert "First" in page
    assert "Second" in page
    draft.refresh_from_db()
    assert draft.details["ota_functions"] == "First"
    officer.post(answer["Location"], {"revision": draft.revision, "take-ota_functions": "mine"})
    draft.refresh_from_db()
    assert draft.details["ota_functions"] == "Second"


def ticket_of(page: str) -> str:
    found = re.search(r'name="ticket" value="([^"]+)"', page)
    assert found
    return found[1]


def test_what_is_typed_after_the_session_ended_is_there_after_signing_in(
    town: Town, officer: Client
) -> None:
    draft = begin(officer, ota_functions="One")
    ticket = ticket_of(officer.get(at(draft)).content.decode())
    typed = {"base": "0", "ticket": ticket, "ota_functions": "An hour of work"}
    answer = Client().post(at(draft), typed)
    assert answer.status_code == 302
    assert "login" in answer["Location"]
    assert "An hour of work" not in officer.get(at(draft)).content.decode()  # it waits beside
    text = DraftText.objects.get(draft=draft, waits=True)
    assert f"texts/{text.pk}/" in officer.get(at(draft)).content.decode()
    assert "An hour of work" in officer.get(at(draft, f"texts/{text.pk}/")).content.decode()


def test_a_form_that_was_no_draft_yet_becomes_one_when_the_session_has_ended(
    officer: Client,
) -> None:
    ticket = ticket_of(officer.get("/m/filings/prepare/type/").content.decode())
    answer = Client().post(
        "/m/filings/prepare/type/", {"ticket": ticket, "ota_functions": "Never saved"}
    )
    draft = Draft.objects.order_by("-pk").first()
    assert draft is not None
    assert f"drafts%2F{draft.pk}" in answer["Location"]
    assert draft.details["ota_functions"] == "Never saved"


def test_an_expired_form_keeps_what_was_typed_too(officer: Client) -> None:
    ticket = ticket_of(officer.get("/m/filings/prepare/type/").content.decode())
    strict = Client(enforce_csrf_checks=True, **ENGLISH)
    answer = strict.post(
        "/m/filings/prepare/type/", {"ticket": ticket, "ota_functions": "Typed for long"}
    )
    assert answer.status_code == 403
    assert "What you typed is kept" in answer.content.decode()
    assert Draft.objects.filter(details__ota_functions="Typed for long").exists()


def test_a_forged_ticket_keeps_nothing(officer: Client) -> None:
    before = DraftText.objects.count()
    draft = begin(officer, ota_functions="One")
    answer = Client().post(at(draft), {"base": "0", "ticket": "forged:1", "ota_functions": "X"})
    assert "login" in answer["Location"]
    assert DraftText.objects.count() == before + 1


def upload(officer: Client, draft: Draft, name: str, content: bytes, **more: str) -> Any:
    file = SimpleUploadedFile(name, content)
    return officer.post(at(draft, "attach/"), {"documents": [file], **more})


def bomb() -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("zeros", bytes(300 << 20))
    return made.getvalue()


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("report.pdf", b"no PDF at all", "is not what its name says"),
        ("tool.exe", b"MZ", "is not what its name says"),
        ("broken.pdf", b"%PDF-1.7\nrubbish", "cannot be opened"),
        ("empty.txt", b"", "empty"),
    ],
)
def test_a_bad_file_is_refused_by_name_and_nothing_else_is_lost(
    officer: Client, name: str, content: bytes, said: str
) -> None:
    draft = begin(officer, ota_functions="Kept text")
    answer = upload(officer, draft, name, content)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert said in page
    assert "Kept text" in page
    assert not DraftAttachment.objects.filter(draft=draft).exists()


def test_a_zip_bomb_is_refused(officer: Client) -> None:
    answer = upload(officer, begin(officer), "bomb.zip", bomb())
    assert answer.status_code == 422
    assert "would unpack to more" in answer.content.decode()


def test_a_digest_that_does_not_match_names_the_file(officer: Client) -> None:
    draft = begin(officer)
    answer = upload(officer, draft, "notes.txt", b"notes", sha256="0" * 64)
    assert answer.status_code == 422
    assert "notes.txt" in answer.content.decode()
    assert upload(officer, draft, "notes.txt", b"notes", sha256="12").status_code == 422
    assert not DraftAttachment.objects.filter(draft=draft).exists()


def test_a_file_beyond_the_limit_is_named_and_the_form_arrives_whole(
    town: Town, officer: Client
) -> None:
    import dataclasses

    from django.conf import settings

    before, documents = settings.ROADWORTHY, Document.objects.count()
    settings.ROADWORTHY = dataclasses.replace(before, document_megabytes=1)
    try:
        draft = begin(officer, ota_functions="Kept text")
        answer = upload(officer, draft, "big.txt", b"x" * (3 << 20), title="My title")
    finally:
        settings.ROADWORTHY = before
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "big.txt" in page
    assert "larger than 1 MB" in page
    assert "My title" in page
    assert Document.objects.count() == documents


def test_the_preview_is_what_is_filed(officer: Client) -> None:
    draft = begin(officer, **full(Kind.TYPE) | {"ota_functions": "All of the cluster"})
    upload(officer, draft, "evidence.txt", b"evidence of it", title="The evidence")
    page = officer.get(at(draft, "preview/")).content.decode()
    digest = re.search(r"sha256:([0-9a-f]{64})", page)
    assert digest
    assert "The evidence" in page
    assert "All of the cluster" in page
    answer = officer.post(at(draft, "preview/"))
    filing = Filing.objects.get(pk=int(answer["Location"].rstrip("/").rsplit("/", 1)[1]))
    assert filing.dossier.sha256 == digest[1]
    draft.refresh_from_db()
    assert draft.state == DraftState.USED
    assert officer.get(at(draft)).status_code == 404


def test_an_incomplete_draft_names_its_empty_fields(officer: Client) -> None:
    draft = begin(officer, ota_functions="One")
    answer = officer.get(at(draft, "preview/"))
    assert answer.status_code == 422
    assert "This is empty" in answer.content.decode()


def test_five_hundred_documents_stay_usable(town: Town, officer: Client) -> None:
    draft, world = begin(officer), town.world
    few = CaptureQueriesContext(connection)
    with few:
        officer.get(at(draft))
    actor = world.actor(Role.HOMOLOGATION)
    rows = Document.objects.bulk_create(
        Document(
            organisation_id=world.cast.manufacturer_id,
            sha256=f"{number:064x}",
            filename=f"report-{number:03}.pdf",
            media_type="application/pdf",
            length=1,
            added_at=world.now,
            added_by_id=actor.user_id,
        )
        for number in range(500)
    )
    DraftAttachment.objects.bulk_create(
        DraftAttachment(draft=draft, document=one, title=one.filename) for one in rows
    )
    many = CaptureQueriesContext(connection)
    with many:
        page = officer.get(at(draft)).content.decode()
    assert len(many) <= len(few) + 1
    assert "report-019.pdf" in page
    assert "report-020.pdf" not in page
    assert "report-499.pdf" in officer.get(at(draft) + "?page=25").content.decode()


def test_a_filing_with_five_hundred_documents_is_filed_read_and_handed_on(
    town: Town, officer: Client
) -> None:
    """Queries do not grow with the documents, and an archive is written, never held, whole."""
    world, miit = town.world, town.client(Role.MIIT_REVIEWER)
    actor = world.actor(Role.HOMOLOGATION)

    def filed(count: int, kind: str) -> tuple[Filing, list[int]]:
        draft = begin(officer, kind, **full(Kind(kind)))
        with transaction.atomic():
            kept = [
                documents.kept(
                    organisation_id=world.cast.manufacturer_id,
                    filename=f"report-{number:03}.txt",
                    content=io.BytesIO(f"{kind} {number} ".encode() * 2000),
                    store=world.platform.documents,
                    actor=actor,
                    at=world.now,
                )
                for number in range(count)
            ]
            DraftAttachment.objects.bulk_create(
                DraftAttachment(draft=draft, document=one, title=one.filename) for one in kept
            )
        asked = [queries(officer.get, at(draft, "preview/"))]
        asked += [queries(officer.post, at(draft, "preview/"))]
        filing = Filing.objects.filter(dossier__kind=kind).order_by("-id")[1]
        page = f"filings/{filing.pk}/"
        asked += [queries(officer.post, f"/m/{page}do/submit/")]
        asked += [queries(officer.get, f"/m/{page}"), queries(miit.get, f"/a/{page}")]
        return filing, [*asked, queries(officer.get, f"/m/{page}archive/")]

    def queries(ask: Any, address: str) -> int:
        with CaptureQueriesContext(connection) as said:
            answer = ask(address)
            assert answer.status_code in {200, 302}, address
            if answer.streaming:
                assert sum(map(len, answer)) > 0
        return len(said)

    _few, before = filed(2, "type")
    many, after = filed(500, "type")
    assert [b - a for a, b in zip(before, after, strict=True) if b > a + 2] == []
    assert len(many.dossier.content["attachments"]) == 500
    text = miit.get(f"/a/filings/{many.pk}/").content.decode()
    assert "report-499.txt" in text


def test_a_question_is_asked_answered_and_only_then_accepted(town: Town, officer: Client) -> None:
    filing, world = town.filings["submitted"], town.world
    miit, samr = town.client(Role.MIIT_REVIEWER), town.client(Role.SAMR_REVIEWER)
    miit.defaults |= ENGLISH
    miit.post(f"/a/filings/{filing.pk}/notes/", {"note": "Looks thin to me"})
    assert "Looks thin to me" in miit.get(f"/a/filings/{filing.pk}/").content.decode()
    page = officer.get(f"/m/filings/{filing.pk}/").content.decode()
    assert "Which vehicles come first?" in page
    assert "Looks thin to me" not in page
    assert samr.get(f"/a/filings/{filing.pk}/").status_code == 404
    decision = {
        "decision": "accept",
        "reason": "",
        "confirmed": "yes",
        "passphrase": world.passphrase(Role.MIIT_REVIEWER),
    }
    refused = miit.post(f"/a/filings/{filing.pk}/decide/", decision)
    assert refused.status_code == 422
    assert "are open" in refused.content.decode()
    answer = officer.post(
        f"/m/filings/{filing.pk}/answer/{town.question.pk}/",
        {"answer": "Those of the staff.", "documents": [SimpleUploadedFile("list.csv", b"a,b\n")]},
    )
    assert answer.status_code == 302
    page = miit.get(f"/a/filings/{filing.pk}/").content.decode()
    assert "Those of the staff." in page
    listed = Document.objects.get(filename="list.csv")
    given = miit.get(f"/a/filings/{filing.pk}/files/{listed.sha256}/")
    assert b"".join(given) == b"a,b\n"
    assert miit.post(f"/a/filings/{filing.pk}/decide/", decision).status_code == 302
    filing.refresh_from_db()
    assert filing.state == State.ACCEPTED
    receipt = officer.get(f"/m/filings/{filing.pk}/receipt/").content.decode()
    assert "The signature holds" in receipt
    envelope = json.loads(filing.receipt)
    envelope["signatures"][0]["sig"] = envelope["signatures"][0]["sig"][::-1]
    with connection.cursor() as cursor:  # only who owns the tables gets past the trigger
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE filings_filing DISABLE TRIGGER receipt_stays")
        Filing.objects.filter(pk=filing.pk).update(receipt=json.dumps(envelope))
        cursor.execute("ALTER TABLE filings_filing ENABLE TRIGGER receipt_stays")
    receipt = officer.get(f"/m/filings/{filing.pk}/receipt/").content.decode()
    assert "The signature does not hold" in receipt


def test_an_amendment_shows_the_reviewer_what_changed_and_why(town: Town, officer: Client) -> None:
    accepted = town.filings["accepted"]
    answer = officer.post(f"/m/filings/{accepted.pk}/amend/")
    draft = Draft.objects.get(pk=int(answer["Location"].rstrip("/").rsplit("/", 1)[1]))
    assert draft.details["permit_number"] == "demo-permit"
    typed = {**draft.details, "base": "0", "permit_number": "P-77"}
    officer.post(at(draft), typed)
    assert officer.get(at(draft, "preview/")).status_code == 422  # the reason is missing
    officer.post(at(draft), typed | {"base": "1", "amendment_reason": "A new permit."})
    officer.post(at(draft, "preview/"))
    new = Filing.objects.get(supersedes=accepted)
    officer.post(f"/m/filings/{new.pk}/do/submit/")
    miit = town.client(Role.MIIT_REVIEWER)
    page = miit.get(f"/a/filings/{new.pk}/").content.decode()
    assert "<del>demo-permit</del>" in page
    assert "<ins>P-77</ins>" in page
    assert "A new permit." in page
    accepted.refresh_from_db()
    assert accepted.state == State.ACCEPTED
