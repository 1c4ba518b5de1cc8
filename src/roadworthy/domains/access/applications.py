"""Writing applications: begin, save section by section, attach documents, give up.

A save names the revision that it started from. If somebody has saved the same section since, the
save is refused and both versions are handed back; another section's save is no obstacle.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, BinaryIO

from django.db import IntegrityError, transaction

from roadworthy.domains.access import attesting, queries
from roadworthy.domains.access import content as contents
from roadworthy.domains.access.content import Section
from roadworthy.domains.access.errors import (
    ApplicationClosed,
    ApplicationOpen,
    NoSuchApplication,
    NoSuchApproval,
    NotInForce,
    Stale,
    TypeKnown,
)
from roadworthy.domains.access.models import Application, Report
from roadworthy.domains.access.states import Matter, State
from roadworthy.domains.documents import services as documents
from roadworthy.domains.documents.store import DocumentStore
from roadworthy.domains.ledger import services as ledger
from roadworthy.domains.organisations.actors import Actor, Witnessed
from roadworthy.domains.software import queries as software
from roadworthy.domains.vehicles import rights
from roadworthy.domains.vehicles.models import VehicleType

KINDS = (
    "test-report",
    "technical-specification",
    "cybersecurity",
    "software-update-management",
    "safety-case",
    "other",
)


@transaction.atomic(durable=True)
def begin(*, manufacturer_id: int, code: str, actor: Actor, at: datetime) -> Application:
    """Begin an application for market access of a new type.

    Raises:
        NotAMember, NoSuchManufacturer, NotYourTask: the actor may not.
        NotACode: the code of the type cannot be one.
        TypeKnown: a type of that code is registered.
        ApplicationOpen: somebody began one for that code already.
    """
    by = rights.check(manufacturer_id, actor, rights.TYPES)
    code = code.strip()
    if not contents.CODE.fullmatch(code):
        raise contents.NotACode(value=code)
    if VehicleType.objects.filter(manufacturer_id=manufacturer_id, code=code).exists():
        raise TypeKnown(code=code)
    return _create(manufacturer_id, Matter.MARKET_ACCESS, code, contents.empty(code), actor, by, at)


@transaction.atomic(durable=True)
def begin_change(
    *,
    manufacturer_id: int,
    number: str,
    matter: Matter,
    actor: Actor,
    at: datetime,
    release_number: str = "",
) -> Application:
    """Begin a change of an approved type: a copy of what is approved, to be changed.

    With a release, the versions that it brings are entered already.

    Raises:
        NotAMember, NoSuchManufacturer, NotYourTask, NoSuchRelease: the actor may not.
        NoSuchApproval: there is none of that number.
        NotInForce: it was revoked or given back.
    """
    by = rights.check(manufacturer_id, actor, rights.TYPES)
    approval = queries.approval(manufacturer_id, number)
    if State(approval.state) not in {State.IN_FORCE, State.SUSPENDED}:
        raise NotInForce(number=number, state=approval.state)
    release = software.release(manufacturer_id, release_number) if release_number else None
    if release is not None and not release.types.filter(pk=approval.type_id).exists():
        raise NoSuchApproval
    newest = queries.versions(approval.pk)[0]
    working = contents.reopened(newest.content)
    if release is not None:
        _bring(working, release.pk)
    made = _create(
        manufacturer_id,
        matter,
        approval.type.code,
        working,
        actor,
        by,
        at,
        approval=approval,
        release=release,
        base_version=newest.version,
    )
    _carry_evidence(made, newest.content, at)
    return made


@transaction.atomic(durable=True)
def save(
    *,
    application_id: int,
    section: Section,
    values: Mapping[str, Any],
    revision: int,
    actor: Actor,
    at: datetime,
) -> Application:
    """Save one section as it was typed; what is wrong or missing in it may stay so for now.

    Raises:
        NoSuchApplication, NotAMember, NotYourTask, ApplicationClosed.
        Stale: somebody saved this section after ``revision``.
    """
    application, _by = _open(application_id, actor)
    last = application.touched.get(section, {})
    if last.get("revision", 0) > revision and application.content[section] != dict(values):
        raise Stale(
            name=last["by"],
            section=section,
            revision=application.revision,
            yours=dict(values),
            theirs=application.content[section],
        )
    application.content = {**application.content, str(section): dict(values)}
    application.revision += 1
    person = queries.name_of(actor.person_id)
    entry = {"revision": application.revision, "by": person}
    application.touched = {**application.touched, str(section): entry}
    application.saved_at, application.saved_by_id = at, actor.person_id
    application.save(update_fields=["content", "revision", "touched", "saved_at", "saved_by"])
    return application


@transaction.atomic(durable=True)
def give_reason(*, application_id: int, reason: str, actor: Actor, at: datetime) -> Application:
    """Say why the product changes.

    Raises:
        NoSuchApplication, NotAMember, NotYourTask, ApplicationClosed.
    """
    application, _by = _open(application_id, actor)
    application.reason = reason.strip()
    application.saved_at, application.saved_by_id = at, actor.person_id
    application.save(update_fields=["reason", "saved_at", "saved_by"])
    return application


@transaction.atomic(durable=True)
def attach(  # noqa: PLR0913 - the parts of one document
    *,
    application_id: int,
    kind: str,
    title: str,
    standard: str,
    filename: str,
    content: BinaryIO,
    store: DocumentStore,
    actor: Actor,
    at: datetime,
    envelope: str = "",
) -> Report:
    """Attach a document; a test report comes with its institution's signed statement.

    Raises:
        NoSuchApplication, NotAMember, NotYourTask, ApplicationClosed.
        What ``documents.keep`` raises: the file cannot be taken.
        NotAttestedYet, UnknownInstitution, OtherDocument, EnvelopeMalformed, NotAttested,
        WrongStatement: the statement is missing, or does not vouch for this file.
    """
    application, by = _open(application_id, actor)
    document = documents.kept(
        organisation_id=application.manufacturer_id,
        filename=filename,
        content=content,
        store=store,
        actor=actor,
        at=at,
    )
    institution = attesting.institution_of(kind, envelope, document.sha256)
    report, _created = Report.objects.update_or_create(
        application=application,
        sha256=document.sha256,
        defaults={
            "kind": kind,
            "title": title.strip(),
            "standard": standard.strip(),
            "filename": document.filename,
            "length": document.length,
            "envelope": envelope if institution else "",
            "institution": institution,
            "added_at": at,
        },
    )
    _log("access:document:attached", application, by, at, kind=kind, sha256=report.sha256)
    return report


@transaction.atomic(durable=True)
def detach(*, application_id: int, sha256: str, actor: Actor, at: datetime) -> None:
    """Take a document out of an application; what was filed with it keeps it.

    Raises:
        NoSuchApplication, NotAMember, NotYourTask, ApplicationClosed.
    """
    application, by = _open(application_id, actor)
    gone, _rows = Report.objects.filter(application=application, sha256=sha256).delete()
    if gone:
        _log("access:document:detached", application, by, at, sha256=sha256)


@transaction.atomic(durable=True)
def give_up(*, application_id: int, actor: Actor, at: datetime) -> Application:
    """Close an application that will not be filed; a new one may be begun for its type.

    Raises:
        NoSuchApplication, NotAMember, NotYourTask, ApplicationClosed.
    """
    application, by = _open(application_id, actor)
    application.closed_at = at
    application.save(update_fields=["closed_at"])
    _log("access:application:given-up", application, by, at)
    return application


def filed(application_id: int, number: str) -> None:
    """Note under which number an application was filed last; inside the filer's transaction."""
    Application.objects.filter(pk=application_id).update(filing_number=number)


