"""Test reports from an institution's own deployment: they count by the institution's signature.

* What a report says is read out of what was signed, and out of nothing else that came with it.
* A revocation needs no signature of its own: it takes trust away, and counts at once.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from roadworthy.domains.ledger import services as ledger
from roadworthy.domains.organisations import queries as organisations
from roadworthy.domains.organisations import remote as elsewhere
from roadworthy.domains.organisations.models import Organisation
from roadworthy.domains.organisations.roles import KeyPurpose, Role
from roadworthy.domains.software import reporting
from roadworthy.domains.software.models import Report
from roadworthy.domains.software.reports import NoSuchReport
from roadworthy.domains.software.states import REPORT, ReportAction, ReportState
from roadworthy.kernel.errors import Forbidden
from roadworthy.trust import dsse
from roadworthy.trust.keys import key_from_dict


class ReportRefused(Forbidden):
    code = "report-refused"
    message = "The report is not taken for what {institution} has signed: {reason}."


def handed_over(
    envelope: str, *, institution: Organisation, manufacturer: Organisation, at: datetime
) -> tuple[Report, bool]:
    """Take a report in as handed over; return it, and whether it is new.

    Inside the caller's transaction; the document's bytes are the caller's business.

    Raises:
        ReportRefused: it is not signed by the institution's key, or not for this manufacturer.
        ReportNumberTaken: the institution has handed over another one of that number.
    """
    statement = _verified(envelope, institution, manufacturer)
    said = statement.predicate
    known = Report.objects.filter(institution=institution, number=said["number"]).first()
    if known is not None:
        if known.envelope != envelope:
            raise reporting.ReportNumberTaken(number=known.number)
        return known, False
    document, *tested = statement.subjects
    report = Report.objects.create(
        institution=institution,
        manufacturer=manufacturer,
        number=said["number"],
        title=said["title"],
        standard=said["standard"],
        type_code=said["type"],
        subjects=[{"name": one.name, "sha256": one.sha256} for one in tested],
        result=said["result"],
        tested_on=date.fromisoformat(said["tested_on"]),
        summary=said["summary"],
        filename=document.name,
        sha256=document.sha256,
        length=0,
        state=REPORT.next_state(ReportState.SIGNED, ReportAction.HAND_OVER, Role.TEST_ENGINEER),
        entered_at=at,
        envelope=envelope,
        signed_at=datetime.fromisoformat(said["signed_at"]),
        handed_over_at=at,
    )
    ledger.record(
        event="test-report:received",
        subject=f"test-report/{report.pk}",
        actor=elsewhere.named(institution, Role.TEST_ENGINEER),
        at=at,
        data={"number": report.number, "document_sha256": report.sha256},
    )
    return report, True


def measured(report: Report, length: int) -> None:
    """Note how long the document is, which came as a file of its own."""
    Report.objects.filter(pk=report.pk).update(length=length)


def revoked(
    number: str, *, reason: str, institution: Organisation, manufacturer: Organisation, at: datetime
) -> Report:
    """Take in that an institution does not stand by a report any more.

    Raises:
        NoSuchReport: it never handed that over to the manufacturer.
        WrongState: it is revoked already.
    """
    report = (
        Report.objects.select_for_update(no_key=True, of=("self",))
        .select_related("institution", "manufacturer")
        .filter(number=number, institution=institution, manufacturer=manufacturer)
        .first()
    )
    if report is None:
        raise NoSuchReport
    by = elsewhere.named(institution, Role.TEST_ENGINEER)
    return reporting.move_to_revoked(report, reason, by, at)


def _verified(
    envelope: str, institution: Organisation, manufacturer: Organisation
) -> dsse.Statement:
    def refused(reason: str) -> ReportRefused:
        return ReportRefused(institution=institution.slug, reason=reason)

    key = organisations.live_key(institution.pk, KeyPurpose.TEST_REPORT)
    if key is None:
        raise refused("it has no key for test reports here")
    try:
        statement = dsse.open_envelope(envelope.encode(), [key_from_dict(key.public)])
    except (dsse.NotAttested, dsse.EnvelopeMalformed) as error:
        raise refused(str(error)) from None
    if statement.predicate_type != dsse.PredicateType.TEST_REPORT:
        raise refused(f"it is a {statement.predicate_type}")
    wanted = {"institution": institution.slug, "manufacturer": manufacturer.slug}
    for name, value in wanted.items():
        if statement.predicate.get(name) != value:
            raise refused(f"its {name} is {statement.predicate.get(name)!r}")
    _check_shape(statement, refused)
    return statement


_TEXTS = ("number", "title", "standard", "type", "result", "tested_on", "summary", "signed_at")


def _check_shape(statement: dsse.Statement, refused: Any) -> None:
    said = statement.predicate
    if any(not isinstance(said.get(name), str) for name in _TEXTS):
        raise refused("a field is missing")
    if said["result"] not in set(reporting.Result):
        raise refused(f"its result is {said['result']!r}")
    if len(statement.subjects) < 2:
        raise refused("it names no tested thing")
    try:
        date.fromisoformat(said["tested_on"])
        datetime.fromisoformat(said["signed_at"])
    except ValueError as error:
        raise refused(str(error)) from None
