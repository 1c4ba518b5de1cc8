"""What the two sides of a matter compare beyond their messages: its state, computed anew.

Nothing that ``of`` returns is read from a stored digest: a row that somebody altered by hand must
show. ``said`` returns the same facts as our own messages and our own log have them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from roadworthy.domains.exchange import cargo_reports, evidence, identity, state_recalls
from roadworthy.domains.exchange.models import Peer
from roadworthy.domains.filings import dossiers
from roadworthy.domains.filings.models import Filing
from roadworthy.domains.incidents.models import Copy
from roadworthy.domains.software.models import Report
from roadworthy.kernel.canonical import digest, sha256_hex

Reader = Callable[[Peer, str], Mapping[str, str]]


def of(peer: Peer, matter: str) -> Mapping[str, str]:
    """Return the facts about a matter on which both sides must agree; empty: there are none."""
    reader = READERS.get(matter.partition("/")[0])
    return dict(reader(peer, matter)) if reader else {}


def said(peer: Peer, matter: str) -> Mapping[str, str]:
    """Return the facts about a matter that our own evidence supports; empty: there is none.

    Where they are others than ``of`` finds, somebody altered the rows here.
    """
    reader = EVIDENCE.get(matter.partition("/")[0])
    return dict(reader(peer, matter)) if reader else {}


def filing_of(peer: Peer, matter: str) -> Filing | None:
    """Return the filing between us and a peer that a matter names."""
    own = identity.own().organisation
    parties = [own, peer.organisation]
    return (
        Filing.objects.select_related("dossier")
        .filter(number=matter.partition("/")[2], submitted_at__isnull=False)
        .filter(manufacturer__in=parties, authority__in=parties)
        .first()
    )


def report_of(peer: Peer, matter: str) -> Report | None:
    """Return the test report that a matter names, of our institution or of the peer's."""
    institution, number = cargo_reports.named(matter)
    slugs = {identity.own().name, peer.organisation.slug}
    if institution not in slugs:
        return None
    return Report.objects.filter(
        institution__slug=institution, number=number, handed_over_at__isnull=False
    ).first()


def _filing(peer: Peer, matter: str) -> Mapping[str, str]:
    """Return what was filed, how it stands and what the authority signed."""
    found = filing_of(peer, matter)
    if found is None:
        return {}
    return {
        "dossier": dossiers.sha256(found.dossier.content),
        "state": found.state,
        "receipt": sha256_hex(found.receipt.encode()) if found.receipt else "",
    }


def _filing_said(peer: Peer, matter: str) -> Mapping[str, str]:
    found = filing_of(peer, matter)
    return evidence.of_filing(peer, matter, found.pk) if found else {}


def _report(peer: Peer, matter: str) -> Mapping[str, str]:
    """Return what the institution signed, and whether it stands by it."""
    found = report_of(peer, matter)
    if found is None:
        return {}
    return {"envelope": sha256_hex(found.envelope.encode()), "state": found.state}


def _incident(peer: Peer, matter: str) -> Mapping[str, str]:
    """Return what was reported in which version, and which acknowledgement there is of it."""
    own = identity.own().organisation
    parties = [own, peer.organisation]
    found = (
        Copy.objects.select_related("report")
        .filter(report__incident__number=matter.partition("/")[2])
        .filter(report__incident__manufacturer__in=parties, authority__in=parties)
        .order_by("report__number")
    )
    facts: dict[str, str] = {}
    for one in found:
        facts[one.report.number] = digest(one.report.content)
        signed = sha256_hex(one.envelope.encode()) if one.envelope else ""
        facts[f"{one.report.number} {one.state}"] = signed
    return facts


# The first part of the matter ("filing" of "filing/F-2026-0001") -> its reader.
READERS: Final[Mapping[str, Reader]] = {
    "filing": _filing,
    "incident": _incident,
    "report": _report,
    **state_recalls.READERS,
}
EVIDENCE: Final[Mapping[str, Reader]] = {
    "filing": _filing_said,
    "incident": evidence.of_incident,
    "report": evidence.of_report,
    **state_recalls.EVIDENCE,
}
