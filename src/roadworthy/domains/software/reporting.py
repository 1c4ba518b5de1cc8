"""What a test institution does with a report, and how a manufacturer rests a claim on it.

* The signature is over the document and over every tested thing: a report says nothing about
  bytes that it does not name.
* Nobody but the institution sees a report before it is handed over.
* Its document is kept like every document: of the kind that its name says, intact, and scanned.
* A revoked report stays where it is, with the reason; nothing new can rest on it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any, BinaryIO

from django.db import IntegrityError, transaction

from roadworthy.domains.documents import services as documents
from roadworthy.domains.documents.store import DocumentStore
from roadworthy.domains.ledger import services as ledger
from roadworthy.domains.organisations import queries as organisations
from roadworthy.domains.organisations.actors import Actor, Witnessed, witnessed
from roadworthy.domains.organisations.models import Organisation
from roadworthy.domains.organisations.roles import KeyPurpose, Kind, Role
from roadworthy.domains.software import reports, services
from roadworthy.domains.software.images import ImageStore
from roadworthy.domains.software.models import Evidence, Report
from roadworthy.domains.software.reports import NoSuchReport
from roadworthy.domains.software.states import REPORT, ReportAction, ReportState
from roadworthy.kernel.calendar import legal_day
from roadworthy.kernel.errors import Conflict, Forbidden, Invalid
from roadworthy.trust import dsse
from roadworthy.trust.keys import Keystore

EVIDENCE_KIND = "test-report"
SHA256 = re.compile(r"[0-9a-f]{64}")


class Result(StrEnum):
    PASSED = "passed"
    FAILED = "failed"


class NotYours(Forbidden):
    code = "not-an-institution"
    message = "Only a test engineer of a test institution enters a report."


class NoSuchManufacturer(Invalid):
    code = "report-manufacturer"
    message = "Choose the manufacturer whose product was tested."


class ReportNumberTaken(Conflict):
    code = "report-number-taken"
    message = 'There is already a report "{number}". Choose another number.'


class ReportFieldMissing(Invalid):
    code = "report-field-missing"
    message = "{field} is missing."


class SubjectMissing(Invalid):
    code = "report-subject-missing"
    message = "Name at least one tested thing with its SHA-256."


class BadDigest(Invalid):
    code = "bad-digest"
    message = '"{value}" is not a SHA-256: 64 digits and letters from a to f are needed.'


class BadSubject(Invalid):
    code = "report-bad-subject"
    message = 'Line {line}, "{text}", is not a SHA-256 followed by a name.'


class TestedLater(Invalid):
    code = "report-tested-later"
    message = "The day of the test, {day}, is still to come."


class NoReportKey(Forbidden):
    code = "no-report-key"
    message = "You hold no key of your institution that signs test reports."


class RevocationReasonMissing(Invalid):
    code = "revocation-reason-missing"
    message = "Write the reason: whoever has the report reads it."


class ReportRevoked(Conflict):
    code = "report-revoked"
    message = "Report {number} is revoked: {reason}"


class AlreadyAttached(Conflict):
    code = "report-already-attached"
    message = "Report {number} is attached to this release already."


class NotAboutThisRelease(Conflict):
    code = "report-not-about-release"
    message = "Report {number} names no image of this release. It speaks of: {subjects}."


@dataclass(frozen=True, slots=True)
class Subject:
    """A tested thing: what it is called and the SHA-256 of its bytes."""

    name: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Findings:
    """What was tested, by which standard, and what came out."""

    number: str
    title: str
    standard: str
    subjects: Sequence[Subject]
    result: Result
    tested_on: date
    type_code: str = ""
    summary: str = ""


def subjects_in(text: str) -> list[Subject]:
    """Read tested things as ``sha256sum`` writes them: a digest and a name on each line.

    Raises:
        BadSubject: a line is something else.
    """
    found = []
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            continue
        sha256, _space, name = line.strip().partition(" ")
        name = name.strip().removeprefix("*")  # sha256sum marks binary mode
        if not SHA256.fullmatch(sha256.lower()) or not name:
            raise BadSubject(line=number, text=line.strip()[:80])
        found.append(Subject(name, sha256.lower()))
    return found


@transaction.atomic(durable=True)
def enter(
    *,
    institution_id: int,
    manufacturer_id: int,
    findings: Findings,
    filename: str,
    content: BinaryIO,
    store: DocumentStore,
    actor: Actor,
    at: datetime,
) -> Report:
    """Enter a report as a draft that only the institution sees.

    Raises:
        NotAMember, NotYours: the actor is no test engineer of this institution.
        NoSuchManufacturer, ReportFieldMissing, SubjectMissing, BadDigest, TestedLater.
        ReportNumberTaken: the institution has used that number.
        What ``documents.keep`` raises: the file cannot be taken.
    """
    by = witnessed(actor)
    if actor.role != Role.TEST_ENGINEER or actor.organisation_id != institution_id:
        raise NotYours
    if not Organisation.objects.filter(pk=manufacturer_id, kind=Kind.MANUFACTURER).exists():
        raise NoSuchManufacturer
    subjects = _check(findings, at)
    document = documents.kept(
        organisation_id=institution_id,
        filename=filename,
        content=content,
        store=store,
        actor=actor,
        at=at,
    )
    try:
        with transaction.atomic():
            report = Report.objects.create(
                institution_id=institution_id,
                manufacturer_id=manufacturer_id,
                number=findings.number.strip(),
                title=findings.title.strip(),
                standard=findings.standard.strip(),
                type_code=findings.type_code.strip(),
                subjects=subjects,
                result=findings.result,
                tested_on=findings.tested_on,
                summary=findings.summary.strip(),
                filename=documents.clean_name(filename),
                sha256=document.sha256,
                length=document.length,
                entered_by_id=actor.person_id,
                entered_at=at,
            )
    except IntegrityError:
        raise ReportNumberTaken(number=findings.number) from None
    _log("test-report:entered", report, by, at)
    return report


@transaction.atomic(durable=True)
def sign(
    *, report_id: int, passphrase: str, keystore: Keystore, actor: Actor, at: datetime
) -> Report:
    """Sign a report: an attestation over its document and over the tested things.

    Raises:
        NoSuchReport, WrongState, WrongRole, NoReportKey, WrongPassphrase.
    """
    report, by = _locked(report_id, actor)
    after = REPORT.next_state(ReportState(report.state), ReportAction.SIGN, actor.role)
    key = organisations.live_key(report.institution_id, KeyPurpose.TEST_REPORT)
    if key is None or key.holder_id != actor.user_id:
        raise NoReportKey
    signer = keystore.signer(key.keyid, passphrase)
    report.envelope = dsse.attest(statement(report, at), signer).decode()
    report.signed_by_id, report.signed_at = actor.person_id, at
    also = ("envelope", "signed_by", "signed_at")
    return move(report, after, ReportAction.SIGN, by, at, also, keyid=key.keyid)


@transaction.atomic(durable=True)
def hand_over(*, report_id: int, actor: Actor, at: datetime) -> Report:
    """Give a signed report to the manufacturer.

    Raises:
        NoSuchReport, WrongState, WrongRole.
    """
    report, by = _locked(report_id, actor)
    after = REPORT.next_state(ReportState(report.state), ReportAction.HAND_OVER, actor.role)
    report.handed_over_at = at
    return move(report, after, ReportAction.HAND_OVER, by, at, ("handed_over_at",))


@transaction.atomic(durable=True)
def revoke(*, report_id: int, reason: str, actor: Actor, at: datetime) -> Report:
    """Take back what a report says; it stays visible, with the reason.

    Raises:
        NoSuchReport, WrongState, WrongRole, RevocationReasonMissing.
    """
    report, by = _locked(report_id, actor)
    after = REPORT.next_state(ReportState(report.state), ReportAction.REVOKE, actor.role)
    if not reason.strip():
        raise RevocationReasonMissing
    report.reason, report.revoked_at = reason.strip(), at
    return move(report, after, ReportAction.REVOKE, by, at, ("reason", "revoked_at"))


@transaction.atomic(durable=True)
def discard(*, report_id: int, actor: Actor, at: datetime) -> Report:
    """Throw away a draft that nobody signed.

    Raises:
        NoSuchReport, WrongState, WrongRole.
    """
    report, by = _locked(report_id, actor)
    after = REPORT.next_state(ReportState(report.state), ReportAction.DISCARD, actor.role)
    return move(report, after, ReportAction.DISCARD, by, at, ())


def attach(
    *,
    report_id: int,
    release_id: int,
    store: DocumentStore,
    images: ImageStore,
    actor: Actor,
    at: datetime,
) -> Evidence:
    """Rest a release on a report that was handed over: document and envelope become evidence.

    Raises:
        NoSuchReport: nothing of that id was handed over to the actor's organisation.
        ReportRevoked: the institution no longer stands by it.
        NotAboutThisRelease: it names none of the release's images.
        AlreadyAttached, NoSuchRelease, ReleaseIsFixed, NotAttested.
    """
    report = reports.received(actor.organisation_id or 0, report_id)
    if report.state == ReportState.REVOKED:
        raise ReportRevoked(number=report.number, reason=report.reason)
    if Evidence.objects.filter(release_id=release_id, envelope=report.envelope).exists():
        raise AlreadyAttached(number=report.number)
    if not reports.speaks_of(report, release_id):
        names = ", ".join(subject["name"] for subject in report.subjects)
        raise NotAboutThisRelease(number=report.number, subjects=names)
    with reports.path_of(report, store, images).open("rb") as document:
        return services.add_evidence(
            release_id=release_id,
            kind=EVIDENCE_KIND,
            title=f"{report.number} {report.title}"[:200],
            filename=report.filename,
            chunks=iter(lambda: document.read(1 << 20), b""),
            images=images,
            actor=actor,
            at=at,
            envelope=report.envelope,
            institution_id=report.institution_id,
        )


def statement(report: Report, at: datetime) -> dsse.Statement:
    """Return what the institution's signature says."""
    return dsse.Statement(
        (
            dsse.Subject(report.filename, report.sha256),
            *(dsse.Subject(each["name"], each["sha256"]) for each in report.subjects),
        ),
        dsse.PredicateType.TEST_REPORT,
        {
            "number": report.number,
            "title": report.title,
            "standard": report.standard,
            "institution": report.institution.slug,
            "manufacturer": report.manufacturer.slug,
            "type": report.type_code,
            "result": report.result,
            "tested_on": report.tested_on.isoformat(),
            "summary": report.summary,
            "signed_at": ledger.instant(at),
        },
    )