def close(application_id: int, at: datetime) -> None:
    """Close an application that was granted; inside the acceptance's transaction."""
    Application.objects.filter(pk=application_id).update(closed_at=at)


def _create(
    manufacturer_id: int,
    matter: Matter,
    code: str,
    working: Mapping[str, Any],
    actor: Actor,
    by: Witnessed,
    at: datetime,
    **about: Any,
) -> Application:
    try:
        with transaction.atomic():
            application = Application.objects.create(
                manufacturer_id=manufacturer_id,
                matter=matter,
                code=code,
                content=working,
                created_at=at,
                saved_at=at,
                saved_by_id=actor.person_id,
                **about,
            )
    except IntegrityError:
        raise ApplicationOpen(code=code) from None
    _log("access:application:begun", application, by, at)
    return application


def _open(application_id: int, actor: Actor) -> tuple[Application, Witnessed]:
    """Return the actor's application with its row locked.

    Raises:
        NoSuchApplication: nothing has that id, or it is another manufacturer's.
        NotAMember, NotYourTask, ApplicationClosed.
    """
    found = (
        Application.objects.select_for_update(no_key=True, of=("self",))
        .select_related("manufacturer")
        .filter(pk=application_id, manufacturer_id=actor.organisation_id)
        .first()
    )
    if found is None:
        raise NoSuchApplication
    by = rights.check(found.manufacturer_id, actor, rights.TYPES)
    if found.closed_at is not None:
        raise ApplicationClosed
    return found, by


def _bring(working: dict[str, Any], release_id: int) -> None:
    """Enter the versions that a release brings behind those that are approved."""
    brought = {change.ecu_name: change.to_version for change in software.changes_of(release_id)}
    for row in working["ecus"]["rows"]:
        version = brought.get(row["name"])
        if version and version not in row["versions"].splitlines():
            row["versions"] = f"{row['versions']}\n{version}"


def _carry_evidence(made: Application, approved: Mapping[str, Any], at: datetime) -> None:
    """Keep the documents of the approved version with their signatures: they stay valid."""
    digests = [one["sha256"] for one in approved.get("evidence", ())]
    earlier = Report.objects.filter(
        application__manufacturer_id=made.manufacturer_id, sha256__in=digests
    ).order_by("sha256", "-id")
    copies = []
    for report in earlier.distinct("sha256"):
        report.pk, report.application, report.added_at = None, made, at
        copies.append(report)
    Report.objects.bulk_create(copies)


def _log(event: str, application: Application, by: Witnessed, at: datetime, **data: Any) -> None:
    ledger.record(
        event=event,
        subject=f"application/{application.pk}",
        actor=by,
        at=at,
        data={"matter": str(application.matter), "code": application.code, **data},
    )
