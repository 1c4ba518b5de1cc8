"""Register functions and texts, and write their wordings; what follows is in ``services``."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction

from roadworthy.domains.access import queries as access
from roadworthy.domains.disclosure import errors, records, wordings
from roadworthy.domains.disclosure.models import Function, Text, Version
from roadworthy.domains.disclosure.states import Channel, State
from roadworthy.domains.ledger import services as ledger
from roadworthy.domains.organisations.actors import Actor, Witnessed, witnessed
from roadworthy.domains.organisations.roles import Role
from roadworthy.domains.software.models import Release
from roadworthy.domains.vehicles import queries as vehicles
from roadworthy.domains.vehicles.models import VehicleType
from roadworthy.kernel.transitions import WrongRole
from roadworthy.law.wording import LEVELS, NoSuchLevel


@transaction.atomic(durable=True)
def register_function(
    *,
    type_id: int,
    code: str,
    name: Mapping[str, str],
    level: int,
    approval_number: str,
    actor: Actor,
    at: datetime,
) -> Function:
    """Register a function of a type under the approval that it rests on.

    Raises:
        NotAMember, WrongRole.
        NoSuchType: there is none, or it is another manufacturer's.
        NoSuchApproval: the type has no approval of that number.
        NoSuchLevel, WordsMissing, FunctionCodeTaken.
    """
    by = _writer(actor)
    of_type = vehicles.vehicle_type(actor.organisation_id or 0, type_id)
    if level not in LEVELS:
        raise NoSuchLevel(level=level)
    missing = [one for one in wordings.LANGUAGES if not name.get(one, "").strip()]
    if missing:
        raise errors.WordsMissing(missing=", ".join(missing))
    try:
        with transaction.atomic():
            function = Function.objects.create(
                manufacturer_id=of_type.manufacturer_id,
                type=of_type,
                code=code.strip(),
                name={one: name[one].strip() for one in wordings.LANGUAGES},
                level=level,
                approval_number=_approval(of_type, approval_number),
                added_at=at,
            )
    except IntegrityError:
        raise errors.FunctionCodeTaken(short=code) from None
    ledger.record(
        event="function:registered",
        subject=f"function/{function.pk}",
        actor=by,
        at=at,
        data={"type": of_type.code, "level": level, "approval": function.approval_number},
    )
    return function


@transaction.atomic(durable=True)
def register_text(  # noqa: PLR0913 - the parts of one text
    *,
    channel: Channel,
    type_id: int,
    content: Mapping[str, Mapping[str, Any]],
    function_id: int | None = None,
    release_id: int | None = None,
    place: str = "",
    approval_number: str = "",
    hint_reason: str = "",
    actor: Actor,
    at: datetime,
) -> Version:
    """Register a text with its first wording, as a draft.

    ``content`` holds, for each language, the fields that ``wordings.FIELDS`` names.

    Raises:
        NotAMember, WrongRole, NoSuchType, NoSuchFunction, NoSuchApproval.
        FunctionMissing, NotAFunctionOfThisType, ReleaseMissing: it is not about the right thing.
        WordsMissing, WordsTooLong.
    """
    by = _writer(actor)
    of_type = vehicles.vehicle_type(actor.organisation_id or 0, type_id)
    function = _function(of_type, function_id, channel)
    text = Text.objects.create(
        manufacturer_id=of_type.manufacturer_id,
        channel=channel,
        type=of_type,
        function=function,
        release=_release(of_type, release_id, channel),
        place=place.strip(),
        approval_number=(
            function.approval_number if function else _approval(of_type, approval_number)
        ),
        registered_at=at,
    )
    return _write(text, content, hint_reason, by, actor, at)


@transaction.atomic(durable=True)
def write(
    *,
    text_id: int,
    content: Mapping[str, Mapping[str, Any]],
    hint_reason: str = "",
    actor: Actor,
    at: datetime,
) -> Version:
    """Write a text's next wording, or change the one that is still a draft.

    Raises:
        NoSuchText, NotAMember, WrongRole, WordsMissing, WordsTooLong.
        VersionInWork: a version is being reviewed or waits for its publication.
        NothingChanged: the wording is that of the version before.
    """
    by = _writer(actor)
    text = records.locked(text_id, actor)
    return _write(text, content, hint_reason, by, actor, at)


def _write(
    text: Text,
    content: Mapping[str, Mapping[str, Any]],
    hint_reason: str,
    by: Witnessed,
    actor: Actor,
    at: datetime,
) -> Version:
    kept = wordings.cleaned(Channel(text.channel), content)
    sha256 = wordings.sha256(kept)
    newest = text.versions.order_by("-number").first()
    draft = newest if newest and newest.state == State.DRAFT else None
    if newest and newest.state in {State.IN_REVIEW, State.APPROVED}:
        raise errors.VersionInWork(number=newest.number)
    before = newest if draft is None else None
    if before and before.sha256 == sha256 and before.state == State.PUBLISHED:
        raise errors.NothingChanged(number=before.number)
    version = draft or Version(text=text, number=(newest.number if newest else 0) + 1)
    version.content, version.sha256 = kept, sha256
    version.hint_reason = hint_reason.strip()
    version.written_by_id, version.written_at = actor.person_id, at
    version.checked = records.read_of(version, at).to_json()
    version.save()
    records.log("text:written", version, by, at)
    return version


def _writer(actor: Actor) -> Witnessed:
    by = witnessed(actor)
    if actor.role != Role.MARKETING:
        raise WrongRole(roles=Role.MARKETING, action="write")
    return by


def _approval(of_type: VehicleType, number: str) -> str:
    """Return the approval that something rests on: the type's, unless another of its is named."""
    approved = access.numbers([of_type.pk]).get(of_type.pk, of_type.approval_number)
    wanted = number.strip() or approved
    if wanted not in {approved, of_type.approval_number}:
        raise errors.NoSuchApproval(approval=wanted)
    return wanted


def _function(of_type: VehicleType, function_id: int | None, channel: Channel) -> Function | None:
    if function_id is None:
        if channel in wordings.OF_A_FUNCTION:
            raise errors.FunctionMissing
        return None
    found = Function.objects.filter(pk=function_id, manufacturer_id=of_type.manufacturer_id).first()
    if found is None:
        raise errors.NoSuchFunction
    if found.type_id != of_type.pk:
        raise errors.NotAFunctionOfThisType
    return found


def _release(of_type: VehicleType, release_id: int | None, channel: Channel) -> Release | None:
    if channel != Channel.UPDATE:
        return None
    found = Release.objects.filter(
        pk=release_id or 0, manufacturer_id=of_type.manufacturer_id, types=of_type
    ).first()
    if found is None:
        raise errors.ReleaseMissing
    return found
