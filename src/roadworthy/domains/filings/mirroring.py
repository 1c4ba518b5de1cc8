"""A filing that another deployment handed in, at the deployment of its authority.

* The manufacturer's word is believed about what is the manufacturer's to say: that it was handed
  in, and when. Its content is believed as far as its digest goes, which is computed here.
* From then on it is a filing like any other before this authority; what is decided here is signed
  here.
* Plain functions for the transaction that takes the message in; each refusal leaves nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import msgspec
from django.utils.dateparse import parse_date

from roadworthy.domains.filings import dossiers, preparing, services
from roadworthy.domains.filings.errors import (
    BadDossier,
    FiledOtherwise,
    FromTheFuture,
    NoSuchFiling,
    NotAddressed,
    NotYours,
    OtherContent,
)
from roadworthy.domains.filings.models import Dossier, Filing, Mirror
from roadworthy.domains.filings.states import FILING, Action, Kind, State
from roadworthy.domains.organisations import remote
from roadworthy.domains.organisations.models import Organisation
from roadworthy.domains.organisations.roles import Kind as Party
from roadworthy.domains.organisations.roles import Role
from roadworthy.kernel.calendar import legal_day
from roadworthy.kernel.canonical import canonical, digest
from roadworthy.kernel.errors import DomainError
from roadworthy.law.labels import Label
from roadworthy.law.rulebook import Topic, rulebook

_ALSO = ("submitted_at", "reason")


@dataclass(frozen=True, slots=True)
class Submitted:
    """What a manufacturer's deployment says that it has handed in."""

    number: str
    kind: Kind
    content: Mapping[str, Any]
    sha256: str
    submitted_at: datetime
    supersedes: str = ""  # number of the filing that it takes the place of
    facts: Mapping[str, Any] | None = None  # on which its classification rests
    facts_on: date | None = None  # the legal day of which they tell


class _Image(msgspec.Struct):
    filename: str
    length: int
    sha256: str


class _Change(msgspec.Struct, rename={"from_": "from"}):
    ecu: str
    hardware_id: str
    from_: str
    to: str
    image: _Image


class _Evidence(msgspec.Struct):
    kind: str
    title: str
    filename: str
    sha256: str
    institution: str | None


class _Type(msgspec.Struct):
    code: str
    approval_number: str


class _Release(msgspec.Struct):
    number: str
    manufacturer: str
    title: dict[str, str]
    description: dict[str, dict[str, Any]]
    types: list[_Type]
    changes: list[_Change]
    evidence: list[_Evidence]
    answers: dict[str, Any]
    planned_on: str | None


class _Attached(msgspec.Struct):
    title: str
    filename: str
    sha256: str
    length: int
    media_type: str


class _Amends(msgspec.Struct):
    number: str
    dossier_sha256: str
    reason: str


class _Content(msgspec.Struct, forbid_unknown_fields=True):
    """The shape that pages rely on; ``software.content`` and ``dossiers`` make it."""

    kind: str
    manufacturer: str
    details: dict[str, Any]
    types: list[str] = []
    release: _Release | None = None
    release_sha256: str = ""
    labels: list[str] = []
    attachments: list[_Attached] = []
    amends: _Amends | None = None


def submitted(
    told: Submitted, *, manufacturer: Organisation, authority: Organisation, at: datetime
) -> Filing:
    """Take a filing in, or again what was returned.

    Raises:
        OtherContent: the content has another digest than its sender says.
        BadDossier, NotYours, FromTheFuture.
        NotAddressed: such a filing is not this authority's to decide.
        NoSuchFiling: the one that it takes the place of is not here.
        FiledOtherwise: the number stands for other content already.
        WrongState: it is before the authority, or decided.
    """
    _check(told, manufacturer, authority, at)
    filing = _row(told, manufacturer, authority, at)
    after = FILING.next_state(State(filing.state), Action.SUBMIT, Role.HOMOLOGATION)
    before = filing.supersedes
    if before is not None and before.state not in {State.ACCEPTED, *FILING.final}:
        services.supersede(before, at)
    filing.submitted_at, filing.reason = told.submitted_at, ""
    by = remote.named(manufacturer, Role.HOMOLOGATION)
    services.move(filing, after, Action.SUBMIT, by, at, also=_ALSO)
    Mirror.objects.update_or_create(
        filing=filing, defaults={"evaluation": _answer(told), "received_at": at}
    )
    return filing


