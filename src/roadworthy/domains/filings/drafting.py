"""Drafts: what is written before it is filed. Several people may write; no text is ever lost.

* A save names the revision that its writer had before them. Fields that nobody else has changed
  since are taken over at once; where both wrote, the sent text waits beside the draft until the
  writer has chosen, field by field.
* What is typed when a session has ended waits for the same person in the same way.
* The log knows nothing of drafts: they are the manufacturer's own papers until they are filed.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from roadworthy.domains.documents import queries as documents
from roadworthy.domains.documents.store import DocumentStore
from roadworthy.domains.filings import enclosing, preparing
from roadworthy.domains.filings.dossiers import OF_A_RELEASE
from roadworthy.domains.filings.enclosing import REASON
from roadworthy.domains.filings.errors import (
    DigestMismatch,
    DraftMoved,
    NoSuchDraft,
    NothingToFile,
)
from roadworthy.domains.filings.models import Draft, DraftAttachment, DraftText, Filing
from roadworthy.domains.filings.states import (
    DRAFT,
    DraftAction,
    DraftState,
    Kind,
)
from roadworthy.domains.organisations.actors import Actor, NotAMember, witnessed
from roadworthy.domains.organisations.roles import Role
from roadworthy.domains.software.models import Release


@dataclass(frozen=True, slots=True)
class Saved:
    """The draft after a save; ``waits`` if somebody else's text stood where the new one is."""

    draft: Draft
    waits: DraftText | None = None


@dataclass(frozen=True, slots=True)
class Clash:
    """One field that two people have written."""

    name: str
    theirs: Any
    mine: Any


@transaction.atomic(durable=True)
def begin(
    *,
    kind: Kind,
    details: Mapping[str, Any],
    actor: Actor,
    at: datetime,
    release_id: int | None = None,
    amends_id: int | None = None,
) -> Draft:
    """Open a draft with what is known already; a next version has the documents of the last.

    Raises:
        NotAMember, WrongRole.
        NoSuchDraft: the release or the filing is another's.
        NothingToFile: the kind is about a release and none is named, or the other way round.
    """
    witnessed(actor)
    DRAFT.next_state(DraftState.OPEN, DraftAction.WRITE, actor.role)
    mine = actor.organisation_id or 0
    release = Release.objects.filter(manufacturer_id=mine, pk=release_id or 0).first()
    amends = Filing.objects.filter(manufacturer_id=mine, pk=amends_id or 0).first()
    if (release is None) != (release_id is None) or (amends is None) != (amends_id is None):
        raise NoSuchDraft
    # A product change may be about a release or stand by itself.
    if release is None and kind in OF_A_RELEASE and kind != Kind.PRODUCT_CHANGE:
        raise NothingToFile
    draft = Draft.objects.create(
        manufacturer_id=mine,
        kind=kind,
        release=release,
        amends=amends,
        details=dict(details),
        created_at=at,
        updated_at=at,
        updated_by_id=actor.person_id,
    )
    _keep_text(draft, draft.details, base=0, actor=actor, at=at)
    if amends is not None:
        enclosing.enclose_again(draft, amends)
    return draft


@transaction.atomic(durable=True)
def save(
    *, draft_id: int, base: int, details: Mapping[str, Any], actor: Actor, at: datetime
) -> Saved:
    """Take over what was typed on top of revision ``base``, or keep it beside the draft.

    Raises:
        NoSuchDraft, NotAMember, WrongState, WrongRole.
    """
    draft = _locked(draft_id, DraftAction.WRITE, actor)
    return _take_over(draft, base, details, actor, at)


@transaction.atomic(durable=True)
def park(
    *, draft_id: int, base: int, details: Mapping[str, Any], user_id: int, at: datetime
) -> None:
    """Keep what a person typed whose session has ended; they find it when they come back.

    ``user_id`` comes from a ticket that the platform has signed, not from a session.

    Raises:
        NoSuchDraft: it is closed or gone.
    """
    draft = Draft.objects.filter(pk=draft_id, state=DraftState.OPEN).first()
    if draft is None:
        raise NoSuchDraft
    _wait(draft, base, details, user_id, at)


