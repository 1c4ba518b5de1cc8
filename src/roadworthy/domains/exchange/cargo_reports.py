"""What travels about test reports: handed over to a manufacturer, and taken back.

The report is what its institution signed; the message brings that, and the document by its digest.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

import msgspec

from roadworthy.domains.documents import remote as documents
from roadworthy.domains.exchange.errors import BodyUnreadable, WrongMatter
from roadworthy.domains.exchange.kinds import Kind, Received
from roadworthy.domains.organisations import remote
from roadworthy.domains.organisations.roles import Role
from roadworthy.domains.software import reports_elsewhere
from roadworthy.trust import messages

MATTER: Final = "report"


class HandedOver(msgspec.Struct):
    number: str
    envelope: str  # DSSE: document and tested things, by the institution's own key
    filename: str
    sha256: str  # of the document
    handed_over_at: str


class Revoked(msgspec.Struct):
    number: str
    reason: str


def matter(institution: str, number: str) -> str:
    """Name the matter of a report; a number that no matter can hold is put into hexadecimal."""
    safe = all(c.isascii() and (c.isalnum() or c in "._:+-") for c in number)
    return f"{MATTER}/{institution}/{number if safe else '~' + number.encode().hex()}"


def named(matter: str) -> tuple[str, str]:
    """Return institution and number of the report that a matter names."""
    _, institution, number = (*matter.split("/", 2), "", "")[:3]
    if number.startswith("~"):
        number = bytes.fromhex(number[1:]).decode(errors="replace")
    return institution, number


def handed_over(received: Received[HandedOver], at: datetime) -> None:
    """Take in a report with its document."""
    told, institution = received.body, received.peer.organisation
    _belongs(received, told.number)
    if told.sha256 not in received.blobs:
        raise BodyUnreadable(kind=received.kind, reason=f"it does not bring {told.sha256}")
    path = received.files(told.sha256)
    report = reports_elsewhere.handed_over(
        reports_elsewhere.FromElsewhere(
            envelope=told.envelope,
            filename=told.filename,
            length=path.stat().st_size,
            handed_over_at=messages.moment(told.handed_over_at),
        ),
        institution=institution,
        at=at,
    )
    if (report.number, report.sha256) != (told.number, told.sha256):
        raise reports_elsewhere.ReportNotSigned(reason=f"it is {report.number} {report.sha256}")
    documents.keep(
        organisation_id=institution.pk,
        filename=told.filename,
        sha256=told.sha256,
        path=path,
        store=received.platform.documents,
        actor=remote.named(institution, Role.TEST_ENGINEER),
        at=at,
    )


def revoked(received: Received[Revoked], at: datetime) -> None:
    """Take in that the institution no longer stands by a report."""
    told = received.body
    _belongs(received, told.number)
    reports_elsewhere.revoked(
        number=told.number, reason=told.reason, institution=received.peer.organisation, at=at
    )


KINDS: Final = (
    Kind("report.handed-over", 1, HandedOver, handed_over),
    Kind("report.revoked", 1, Revoked, revoked),
)


def _belongs(received: Received[Any], number: str) -> None:
    if received.matter != matter(received.peer.organisation.slug, number):
        raise WrongMatter(kind=received.kind, matter=received.matter)