def withdrawn(
    number: str, *, manufacturer: Organisation, authority: Organisation, at: datetime
) -> Filing:
    """Note that a manufacturer has taken its filing back.

    Raises:
        NoSuchFiling.
        WrongState: it is decided already.
    """
    filing = locked(number, manufacturer, authority)
    after = FILING.next_state(State(filing.state), Action.WITHDRAW, Role.HOMOLOGATION)
    by = remote.named(manufacturer, Role.HOMOLOGATION)
    return services.move(filing, after, Action.WITHDRAW, by, at)


def locked(number: str, manufacturer: Organisation, authority: Organisation) -> Filing:
    """Return the filing between these two with its row locked.

    Raises:
        NoSuchFiling: there is none, or it is before another authority.
    """
    filing = (
        Filing.objects.select_for_update(no_key=True, of=("self",))
        .select_related("dossier__release", "authority", "manufacturer", "supersedes")
        .filter(number=number, manufacturer=manufacturer, authority=authority)
        .exclude(submitted_at=None)
        .first()
    )
    if filing is None:
        raise NoSuchFiling
    return filing


def is_here(number: str, manufacturer: Organisation, authority: Organisation) -> bool:
    """Say whether a filing of that number was handed in here."""
    found = Filing.objects.filter(number=number, manufacturer=manufacturer, authority=authority)
    return found.exists()


def _check(
    told: Submitted, manufacturer: Organisation, authority: Organisation, at: datetime
) -> None:
    found = dossiers.sha256(told.content)
    if found != told.sha256:
        raise OtherContent(number=told.number, found=found, wanted=told.sha256)
    content = _shape(told)
    named = {content.manufacturer, *([content.release.manufacturer] if content.release else ())}
    if named != {manufacturer.slug} or not manufacturer.is_remote:
        raise NotYours(number=told.number, named=", ".join(sorted(named)), sender=manufacturer.slug)
    if authority.is_remote or Party(authority.kind) not in preparing.ADDRESSEES[told.kind]:
        raise NotAddressed
    day = legal_day(told.submitted_at)
    if day > legal_day(at):
        raise FromTheFuture(number=told.number, day=day.isoformat())


def _shape(told: Submitted) -> _Content:
    """Read the content; its pages must not stumble over what a manufacturer never files."""
    if b"\\u0000" in canonical(dict(told.content)):
        raise BadDossier(number=told.number, reason="it holds a character that no text has")
    try:
        content = msgspec.convert(dict(told.content), _Content, strict=True)
    except msgspec.ValidationError as error:
        raise BadDossier(number=told.number, reason=str(error)) from None
    if content.kind != told.kind:
        raise BadDossier(number=told.number, reason=f"it is of the kind {content.kind}")
    unknown = set(content.labels) - set(Label)
    if unknown:
        raise BadDossier(number=told.number, reason=f"labels {sorted(unknown)}")
    empty: tuple[Any, ...] = (None, "", [], {})
    for name in dossiers.DETAILS[told.kind]:
        if content.details.get(name) in empty:
            raise BadDossier(number=told.number, reason=f"{name} is missing")
    release = told.content.get("release")
    if content.release is not None:
        if digest(release) != content.release_sha256:
            raise BadDossier(number=told.number, reason="its release has another digest")
        if content.release.planned_on and parse_date(content.release.planned_on) is None:
            raise BadDossier(number=told.number, reason="planned_on is no day")
    return content


def _answer(told: Submitted) -> dict[str, Any] | None:
    """Ask the rulebook here about the facts as they were stated; None: it cannot tell."""
    if not told.facts or told.facts_on is None:
        return None
    try:
        answer = rulebook().evaluate(told.facts, as_of=told.facts_on, about=[Topic.UPDATE])
    except (DomainError, ValueError):  # a rulebook of another version has other facts
        return None
    return answer.to_json()


def _row(
    told: Submitted, manufacturer: Organisation, authority: Organisation, at: datetime
) -> Filing:
    rows = Filing.objects.select_for_update(no_key=True, of=("self",)).select_related(
        "dossier", "authority", "manufacturer", "supersedes__dossier"
    )
    filing = rows.filter(number=told.number, manufacturer=manufacturer).first()
    if filing is not None:
        if filing.dossier.sha256 != told.sha256 or filing.authority_id != authority.pk:
            raise FiledOtherwise(number=told.number)
        return filing
    supersedes = locked(told.supersedes, manufacturer, authority) if told.supersedes else None
    return Filing.objects.create(
        dossier=_dossier(told, manufacturer, at),
        manufacturer=manufacturer,
        authority=authority,
        number=told.number,
        supersedes=supersedes,
        created_at=at,
    )


def _dossier(told: Submitted, manufacturer: Organisation, at: datetime) -> Dossier:
    return Dossier.objects.create(
        manufacturer=manufacturer,
        kind=told.kind,
        content=dict(told.content),
        sha256=told.sha256,
        created_at=at,
    )