@transaction.atomic(durable=True)
def unite(
    *, text_id: int, revision: int, mine: Collection[str], actor: Actor, at: datetime
) -> Draft:
    """Put a waiting text into the draft: of the fields in ``mine`` the waiting text, else theirs.

    Raises:
        NoSuchDraft: no such text of this person waits.
        DraftMoved: somebody saved again meanwhile; nothing is changed, look once more.
    """
    text = waiting(actor).select_related("draft").filter(pk=text_id).first()
    if text is None:
        raise NoSuchDraft
    draft = _locked(text.draft_id, DraftAction.WRITE, actor)
    if draft.revision != revision:
        raise DraftMoved(who=draft.updated_by.name)
    chosen = dict(draft.details)
    chosen |= {name: text.details[name] for name in mine if name in text.details}
    DraftText.objects.filter(pk=text.pk).update(waits=False)
    if chosen != draft.details:
        _advance(draft, chosen, actor, at)
    return draft


@transaction.atomic(durable=True)
def attach(
    *,
    draft_id: int,
    sha256: str,
    title: str,
    actor: Actor,
    at: datetime,
    expected: str = "",
) -> DraftAttachment:
    """Put a kept document to a draft.

    Raises:
        NoSuchDraft, NoSuchDocument, NotAMember, WrongState, WrongRole.
        DigestMismatch: the writer named another digest than the file has.
    """
    draft = _locked(draft_id, DraftAction.WRITE, actor)
    document = documents.document(draft.manufacturer_id, sha256)
    wanted = expected.strip().lower().removeprefix("sha256:")
    if wanted and wanted != sha256:
        raise DigestMismatch(filename=document.filename, expected=wanted, found=sha256)
    row, _ = DraftAttachment.objects.get_or_create(
        draft=draft, document=document, defaults={"title": title or document.filename}
    )
    _touch(draft, actor, at)
    return row


@transaction.atomic(durable=True)
def detach(*, draft_id: int, attachment_id: int, actor: Actor, at: datetime) -> None:
    """Take a document away from a draft; the document itself stays.

    Raises:
        NoSuchDraft, NotAMember, WrongState, WrongRole.
    """
    draft = _locked(draft_id, DraftAction.WRITE, actor)
    DraftAttachment.objects.filter(draft=draft, pk=attachment_id).delete()
    _touch(draft, actor, at)


@transaction.atomic(durable=True)
def discard(*, draft_id: int, actor: Actor, at: datetime) -> None:
    """Throw a draft away.

    Raises:
        NoSuchDraft, NotAMember, WrongState, WrongRole.
    """
    draft = _locked(draft_id, DraftAction.DISCARD, actor)
    _close(draft, DraftAction.DISCARD, actor, at)


@transaction.atomic(durable=True)
def finish(
    *,
    draft_id: int,
    details: Mapping[str, Any],
    store: DocumentStore,
    actor: Actor,
    at: datetime,
) -> tuple[Filing, ...]:
    """Make the filings out of a draft; ``details`` are its fields as the form has read them.

    Raises:
        NoSuchDraft, NotAMember, WrongState, WrongRole, and what ``services.prepare`` raises.
        DigestMismatch: the bytes of an attachment are not those of its digest any more.
    """
    draft = _locked(draft_id, DraftAction.USE, actor)
    enclosed = enclosing.enclosure(draft, details)
    for one in enclosed.attachments:
        if not store.has(one.sha256):
            raise DigestMismatch(filename=one.filename, expected=one.sha256, found="?")
    made = preparing.prepared(
        kind=Kind(draft.kind),
        manufacturer_id=draft.manufacturer_id,
        details={name: value for name, value in details.items() if name != REASON},
        actor=actor,
        at=at,
        release_id=draft.release_id,
        enclosed=enclosed,
    )
    _close(draft, DraftAction.USE, actor, at)
    return made


