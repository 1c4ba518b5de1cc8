"""What can be done to a release before it is filed and signed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, transaction

from roadworthy.domains.ledger import services as ledger
from roadworthy.domains.organisations import queries as organisations
from roadworthy.domains.organisations.actors import Actor, Witnessed, witnessed
from roadworthy.domains.organisations.models import Organisation
from roadworthy.domains.organisations.roles import KeyPurpose
from roadworthy.domains.software import content, questionnaire
from roadworthy.domains.software.images import Digests, ImageStore
from roadworthy.domains.software.models import Change, Evidence, Image, Release, Report
from roadworthy.domains.software.states import RELEASE, Action, ReportState, State
from roadworthy.domains.vehicles import queries as vehicles
from roadworthy.kernel.errors import Conflict, Invalid, NotFound
from roadworthy.trust import dsse
from roadworthy.trust.keys import key_from_dict

FILENAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+-]{0,99}")  # also a TUF path and a URL segment
LANGUAGES = ("zh-hans", "en")


class NoSuchRelease(NotFound):
    code = "no-such-release"
    message = "There is no such release."


class ReleaseNumberTaken(Conflict):
    code = "release-number-taken"
    message = 'There is already a release "{number}". Choose another number.'


class ReleaseIsFixed(Conflict):
    code = "release-is-fixed"
    message = "This release is {state}: its content cannot be changed any more."


class ReleaseHasChanged(Conflict):
    code = "release-has-changed"
    message = "Somebody has changed this release since you read it. Read it again."


class ReleaseIncomplete(Conflict):
    code = "release-incomplete"
    message = "This release cannot be frozen yet: {missing}."


class NoSuchType(Invalid):
    code = "no-such-type"
    message = "Choose at least one of your vehicle types."


class NoSuchEcu(Invalid):
    code = "no-such-ecu"
    message = 'None of the chosen types has an ECU "{ecu}".'


class EcuChangedTwice(Conflict):
    code = "ecu-changed-twice"
    message = 'This release already changes the ECU "{ecu}".'


class BadFilename(Invalid):
    code = "bad-filename"
    message = (
        '"{filename}" cannot be used as a file name. Use Latin letters, digits, dot, plus, '
        "dash and underscore, at most 100."
    )


class EmptyFile(Invalid):
    code = "empty-file"
    message = '"{filename}" is empty.'


class OtherDocument(Invalid):
    code = "other-document"
    message = "The institution's signature is over another file than this one."


class RevokedEvidence(Conflict):
    code = "revoked-evidence"
    message = "The institution has revoked this report."


class TextMissing(Invalid):
    code = "text-missing"
    message = "{field} is needed in Chinese and in English."


@transaction.atomic(durable=True)
def register_release(
    *,
    manufacturer_id: int,
    number: str,
    title: Mapping[str, str],
    description: Mapping[str, Mapping[str, str]],
    type_ids: Sequence[int],
    planned_on: date | None,
    actor: Actor,
    at: datetime,
) -> Release:
    """Register a release as a draft.

    Raises:
        NotAMember: the actor does not act for a manufacturer in this role.
        NoSuchRelease: the actor acts for another organisation.
        ReleaseNumberTaken: the manufacturer has used that number.
        NoSuchType: no type was chosen, or one is not the manufacturer's.
        TextMissing: the title lacks a language.
    """
    by = witnessed(actor)
    if actor.organisation_id != manufacturer_id:
        raise NoSuchRelease
    if not all(title.get(language, "").strip() for language in LANGUAGES):
        raise TextMissing(field="title")
    types = vehicles.types(manufacturer_id).filter(pk__in=type_ids)
    if not type_ids or types.count() != len(set(type_ids)):
        raise NoSuchType
    try:
        with transaction.atomic():
            release = Release.objects.create(
                manufacturer_id=manufacturer_id,
                number=number.strip(),
                title=dict(title),
                description={k: dict(v) for k, v in description.items()},
                planned_on=planned_on,
                registered_by_id=actor.person_id,
                registered_at=at,
            )
    except IntegrityError:
        raise ReleaseNumberTaken(number=number) from None
    release.types.set(types)
    log("release:registered", release, by, at, number=release.number)
    return release


@transaction.atomic(durable=True)
def add_change(  # noqa: PLR0913 - the parts of one change
    *,
    release_id: int,
    ecu_name: str,
    from_version: str,
    to_version: str,
    filename: str,
    chunks: Iterable[bytes],
    images: ImageStore,
    actor: Actor,
    at: datetime,
) -> Change:
    """Add what one ECU goes from and to, with the image that takes it there.

    Raises:
        NoSuchRelease, ReleaseIsFixed, NoSuchEcu, EcuChangedTwice, BadFilename, EmptyFile.
    """
    release, by = _draft(release_id, actor)
    hardware_ids = vehicles.hardware_ids(release.types.all(), ecu_name)
    if not hardware_ids:
        raise NoSuchEcu(ecu=ecu_name)
    image = store_image(release.manufacturer, filename, chunks, images, at)
    try:
        with transaction.atomic():
            change = Change.objects.create(
                release=release,
                ecu_name=ecu_name,
                hardware_id=hardware_ids[0],
                from_version=from_version.strip(),
                to_version=to_version.strip(),
                image=image,
            )
    except IntegrityError:
        raise EcuChangedTwice(ecu=ecu_name) from None
    told = {"ecu": ecu_name, "to_version": change.to_version, "image_sha256": image.sha256}
    log("release:change-added", release, by, at, **told)
    return change


@transaction.atomic(durable=True)
def add_evidence(  # noqa: PLR0913 - the parts of one document
    *,
    release_id: int,
    kind: str,
    title: str,
    filename: str,
    chunks: Iterable[bytes],
    images: ImageStore,
    actor: Actor,
    at: datetime,
    envelope: str = "",
    institution_id: int | None = None,
) -> Evidence:
    """Attach a document; a test report comes with its institution's signed statement.

    Raises:
        NoSuchRelease, ReleaseIsFixed, BadFilename, EmptyFile.
        NotAttested: the envelope is not signed with the institution's key.
        OtherDocument: the envelope speaks of another file.
    """
    release, by = _draft(release_id, actor)
    digests = keep_file(filename, chunks, images)
    if envelope or institution_id is not None:
        check_attested(envelope, institution_id, digests.sha256)
    evidence = Evidence.objects.create(
        release=release,
        kind=kind,
        title=title,
        filename=filename,
        sha256=digests.sha256,
        length=digests.length,
        envelope=envelope,
        institution_id=institution_id,
        added_at=at,
    )
    log("release:evidence-added", release, by, at, kind=kind, title=title, sha256=digests.sha256)
    return evidence


@transaction.atomic(durable=True)
def answer(
    *,
    release_id: int,
    answers: Mapping[str, Any],
    actor: Actor,
    at: datetime,
    expected: str | None = None,
) -> Release:
    """Answer questions of the questionnaire; what is not named stays, a blank takes back.

    ``expected`` is the digest of the content that the actor has read, if they say so.

    Raises:
        NoSuchRelease, ReleaseIsFixed, ReleaseHasChanged, UnknownAnswer, WrongAnswer.
    """
    release, by = _draft(release_id, actor)
    _check_unchanged(release, expected)
    checked = questionnaire.check(answers)
    kept = {name: value for name, value in release.answers.items() if name not in answers}
    release.answers = kept | checked
    release.save(update_fields=["answers"])
    log("release:answered", release, by, at, answered=sorted(checked))
    return release


@transaction.atomic(durable=True)
def freeze(*, release_id: int, actor: Actor, at: datetime, expected: str | None = None) -> Release:
    """Fix the content and take its digest; ``expected`` as for ``answer``.

    Raises:
        NoSuchRelease, WrongState, WrongRole, ReleaseHasChanged.
        ReleaseIncomplete: no change, or questions a-i without an answer.
    """
    release, by = locked(release_id, actor)
    _check_unchanged(release, expected)
    after = RELEASE.next_state(State(release.state), Action.FREEZE, actor.role)
    missing = [f"7.1.2.5 ({key})" for key in questionnaire.unanswered(release.answers)]
    if not Change.objects.filter(release=release).exists():
        missing.insert(0, "change")
    if missing:
        raise ReleaseIncomplete(missing=", ".join(missing))
    release.sha256 = content.sha256(release)
    return move(release, after, Action.FREEZE, by, at, also=("sha256",))


@transaction.atomic(durable=True)
def reopen(*, release_id: int, actor: Actor, at: datetime) -> Release:
    """Go back to the draft; what was filed keeps its own digest.

    Raises:
        NoSuchRelease, WrongState, WrongRole.
    """
    release, by = locked(release_id, actor)
    after = RELEASE.next_state(State(release.state), Action.REOPEN, actor.role)
    release.sha256 = ""
    return move(release, after, Action.REOPEN, by, at, also=("sha256",))


def locked(release_id: int, actor: Actor) -> tuple[Release, Witnessed]:
    """Return the actor's release with its row locked, and the actor as the ledger names them.

    Raises:
        NoSuchRelease: nothing has that id, or it is another organisation's.
        NotAMember: the actor has no such role.
    """
    by = witnessed(actor)
    release = Release.objects.select_for_update(no_key=True).filter(pk=release_id).first()
    if release is None or release.manufacturer_id != actor.organisation_id:
        raise NoSuchRelease
    return release, by


def move(
    release: Release,
    after: State,
    action: Action,
    by: ledger.Named,
    at: datetime,
    *,
    also: Sequence[str] = (),
) -> Release:
    """Write the state that the table decided, and the ledger entry with it."""
    before = release.state
    release.state = after
    release.save(update_fields=["state", *also])
    log(
        "release:state:changed",
        release,
        by,
        at,
        number=release.number,
        action=action,
        before=before,
        after=after,
        sha256=release.sha256,
    )
    return release


def _draft(release_id: int, actor: Actor) -> tuple[Release, Witnessed]:
    release, by = locked(release_id, actor)
    if release.state != State.DRAFT:
        raise ReleaseIsFixed(state=release.state)
    return release, by


def _check_unchanged(release: Release, expected: str | None) -> None:
    if expected is not None and content.sha256(release) != expected:
        raise ReleaseHasChanged


def store_image(
    manufacturer: Organisation,
    filename: str,
    chunks: Iterable[bytes],
    images: ImageStore,
    at: datetime,
) -> Image:
    """Keep an image, inside the caller's transaction; the same bytes again are the same row."""
    digests = keep_file(filename, chunks, images)
    image, _ = Image.objects.get_or_create(
        manufacturer=manufacturer,
        sha256=digests.sha256,
        defaults={
            "filename": filename,
            "length": digests.length,
            "sha1": digests.sha1,
            "md5": digests.md5,
            "added_at": at,
        },
    )
    return image


