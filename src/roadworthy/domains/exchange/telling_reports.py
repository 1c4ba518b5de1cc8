"""What our institution says of its test reports, put into messages for the manufacturers."""

from __future__ import annotations

from roadworthy.domains.exchange import cargo_reports as cargo
from roadworthy.domains.exchange import outbox
from roadworthy.domains.exchange.models import Line, Peer
from roadworthy.domains.exchange.telling import peer_of
from roadworthy.domains.ledger.queries import Told
from roadworthy.domains.software.models import Report
from roadworthy.domains.software.states import ReportAction, ReportState
from roadworthy.trust import messages


def moved(told: Told) -> None:
    """Tell a manufacturer that a report is handed over to it, or revoked."""
    report = (
        Report.objects.select_related("institution", "manufacturer")
        .filter(pk=int(told.subject.partition("/")[2]))
        .first()
    )
    peer = peer_of(report.manufacturer) if report else None
    if report is None or peer is None:
        return
    action, before = told.data.get("action"), told.data.get("before")
    if action == ReportAction.HAND_OVER:
        hand_over(peer, report, told)
    elif action == ReportAction.REVOKE and before == ReportState.HANDED_OVER:
        outbox.send(
            to=peer,
            matter=cargo.matter(report.institution.slug, report.number),
            kind="report.revoked",
            body=cargo.Revoked(report.number, report.reason),
            at=told.at,
        )


def earlier(peer: Peer, told: Told) -> None:
    """Hand over to a peer that was just confirmed what was handed over to it before."""
    waiting = Report.objects.select_related("institution").filter(
        manufacturer=peer.organisation,
        state=ReportState.HANDED_OVER,
        handed_over_at__lt=told.at,
    )
    for report in waiting.order_by("pk"):
        hand_over(peer, report, told)


def hand_over(peer: Peer, report: Report, told: Told) -> None:
    """Send a report unless the peer has it."""
    matter = cargo.matter(report.institution.slug, report.number)
    if Line.objects.filter(peer=peer, direction=Line.OUT, matter=matter).exists():
        return
    outbox.send(
        to=peer,
        matter=matter,
        kind="report.handed-over",
        body=cargo.HandedOver(
            number=report.number,
            envelope=report.envelope,
            filename=report.filename,
            sha256=report.sha256,
            handed_over_at=messages.instant(report.handed_over_at or told.at),
        ),
        blobs=(report.sha256,),
        at=told.at,
    )
