"""The reports of an incident and their signed acknowledgements, to be checked without us.

* A report goes with its content; each acknowledgement with the authority's envelope, and with two
  entries of the public log and their proofs: the one that made the key known, and the one that
  names the envelope. An acknowledgement that was never signed is named as such.
* ``check`` takes the key from the log's own entry, never from beside the envelope.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from roadworthy.domains.incidents import acknowledging
from roadworthy.domains.incidents.models import Copy, Incident, Report
from roadworthy.domains.incidents.states import CopyState
from roadworthy.domains.ledger import queries as ledger
from roadworthy.domains.organisations.roles import KeyPurpose
from roadworthy.kernel.canonical import canonical, digest, sha256_hex
from roadworthy.kernel.errors import DomainError, Invalid
from roadworthy.trust import dsse
from roadworthy.trust.dsse import PredicateType
from roadworthy.trust.keys import key_from_dict

# Made here, or at the authority's own deployment and confirmed by a person here.
_KEY_KNOWN: Final = frozenset({"key:created", "key:confirmed"})


class WrongReceipt(Invalid):
    code = "acknowledgement-wrong"
    message = "The acknowledgement of {report} by {authority} does not hold: {reason}."


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """One acknowledgement of which everything is as it says."""

    report: str
    authority: str  # its short name
    at: str  # as signed
    keyid: str
    is_proven: bool  # the log holds the key's entry and the envelope's


def told(incident: Incident, size: int) -> list[dict[str, Any]]:
    """Return the reports of an incident with what the authorities said, for an archive.

    ``size``: of the log at the checkpoint in that archive.
    """
    entries = ledger.about(f"incident/{incident.pk}")
    named = {
        one.data.get("envelope_sha256"): one for one in entries if one.event == acknowledging.EVENT
    }
    keys = {one.data.get("keyid"): one for one in ledger.context() if one.event in _KEY_KNOWN}
    return [
        {
            "number": report.number,
            "sha256": report.sha256,
            "content": report.content,
            "acknowledgements": [
                _acknowledgement(copy, named, keys, size)
                for copy in Copy.objects.filter(report=report, state=CopyState.ACKNOWLEDGED)
                .select_related("authority")
                .order_by("pk")
            ],
        }
        for report in Report.objects.filter(incident=incident).order_by("pk")
    ]


def check(
    reports: Sequence[Mapping[str, Any]], proves: Callable[[Mapping[str, Any]], bool]
) -> tuple[list[Acknowledged], int]:
    """Return the acknowledgements that hold, and how many were never signed.

    ``proves`` checks an entry against the archive's checkpoint; False: the log has not taken it in.

    Raises:
        WrongReceipt: a report, a signature or an entry is not what it says.
        DomainError: a proof does not hold.
    """
    found, unsigned = [], 0
    for report in reports:
        if digest(report["content"]) != report["sha256"]:
            raise WrongReceipt(report=report["number"], authority="-", reason="altered content")
        for one in report["acknowledgements"]:
            if one["envelope"] is None:
                unsigned += 1
            else:
                found.append(_checked(report, one, proves))
    return found, unsigned


def _acknowledgement(
    copy: Copy,
    named: Mapping[Any, ledger.Told],
    keys: Mapping[Any, ledger.Told],
    size: int,
) -> dict[str, Any]:
    head = {"authority": copy.authority.slug}
    if not copy.envelope:
        return head | {"envelope": None, "key": None, "entry": None}
    envelope = copy.envelope.encode()
    key = next(keys[keyid] for keyid in dsse.signer_ids(envelope) if keyid in keys)
    return head | {
        "envelope": json.loads(envelope),
        "key": _proof(key, size),
        "entry": _proof(named[sha256_hex(envelope)], size),
    }


def _proof(one: ledger.Told, size: int) -> dict[str, Any]:
    index = one.index if one.index is not None and one.index < size else None
    proof = ledger.inclusion_proof(index, size) if index is not None else ()
    return {"entry": one.as_json(), "index": index, "proof": [each.hex() for each in proof]}


def _checked(
    report: Mapping[str, Any],
    one: Mapping[str, Any],
    proves: Callable[[Mapping[str, Any]], bool],
) -> Acknowledged:
    def refuse(reason: str) -> WrongReceipt:
        return WrongReceipt(report=report["number"], authority=one["authority"], reason=reason)

    made, logged = one["key"]["entry"], one["entry"]["entry"]
    if (
        made["event"] not in _KEY_KNOWN
        or made["subject"] != f"organisation/{one['authority']}"
        or made["data"]["purpose"] != KeyPurpose.RECEIPT
    ):
        raise refuse("the key is not the authority's key for receipts")
    envelope = canonical(one["envelope"])
    try:
        said = dsse.open_envelope(envelope, [key_from_dict(made["data"]["public"])])
    except DomainError as error:
        raise refuse(str(error)) from None
    if (
        said.predicate_type != PredicateType.INCIDENT_ACKNOWLEDGEMENT
        or {subject.sha256 for subject in said.subjects} != {report["sha256"]}
        or said.predicate["report"] != report["number"]
    ):
        raise refuse("it is about something else")
    if logged["event"] != acknowledging.EVENT or logged["data"].get(
        "envelope_sha256"
    ) != sha256_hex(envelope):
        raise refuse("the log names another envelope")
    proven = [proves(one["key"]), proves(one["entry"])]
    return Acknowledged(
        report["number"],
        one["authority"],
        str(said.predicate["acknowledged_at"]),
        made["data"]["keyid"],
        all(proven),
    )
