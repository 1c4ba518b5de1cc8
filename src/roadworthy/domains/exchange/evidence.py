"""What our own messages and our own log say of a matter, whatever its rows say by now."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from django.db.models import QuerySet

from roadworthy.domains.exchange.models import Incoming, Line, Outgoing, Peer
from roadworthy.domains.exchange.states import MessageState
from roadworthy.domains.incidents.states import CopyState
from roadworthy.domains.ledger import queries as ledger
from roadworthy.domains.software.states import ReportState
from roadworthy.kernel.canonical import sha256_hex
from roadworthy.trust.messages import Message

_SUBMITTED: Final = "filing.submitted"
_DECIDED: Final = "filing.decided"


def of_filing(peer: Peer, matter: str, filing_id: int) -> Mapping[str, str]:
    """Return digest, state and receipt of a filing as messages and log have them."""
    moved = ledger.newest(f"filing/{filing_id}", "filing:state:changed")
    found: dict[str, str] = {"receipt": ""}
    for body in bodies(peer, matter, _SUBMITTED):
        found["dossier"] = str(body.get("dossier_sha256"))
    for body in bodies(peer, matter, _DECIDED):
        if body.get("receipt"):
            found["receipt"] = sha256_hex(str(body["receipt"]).encode())
    if moved is None or "dossier" not in found:
        return {}
    return found | {"state": str(moved.data["after"])}


def of_report(peer: Peer, matter: str) -> Mapping[str, str]:
    """Return what messages say that an institution signed, and whether it stands by it."""
    found: dict[str, str] = {}
    for body in bodies(peer, matter, "report.handed-over"):
        found["envelope"] = sha256_hex(str(body["envelope"]).encode())
        found["state"] = str(ReportState.HANDED_OVER)
    if found and any(True for _ in bodies(peer, matter, "report.revoked")):
        found["state"] = str(ReportState.REVOKED)
    return found


def of_incident(peer: Peer, matter: str) -> Mapping[str, str]:
    """Return what messages say that was reported, and what was acknowledged."""
    signed = {
        str(body["report"]): sha256_hex(str(body["envelope"]).encode())
        for body in bodies(peer, matter, "incident.acknowledged")
    }
    found: dict[str, str] = {}
    for body in bodies(peer, matter, "incident.reported"):
        number = str(body["content"]["report"])
        found[number] = str(body["sha256"])
        state = CopyState.ACKNOWLEDGED if number in signed else CopyState.SENT
        found[f"{number} {state}"] = signed.get(number, "")
    return found


def bodies(peer: Peer, matter: str, kind: str) -> Iterator[Mapping[str, Any]]:
    """Yield what was sent, or came and took effect, on the lines of a matter; oldest first."""
    sent = Outgoing.objects.filter(
        line__peer=peer, line__direction=Line.OUT, line__matter=matter, kind=kind
    )
    came = Incoming.objects.filter(
        line__peer=peer, line__direction=Line.IN, line__matter=matter, kind=kind
    ).filter(state=MessageState.APPLIED)
    yield from _read(sent)
    yield from _read(came)


def _read(rows: QuerySet[Any]) -> Iterator[Mapping[str, Any]]:
    for payload in rows.order_by("sequence").values_list("payload", flat=True):
        yield Message.parse(bytes(payload)).body
