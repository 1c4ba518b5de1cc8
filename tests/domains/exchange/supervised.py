"""The steps of SAMR's notices and its supervision, each at the deployment of who takes it."""

from __future__ import annotations

import io
from typing import Any

from roadworthy.domains.documents import services as documents
from roadworthy.domains.exchange import state
from roadworthy.domains.exchange.models import Peer
from roadworthy.domains.organisations.roles import Role
from roadworthy.domains.recalls import noticing
from roadworthy.domains.recalls.models import (
    RecallNotice,
    RecallPlan,
    Supervision,
)
from roadworthy.domains.recalls.states import NoticeAct
from roadworthy.domains.vehicles.models import VehicleType
from tests import recalling
from tests.domains.campaigns import roads
from tests.domains.exchange.federation import Federation

SUBJECT = {"zh-hans": "警示延迟", "en": "Late warning"}


def code(federation: Federation) -> str:
    with federation.maker.inside():
        return VehicleType.objects.get(pk=federation.world.type_id).code


def issued(federation: Federation, defect_number: str = "", *, post: bool = True) -> RecallNotice:
    wanted = code(federation)
    with federation.samr.inside():
        made = noticing.issue_elsewhere(
            manufacturer=federation.maker.name,
            codes=[wanted],
            subject=SUBJECT,
            grounds="Three accidents.",
            defect_number=defect_number,
            actor=federation.samr.actors[Role.SAMR_REVIEWER],
            at=federation.tick(),
        )
    if post:
        federation.post()
    return made


def step(
    federation: Federation, act: NoticeAct, words: str, *, tampered: Any = None, **more: str
) -> None:
    with federation.samr.inside():
        noticing.take(
            act,
            notice_id=RecallNotice.objects.get().pk,
            words=words,
            actor=federation.samr.actors[Role.SAMR_REVIEWER],
            at=federation.tick(),
            **more,
        )
    federation.post(tampered=tampered)


def objected(federation: Federation, *, post: bool = True) -> str:
    with federation.maker.inside():
        officer = federation.world.actor(Role.COMPLIANCE_OFFICER)
        document = documents.keep(
            organisation_id=federation.world.cast.manufacturer_id,
            filename="proof.png",
            content=io.BytesIO(recalling.PIXEL),
            store=federation.maker.platform.documents,
            actor=officer,
            at=federation.tick(),
        )
        noticing.object_to(
            notice_id=RecallNotice.objects.get().pk,
            words="Our tests differ.",
            document_sha256=document.sha256,
            actor=officer,
            at=federation.tick(),
        )
    if post:
        federation.post()
    return str(document.sha256)


def equal(federation: Federation, matter: str) -> None:
    """Both sides have the same, and each what its messages say."""
    with federation.maker.inside():
        peer = Peer.objects.get(name="samr")
        ours = dict(state.of(peer, matter))
        assert state.said(peer, matter) == ours != {}
    with federation.samr.inside():
        peer = Peer.objects.get(name=federation.maker.name)
        assert dict(state.of(peer, matter)) == ours
        assert state.said(peer, matter) == ours
    assert not any(federation.dead(one) for one in federation.every.values())


def planned(known: Federation) -> RecallPlan:
    """Return the plan of a recall that lies before SAMR."""
    with known.maker.inside():
        roads.register(known.world, 1)
        draft = recalling.drafted(known.world, recalling.confirmed(known.world))
        plan = recalling.filed(known.world, draft)
    known.post()
    return plan


def stood(known: Federation) -> object:
    with known.samr.inside():
        notice = RecallNotice.objects.values_list(
            *("number", "state", "subject", "grounds", "recall_grounds", "experts", "opinion"),
            *("decision", "objection", "evidence_sha256", "issued_at", "recall_notice_at"),
            *("recall_notice_received_at", "objected_at", "ended_at", "defect_number", "types"),
        ).get()
        return notice, list(Supervision.objects.values_list("kind", "text", "at"))