def check_attested(envelope: str, institution_id: int | None, sha256: str) -> None:
    """Raise unless the envelope is the institution's, about that file, and not revoked."""
    key = organisations.live_key(institution_id or 0, KeyPurpose.TEST_REPORT)
    keys = [key_from_dict(key.public)] if key else []
    statement = dsse.open_envelope(envelope.encode(), keys)
    if sha256 not in {subject.sha256 for subject in statement.subjects}:
        raise OtherDocument
    if envelope and Report.objects.filter(envelope=envelope, state=ReportState.REVOKED).exists():
        raise RevokedEvidence


def keep_file(filename: str, chunks: Iterable[bytes], images: ImageStore) -> Digests:
    """Store the bytes of a file under their digest.

    Raises:
        BadFilename: the name cannot be a TUF path and a URL segment.
        EmptyFile: there are no bytes.
    """
    if not FILENAME.fullmatch(filename):
        raise BadFilename(filename=filename)
    digests = images.add(chunks)
    if not digests.length:
        raise EmptyFile(filename=filename)
    return digests


def log(event: str, release: Release, by: ledger.Named, at: datetime, **data: Any) -> None:
    """Write a step with a release into the ledger, inside the caller's transaction."""
    ledger.record(
        event=event,
        subject=f"release/{release.pk}",
        actor=by,
        at=at,
        release_id=release.pk,
        data=data,
    )
