"""SAMR's notices and its supervision on the pages of both sides, each at its own deployment."""

from __future__ import annotations

from datetime import UTC, datetime

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from roadworthy.domains.exchange import subjects
from roadworthy.domains.exchange.models import Deployment, Peer
from roadworthy.domains.filings.models import Filing
from roadworthy.domains.filings.states import Kind as FilingKind
from roadworthy.domains.organisations.roles import Role
from roadworthy.domains.recalls.models import Defect, RecallNotice
from roadworthy.domains.vehicles.models import VehicleType
from tests import recalling
from tests.domains.campaigns import roads
from tests.domains.exchange.federation import Federation
from tests.domains.exchange.test_pages_elsewhere import signed_in

WORDS = {"subject_zh": "警示延迟", "subject_en": "Late warning", "grounds": "Three accidents."}
BOTH = ("en", "zh-hans")


def post(federation: Federation) -> None:
    federation.world.now = datetime.now(UTC)  # pages take the hour of the wall
    federation.post()


def read(client: Client, path: str) -> str:
    """Return a page in English; it stands in both languages."""
    pages = {}
    for language in BOTH:
        client.cookies["django_language"] = language
        answer = client.get(path)
        assert answer.status_code == 200, path
        pages[language] = answer.content.decode()
    client.cookies["django_language"] = "en"
    return pages["en"]


def test_a_notice_from_page_to_page(known: Federation) -> None:
    with known.maker.inside():
        code = VehicleType.objects.get(pk=known.world.type_id).code
    with signed_in(known.samr, Role.SAMR_REVIEWER) as client:
        new = reverse("a:recall-notice-new")
        choice = f"{known.maker.name}/{code}"
        assert f'value="{choice}"' in read(client, new)
        refused = client.post(new, WORDS | {"types": ["nobody/NOTHING"]})
        assert refused.status_code == 422
        assert "Three accidents." in refused.content.decode()
        assert client.post(new, WORDS | {"types": [choice]}).status_code == 302
        notice = RecallNotice.objects.get()
        page = reverse("a:recall-notice", args=[notice.pk])
        assert code in read(client, page)
        assert notice.number in read(client, reverse("a:recall-notices"))
        case = reverse("a:case-elsewhere", args=[known.maker.name, code])
        assert notice.number in read(client, case)
    post(known)
    with signed_in(known.samr, Role.SAMR_REVIEWER) as client:
        notice.refresh_from_db()
        assert notice.defect_number in read(client, page)
        sent = client.post(
            reverse("a:recall-notice-act", args=[notice.pk, "notify"]), {"words": "x"}
        )
        assert sent.status_code == 302
        assert "not known yet" in read(client, page)
        order = reverse("a:recall-notice-act", args=[notice.pk, "order"])
        answer = client.post(order, {"words": "Recall."})
        assert answer.status_code == 422
        assert "has not said yet" in answer.content.decode()
        when = reverse("a:recall-served", args=[notice.pk])
        assert when in read(client, page)
        assert client.post(when, {"on": "2020-01-01", "proof": "x"}).status_code == 422
        peer = Peer.objects.get(name=known.maker.name)
        found = subjects.of(f"recall-notice/{notice.number}", Deployment.objects.get(), peer)
        assert found == ("recall-notice", notice.pk)
    post(known)
    with signed_in(known.maker, Role.COMPLIANCE_OFFICER) as client:
        mine = RecallNotice.objects.get()
        there = reverse("m:recall-notice", args=[mine.pk])
        shown = read(client, there)
        assert "Three accidents." in shown
        assert mine.number in read(client, reverse("m:defect", args=[mine.defect_id]))
        assert Defect.objects.get().number in read(client, "/m/agenda/")
        sent = client.post(
            reverse("m:recall-notice-act", args=[mine.pk, "object"]),
            {"words": "No.", "file": SimpleUploadedFile("proof.png", recalling.PIXEL)},
        )
        assert sent.status_code == 302
        assert "No." in read(client, there)
    post(known)
    with signed_in(known.samr, Role.SAMR_REVIEWER) as client:
        assert "proof.png" in read(client, page)
        file = client.get(reverse("a:recall-evidence", args=[notice.pk]))
        assert b"".join(file.streaming_content) == recalling.PIXEL


def test_supervision_from_page_to_page(known: Federation) -> None:
    with known.maker.inside():
        roads.register(known.world, 1)
        draft = recalling.drafted(known.world, recalling.confirmed(known.world))
        plan = recalling.filed(known.world, draft)
    post(known)
    with signed_in(known.samr, Role.SAMR_REVIEWER) as client:
        filing = Filing.objects.get(dossier__kind=FilingKind.RECALL_PLAN)
        page = reverse("a:recall-filed", args=[filing.pk])
        assert page in read(client, f"{reverse('a:recalls')}?view=elsewhere")
        assert page not in read(client, reverse("a:recalls"))
        assert page in read(client, reverse("a:filing", args=[filing.pk]))
        assert client.post(page, {"kind": "note"}).status_code == 422
        said = {"kind": "note", "text_zh": "还剩多少？", "text_en": "How many are left?"}
        assert client.post(page, said).status_code == 302
        assert "How many are left?" in read(client, page)
    post(known)
    for role, path in (
        (Role.RECALL, reverse("m:recall", args=[plan.pk])),
        (Role.HOMOLOGATION, reverse("m:filing", args=[plan.filing_id])),
    ):
        with signed_in(known.maker, role) as client:
            assert "How many are left?" in read(client, path)
    with signed_in(known.miit, Role.MIIT_REVIEWER) as client:
        assert client.get(page).status_code == 403