def _check(findings: Findings, at: datetime) -> list[dict[str, str]]:
    for name in ("number", "title", "standard"):
        if not getattr(findings, name).strip():
            raise ReportFieldMissing(field=name)
    if findings.tested_on > legal_day(at):
        raise TestedLater(day=findings.tested_on)
    if not findings.subjects:
        raise SubjectMissing
    for subject in findings.subjects:
        if not SHA256.fullmatch(subject.sha256):
            raise BadDigest(value=subject.sha256)
    return [{"name": one.name, "sha256": one.sha256} for one in findings.subjects]


def _locked(report_id: int, actor: Actor) -> tuple[Report, Witnessed]:
    by = witnessed(actor)
    report = (
        Report.objects.select_for_update(no_key=True, of=("self",))
        .select_related("institution", "manufacturer")
        .filter(pk=report_id, institution_id=actor.organisation_id)
        .first()
    )
    if report is None:
        raise NoSuchReport
    return report, by


def move(
    report: Report,
    after: ReportState,
    action: ReportAction,
    by: ledger.Named,
    at: datetime,
    also: Sequence[str],
    **data: Any,
) -> Report:
    """Write down a step of a report; inside the caller's transaction."""
    before = report.state
    report.state = after
    report.save(update_fields=["state", *also])
    _log(
        "test-report:state:changed",
        report,
        by,
        at,
        action=action,
        before=before,
        after=after,
        **data,
    )
    return report


def _log(event: str, report: Report, by: ledger.Named, at: datetime, **data: Any) -> None:
    # The log is public: it names digests, never what an unpublished product is called.
    ledger.record(
        event=event,
        subject=f"test-report/{report.pk}",
        actor=by,
        at=at,
        data={"number": report.number, "document_sha256": report.sha256, **data},
    )
