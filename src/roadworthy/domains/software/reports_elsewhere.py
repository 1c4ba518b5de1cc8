"""Test reports of an institution that acts at another deployment.

What a report says is read from what its institution signed, never from what came beside it; who
brought it counts for nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from roadworthy.domains.organisations import queries as organisations
from roadworthy.domains.organisations import remote
from roadworthy.domains.organisations.models import Organisation, SigningKey
from roadworthy.domains.organisations.roles import KeyPurpose, Kind, Role
from roadworthy.domains.software import reporting
from roadworthy.domains.software.models import Report
from roadworthy.domains.software.reports import NoSuchReport
from roadworthy.domains.software.states import REPORT, ReportAction, ReportState
from roadworthy.kernel.errors import Forbidden
from roadworthy.trust import dsse
from roadworthy.trust.keys import key_from_dict

# What a statement about a test says; ``statement`` writes it.
_SAID = (
    *("number", "title", "standard", "manufacturer", "type", "result"),
    *("tested_on", "summary", "signed_at"),
)


class ReportNotSigned(Forbidden):
    code = "report-not-signed"
    message = "The institution has not signed this report: {reason}."


@dataclass(frozen=True, slots=True)
class FromElsewhere:
    """A report as its institution hands it over; all that counts is in ``envelope``."""

    envelope: str
    filename: str
    length: int  # bytes of the document
    handed_over_at: datetime


def handed_over(told: FromElsewhere, *, institution: Organisation, at: datetime) -> Report:
    """Take in a report of a remote institution; inside the caller's transaction.

    What it says is read from what the institution signed, and from nothing else.

    Raises:
        ReportNotSigned: no live key of the institution signed it, or it says something else.
        NoSuchManufacturer: it is for nobody who is known here.
        ReportNumberTaken: another report has that number.
    """
    key = organisations.live_key(institution.pk, KeyPurpose.TEST_REPORT)
    signed = _opened(told, institution, key)
    said = signed.predicate
    manufacturer = Organisation.objects.filter(
        slug=said["manufacturer"], kind=Kind.MANUFACTURER
    ).first()
    if manufacturer is None:
        raise reporting.NoSuchManufacturer
    document, *subjects = signed.subjects
    if Report.objects.filter(institution=institution, number=said["number"]).exists():
        raise reporting.ReportNumberTaken(number=said["number"])
    report = Report.objects.create(
        institution=institution,
        manufacturer=manufacturer,
        number=said["number"],
        title=said["title"],
        standard=said["standard"],
        type_code=said["type"],
        subjects=[{"name": one.name, "sha256": one.sha256} for one in subjects],
        result=said["result"],
        tested_on=date.fromisoformat(said["tested_on"]),
        summary=said["summary"],
        filename=document.name,
        sha256=document.sha256,
        length=told.length,
        entered_at=at,
        envelope=told.envelope,
        signed_at=datetime.fromisoformat(said["signed_at"]),
        handed_over_at=told.handed_over_at,
        state=ReportState.SIGNED,
    )
    after = REPORT.next_state(ReportState.SIGNED, ReportAction.HAND_OVER, Role.TEST_ENGINEER)
    by = remote.named(institution, Role.TEST_ENGINEER)
    assert key is not None
    return reporting.move(report, after, ReportAction.HAND_OVER, by, at, (), keyid=key.keyid)


def revoked(*, number: str, reason: str, institution: Organisation, at: datetime) -> Report:
    """Take in that a remote institution no longer stands by a report; in the caller's transaction.

    Raises:
        NoSuchReport, WrongState, RevocationReasonMissing.
    """
    report = (
        Report.objects.select_for_update(no_key=True, of=("self",))
        .select_related("institution", "manufacturer")
        .filter(institution=institution, number=number)
        .first()
    )
    if report is None:
        raise NoSuchReport
    after = REPORT.next_state(ReportState(report.state), ReportAction.REVOKE, Role.TEST_ENGINEER)
    if not reason.strip():
        raise reporting.RevocationReasonMissing
    report.reason, report.revoked_at = reason.strip(), at
    by = remote.named(institution, Role.TEST_ENGINEER)
    return reporting.move(report, after, ReportAction.REVOKE, by, at, ("reason", "revoked_at"))


def _opened(
    told: FromElsewhere, institution: Organisation, key: SigningKey | None
) -> dsse.Statement:
    """Return what an institution has signed, if it did and if a report can be made of it."""
    if key is None:
        raise ReportNotSigned(reason=f"{institution.slug} has no key for test reports here")
    try:
        signed = dsse.open_envelope(told.envelope.encode(), [key_from_dict(key.public)])
    except (dsse.NotAttested, dsse.EnvelopeMalformed) as error:
        raise ReportNotSigned(reason=str(error)) from None
    said = signed.predicate
    if signed.predicate_type != dsse.PredicateType.TEST_REPORT:
        raise ReportNotSigned(reason=f"it is a {signed.predicate_type}")
    wanted = {*_SAID, "institution"}
    if not all(isinstance(said.get(name), str) for name in wanted):
        raise ReportNotSigned(reason="it lacks a member")
    if said["institution"] != institution.slug or signed.subjects[0].name != told.filename:
        raise ReportNotSigned(reason=f"it is by {said['institution']} about another document")
    try:
        date.fromisoformat(said["tested_on"])
        datetime.fromisoformat(said["signed_at"])
        reporting.Result(said["result"])
    except ValueError as error:
        raise ReportNotSigned(reason=str(error)) from None
    return signed
