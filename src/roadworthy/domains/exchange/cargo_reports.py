"""What travels about test reports: that an institution handed one over, or revoked one."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

import msgspec

from roadworthy.domains.documents import remote as documents
from roadworthy.domains.exchange import identity
from roadworthy.domains.exchange.errors import BodyUnreadable, WrongMatter
from roadworthy.domains.exchange.kinds import Kind, Received
from roadworthy.domains.exchange.models import Peer
from roadworthy.domains.organisations import remote as elsewhere
from roadworthy.domains.organisations.roles import Role
from roadworthy.domains.software import remote_reports
from roadworthy.domains.software.models import Report
from roadworthy.kernel.canonical import sha256_hex

MATTER: Final = "report"
_PLAIN = re.compile(r"[A-Za-z0-9._~-]{1,60}")


class HandedOver(msgspec.Struct):
    """The institution's statement, and its document as a file."""

    number: str
    envelope: str
    document_sha256: str
    filename: str


class Revoked(msgspec.Struct):
    number: str
    reason: str


def matter(institution: str, number: str) -> str:
    """Name the matter of a report; a number that no matter can be called by, by its digest."""
    plain = number if _PLAIN.fullmatch(number) else sha256_hex(number.encode())[:32]
    return f"{MATTER}/{institution}/{plain}"


def handed_over(received: Received[HandedOver], at: datetime) -> None:
    """Take in a report with its document."""
    told, institution = received.body, received.peer.organisation
    _belongs(received, told.number)
    report, is_new = remote_reports.handed_over(
        told.envelope, institution=institution, manufacturer=identity.own().organisation, at=at
    )
    if report.number != told.number or report.sha256 not in received.blobs:
        raise BodyUnreadable(kind=received.kind, reason="it does not bring what is signed")
    path = received.files(report.sha256)
    document = documents.keep(
        organisation_id=institution.pk,
        filename=report.filename,
        sha256=report.sha256,
        path=path,
        store=received.platform.documents,
        actor=elsewhere.named(institution, Role.TEST_ENGINEER),
        at=at,
    )
    if is_new:
        remote_reports.measured(report, document.length)


def revoked(received: Received[Revoked], at: datetime) -> None:
    """Take in that a report is revoked."""
    _belongs(received, received.body.number)
    remote_reports.revoked(
        received.body.number,
        reason=received.body.reason,
        institution=received.peer.organisation,
        manufacturer=identity.own().organisation,
        at=at,
    )


def state(peer: Peer, name: str) -> Mapping[str, str]:
    """Return what both sides must agree on about a report."""
    name = name.removeprefix(f"{MATTER}/")
    institution = name.partition("/")[0]
    parties = [identity.own().organisation, peer.organisation]
    found = Report.objects.filter(
        institution__slug=institution,
        institution__in=parties,
        manufacturer__in=parties,
        handed_over_at__isnull=False,
    )
    one = next(
        (one for one in found if matter(institution, one.number) == f"{MATTER}/{name}"), None
    )
    if one is None:
        return {}
    return {"state": one.state, "envelope": sha256_hex(one.envelope.encode())}


KINDS: Final = (
    Kind("report.handed-over", 1, HandedOver, handed_over),
    Kind("report.revoked", 1, Revoked, revoked),
)


def _belongs(received: Received[Any], number: str) -> None:
    if received.matter != matter(received.peer.organisation.slug, number):
        raise WrongMatter(kind=received.kind, matter=received.matter)