def waiting(actor: Actor) -> QuerySet[DraftText]:
    """Return the texts of a person that wait to be united with their drafts."""
    return DraftText.objects.filter(
        draft__manufacturer_id=actor.organisation_id,
        draft__state=DraftState.OPEN,
        by_id=actor.user_id,
        waits=True,
    ).order_by("-id")


def clashes(draft: Draft, text: DraftText) -> tuple[Clash, ...]:
    """Return the fields in which a waiting text differs from the draft as it is now."""
    return tuple(
        Clash(name, draft.details.get(name, ""), mine)
        for name, mine in text.details.items()
        if mine != draft.details.get(name, "")
    )


def changed_by_me(draft: Draft, text: DraftText) -> frozenset[str]:
    """Return the fields that the writer of a waiting text has changed themselves."""
    before = _text_of(draft, text.base)
    return frozenset(name for name, mine in text.details.items() if mine != before.get(name, ""))


def _take_over(
    draft: Draft, base: int, details: Mapping[str, Any], actor: Actor, at: datetime
) -> Saved:
    before = draft.details if base == draft.revision else _text_of(draft, base)
    mine = {name: value for name, value in details.items() if value != before.get(name, "")}
    both = [
        name
        for name, value in mine.items()
        if draft.details.get(name, "") not in (before.get(name, ""), value)
    ]
    if both:
        text = _wait(draft, base, {**before, **details}, actor.person_id, at)
        return Saved(draft, text)
    united = dict(draft.details) | mine
    if united != draft.details:
        _advance(draft, united, actor, at)
    return Saved(draft)


def _advance(draft: Draft, details: Mapping[str, Any], actor: Actor, at: datetime) -> None:
    draft.details, draft.revision = dict(details), draft.revision + 1
    _touch(draft, actor, at)
    _keep_text(draft, draft.details, base=draft.revision - 1, actor=actor, at=at)


def _keep_text(
    draft: Draft, details: Mapping[str, Any], *, base: int, actor: Actor, at: datetime
) -> None:
    DraftText.objects.create(
        draft=draft,
        revision=draft.revision,
        base=base,
        details=details,
        at=at,
        by_id=actor.person_id,
    )


def _wait(
    draft: Draft, base: int, details: Mapping[str, Any], user_id: int, at: datetime
) -> DraftText:
    # The newest text of a person holds all that the one before it held.
    DraftText.objects.filter(draft=draft, by_id=user_id, waits=True).update(waits=False)
    return DraftText.objects.create(
        draft=draft, base=base, details=dict(details), waits=True, at=at, by_id=user_id
    )


def _text_of(draft: Draft, revision: int) -> dict[str, Any]:
    found = DraftText.objects.filter(draft=draft, revision=revision).first()
    return dict(found.details) if found else {}


def _touch(draft: Draft, actor: Actor, at: datetime) -> None:
    draft.updated_at, draft.updated_by_id = at, actor.person_id
    draft.save(update_fields=["details", "revision", "updated_at", "updated_by"])


def _close(draft: Draft, action: DraftAction, actor: Actor, at: datetime) -> None:
    after = DRAFT.next_state(DraftState(draft.state), action, actor.role)
    draft.state = after
    draft.updated_at, draft.updated_by_id = at, actor.person_id
    draft.save(update_fields=["state", "updated_at", "updated_by"])


def _locked(draft_id: int, action: DraftAction, actor: Actor) -> Draft:
    witnessed(actor)
    if actor.role == Role.PLATFORM:
        raise NotAMember(role=actor.role)
    draft = (
        Draft.objects.select_for_update(no_key=True, of=("self",))
        .select_related("updated_by", "amends", "release")
        .filter(pk=draft_id, manufacturer_id=actor.organisation_id)
        .first()
    )
    if draft is None:
        raise NoSuchDraft
    DRAFT.next_state(DraftState(draft.state), action, actor.role)
    return draft
