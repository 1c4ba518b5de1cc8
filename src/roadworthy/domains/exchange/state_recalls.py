"""A notice of SAMR's and what SAMR wrote about a recall, as both sides compare them.

The same facts twice: computed from the rows here, and read out of the messages.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from roadworthy.domains.exchange import cargo_recalls as cargo
from roadworthy.domains.exchange import evidence, identity
from roadworthy.domains.exchange.models import Peer
from roadworthy.domains.recalls import notices, notices_elsewhere
from roadworthy.domains.recalls.models import RecallNotice, Supervision
from roadworthy.domains.recalls.states import NoticeAct, NoticeState
from roadworthy.kernel.canonical import digest
from roadworthy.trust import messages

# Which state the furthest step of a notice leads to, the furthest last.
_REACHED: Final[Mapping[str, NoticeState]] = {
    notices_elsewhere.ISSUE: NoticeState.INVESTIGATION,
    NoticeAct.NOTIFY: NoticeState.NOTICE,
    NoticeAct.OBJECT: NoticeState.OBJECTED,
    NoticeAct.APPOINT: NoticeState.EXPERTS,
    NoticeAct.FOLLOW: NoticeState.FOLLOWED,
    NoticeAct.SET_ASIDE: NoticeState.SET_ASIDE,
    NoticeAct.ORDER: NoticeState.ORDERED,
}


def of_notice(peer: Peer, matter: str) -> Mapping[str, str]:
    """Return what a notice says, how it stands and when it was received."""
    parties = [identity.own().organisation, peer.organisation]
    found = RecallNotice.objects.filter(
        number=matter.partition("/")[2], manufacturer__in=parties, authority__in=parties
    ).first()
    if found is None:
        return {}
    facts = {
        notices_elsewhere.ISSUE: _issue(found.subject, found.grounds, found.types, found.issued_at),
        "received": _instant(found.recall_notice_received_at),
        "state": found.state,
    }
    if found.recall_notice_at is not None:
        facts[NoticeAct.NOTIFY] = digest([found.recall_grounds, _instant(found.recall_notice_at)])
    if found.objected_at is not None:
        facts[NoticeAct.OBJECT] = digest(
            [found.objection, found.evidence_sha256, _instant(found.objected_at)]
        )
    if found.experts:
        facts[NoticeAct.APPOINT] = digest([found.experts])
    if found.ended_at is not None:
        facts["ended"] = digest([found.decision, found.opinion, _instant(found.ended_at)])
    return facts


def said_of_notice(peer: Peer, matter: str) -> Mapping[str, str]:
    """Return the same as the messages of a notice have it."""
    facts: dict[str, str] = {}
    steps: set[str] = set()
    for body in evidence.bodies(peer, matter, "recall-notice.issued"):
        issued_at = messages.moment(str(body["issued_at"]))
        facts[notices_elsewhere.ISSUE] = _issue(
            body["subject"], body["grounds"], body["types"], issued_at
        )
        steps.add(notices_elsewhere.ISSUE)
    if not steps:
        return {}
    facts["received"] = ""
    for body in evidence.bodies(peer, matter, "recall-notice.arrived"):
        if body["step"] == NoticeAct.NOTIFY and not facts["received"]:
            facts["received"] = str(body["received_at"])
    for body in evidence.bodies(peer, matter, "recall-notice.served"):
        facts["received"] = str(body["received_at"])
    for body in evidence.bodies(peer, matter, "recall-notice.continued"):
        steps.add(str(body["step"]))
        facts |= _step(body)
    for body in evidence.bodies(peer, matter, "recall-notice.answered"):
        steps.add(str(body["answer"]))
        facts = _answer(body) | facts  # an order stands, whatever crossed it
    return facts | {"state": next(_REACHED[one] for one in reversed(_REACHED) if one in steps)}


def of_recall(peer: Peer, matter: str) -> Mapping[str, str]:
    """Return what SAMR wrote about a recall between us and a peer, by when it did."""
    parties = [identity.own().organisation, peer.organisation]
    found = Supervision.objects.filter(
        filing__number=matter.partition("/")[2],
        filing__manufacturer__in=parties,
        authority__in=parties,
    )
    return {_instant(one.at): digest([one.kind, one.text]) for one in found.order_by("at", "pk")}


def said_of_recall(peer: Peer, matter: str) -> Mapping[str, str]:
    """Return the same as the messages have it."""
    return {
        str(body["at"]): digest([body["kind"], body["text"]])
        for body in evidence.bodies(peer, matter, "recall.supervised")
    }


READERS: Final = {cargo.NOTICE: of_notice, cargo.RECALL: of_recall}
EVIDENCE: Final = {cargo.NOTICE: said_of_notice, cargo.RECALL: said_of_recall}


def _issue(subject: Any, grounds: str, types: list[str], issued_at: datetime) -> str:
    return digest([dict(subject), grounds, sorted(types), _instant(issued_at)])


def _step(body: Mapping[str, Any]) -> dict[str, str]:
    act, words, taken_at = str(body["step"]), body["words"], str(body["taken_at"])
    if act == NoticeAct.NOTIFY:
        return {act: digest([words, taken_at])}
    if act == NoticeAct.APPOINT:
        return {act: digest([words])}
    if act in notices.ENDING:
        return {"ended": digest([words, str(body.get("opinion", "")), taken_at])}
    return {}


def _answer(body: Mapping[str, Any]) -> dict[str, str]:
    answered_at = str(body["answered_at"])
    if body["answer"] == NoticeAct.FOLLOW:
        return {"ended": digest(["", "", answered_at])}
    sha256 = (body.get("evidence") or {}).get("sha256", "")
    return {NoticeAct.OBJECT: digest([body["words"], sha256, answered_at])}


def _instant(moment: datetime | None) -> str:
    return messages.instant(moment) if moment is not None else ""
