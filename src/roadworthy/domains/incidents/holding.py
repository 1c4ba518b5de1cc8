"""Keep what recorders hold of an incident, until two people end it. The only mover of a hold.

* A hold is on a vehicle and a window: what the vehicle told a gateway within it stays as well, and
  the database refuses to let go of it (migration 0002), whoever asks.
* A file is kept by its digest and under a second name; ending the last hold on it gives that up.
* Every step and every reading is a line of the chain of custody, with its entry in the ledger.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import BinaryIO

from django.db import transaction

from roadworthy.domains.documents import services as documents
from roadworthy.domains.documents.errors import DocumentHeld
from roadworthy.domains.documents.models import Document
from roadworthy.domains.documents.store import DocumentStore
from roadworthy.domains.incidents import assessing, errors, queries, records
from roadworthy.domains.incidents.models import Custody, Exhibit, Hold, Incident
from roadworthy.domains.incidents.states import HOLD, HoldAction, HoldState
from roadworthy.domains.ledger import services as ledger
from roadworthy.domains.organisations.actors import PLATFORM, Actor, Witnessed, witnessed
from roadworthy.domains.organisations.roles import Role

RECORDERS = ("edr", "dssad", "l2_recorder", "video", "telematics")
AT_ONCE = "at-once"  # the reason of a hold that the platform placed
AROUND = timedelta(hours=24)  # of what a vehicle told, where nobody has said more; our own choice
_SHA256 = re.compile(r"[0-9a-f]{64}")


@transaction.atomic(durable=True)
def place(
    *,
    incident_id: int,
    from_at: datetime,
    until_at: datetime,
    reason: str,
    actor: Actor,
    at: datetime,
) -> Hold:
    """Hold what the vehicle of an incident told and recorded within a window.

    Raises:
        NoSuchIncident, NotAMember, ReasonMissing.
        WrongWindow: it ends before it begins.
    """
    incident, by = records.locked(incident_id, actor)
    if until_at < from_at:
        raise errors.WrongWindow
    why = records.reason(reason)
    return placed(incident, from_at, until_at, why, by, at, actor=actor)


def placed(
    incident: Incident,
    from_at: datetime,
    until_at: datetime,
    reason: str,
    by: Witnessed,
    at: datetime,
    *,
    actor: Actor,
) -> Hold:
    """Do what ``place`` does, inside the caller's transaction."""
    car = incident.vehicle
    hold = Hold.objects.create(
        incident=incident,
        vehicle=car,
        tenant=(incident.manufacturer.ddi_tenant or "") if car else "",
        controller_id=car.controller_id if car else "",
        from_at=from_at,
        until_at=until_at,
        state=HOLD.initial,
        reason=reason,
        placed_at=at,
        placed_by_id=actor.user_id,
    )
    _line(hold, "placed", actor, by, at, from_at=ledger.instant(from_at), words=reason)
    return hold


def at_once(incident: Incident, at: datetime) -> Hold | None:
    """Hold what the vehicle of a new incident told, before anybody has looked (INC-07)."""
    if incident.vehicle is None:
        return None
    moment = incident.occurred_at or incident.learned_at
    return placed(
        incident,
        moment - AROUND,
        moment + AROUND,
        AT_ONCE,
        witnessed(PLATFORM),
        at,
        actor=PLATFORM,
    )


def keep_file(
    *,
    hold_id: int,
    recorder: str,
    filename: str,
    content: BinaryIO,
    words: str,
    store: DocumentStore,
    actor: Actor,
    at: datetime,
) -> Exhibit:
    """Keep a file under a hold; it is examined before any row is locked.

    Raises:
        NoSuchHold, NotAMember, HoldEnded, WrongValue, TooManyWords.
        BadDocumentName, EmptyDocument, DocumentTooLarge, NotThatType, BrokenDocument,
        ArchiveTooLarge, DocumentRefused, ScannerFailed: nothing is kept.
    """
    hold = found(actor, hold_id)
    if HoldState(hold.state) == HoldState.ENDED:
        raise errors.HoldEnded
    _known(recorder)
    document = documents.keep(
        organisation_id=hold.incident.manufacturer_id,
        filename=filename,
        content=content,
        store=store,
        actor=actor,
        at=at,
    )
    store.hold(document.sha256)
    return _add(hold.pk, recorder, document, "", document.sha256, words, actor, at)


def keep_reference(
    *,
    hold_id: int,
    recorder: str,
    reference: str,
    sha256: str,
    words: str,
    actor: Actor,
    at: datetime,
) -> Exhibit:
    """Write down where a recording lies that is too large to be here, and its digest.

    Raises:
        NoSuchHold, NotAMember, HoldEnded, WrongValue, NothingHeld, WrongDigest, TooManyWords.
    """
    hold = found(actor, hold_id)
    _known(recorder)
    if not reference.strip():
        raise errors.NothingHeld
    digest = sha256.strip().lower().removeprefix("sha256:")
    if not _SHA256.fullmatch(digest):
        raise errors.WrongDigest
    return _add(hold.pk, recorder, None, records.said(reference), digest, words, actor, at)


@transaction.atomic(durable=True)
def read(*, exhibit_id: int, actor: Actor, at: datetime) -> Exhibit:
    """Open something that is held; who reads it is written down before they do.

    Raises:
        NoSuchHold, NotAMember.
    """
    by = witnessed(actor)
    exhibit = (
        Exhibit.objects.select_related("document", "hold__incident")
        .filter(pk=exhibit_id, hold__incident__in=queries.readable(actor))
        .first()
    )
    if exhibit is None:
        raise errors.NoSuchHold
    _line(exhibit.hold, "read", actor, by, at, exhibit=exhibit)
    return exhibit


@transaction.atomic(durable=True)
def propose_end(*, hold_id: int, reason: str, actor: Actor, at: datetime) -> Hold:
    """Propose that a hold ends; nothing changes before a second person agrees.

    Raises:
        NoSuchHold, NotAMember, WrongState, WrongRole, ReasonMissing.
    """
    hold, by = _locked(hold_id, actor)
    after = HOLD.next_state(HoldState(hold.state), HoldAction.PROPOSE_END, actor.role)
    hold.end_reason = records.reason(reason)
    hold.end_proposed_at, hold.end_proposed_by_id = at, actor.person_id
    return _move(hold, after, "end-proposed", actor, by, at, words=hold.end_reason)


@transaction.atomic(durable=True)
def keep(*, hold_id: int, reason: str, actor: Actor, at: datetime) -> Hold:
    """Let a hold go on although somebody proposed to end it.

    Raises:
        NoSuchHold, NotAMember, WrongState, WrongRole, ReasonMissing.
    """
    hold, by = _locked(hold_id, actor)
    after = HOLD.next_state(HoldState(hold.state), HoldAction.KEEP, actor.role)
    why = records.reason(reason)
    hold.end_reason, hold.end_proposed_at, hold.end_proposed_by_id = "", None, None
    return _move(hold, after, "kept", actor, by, at, words=why)


def end(*, hold_id: int, store: DocumentStore, actor: Actor, at: datetime) -> Hold:
    """End a hold that somebody else proposed to end; its files may be removed from now on.

    Raises:
        NoSuchHold, NotAMember, WrongState, WrongRole.
        FourEyes: the actor proposed it.
    """
    hold = _end(hold_id, actor, at)
    for sha256 in _no_longer_held(hold):
        store.let_go(sha256)
    return hold


@transaction.atomic(durable=True)
def remove(*, exhibit_id: int, store: DocumentStore, actor: Actor, at: datetime) -> Exhibit:
    """Remove the bytes of something that is no longer held; its digest and its story stay.

    Raises:
        NoSuchHold, NotAMember.
        NotYours: only the compliance officer removes.
        DocumentHeld: a hold still covers it.
    """
    by = witnessed(actor)
    exhibit = (
        Exhibit.objects.select_related("document", "hold__incident")
        .filter(pk=exhibit_id, hold__incident__in=queries.readable(actor))
        .first()
    )
    if exhibit is None:
        raise errors.NoSuchHold
    if actor.role != Role.COMPLIANCE_OFFICER:
        raise errors.NotYours(roles=Role.COMPLIANCE_OFFICER)
    if HoldState(exhibit.hold.state) != HoldState.ENDED:
        raise DocumentHeld(sha256=exhibit.sha256)
    _line(exhibit.hold, "removed", actor, by, at, exhibit=exhibit)
    store.remove(exhibit.sha256)
    return exhibit


def found(actor: Actor, hold_id: int) -> Hold:
    """Return a hold of one of the actor's incidents.

    Raises:
        NoSuchHold: there is none that the actor may read.
    """
    kept = (
        Hold.objects.select_related("incident", "vehicle", "placed_by", "end_proposed_by")
        .filter(pk=hold_id, incident__in=queries.readable(actor))
        .first()
    )
    if kept is None:
        raise errors.NoSuchHold
    return kept


def of(incident: Incident) -> Sequence[Hold]:
    """Return the holds of an incident, oldest first."""
    kept = Hold.objects.filter(incident=incident).select_related(
        "vehicle", "placed_by", "end_proposed_by", "ended_by"
    )
    return list(kept.order_by("pk"))


def exhibits(hold: Hold) -> Sequence[Exhibit]:
    """Return what is held, in the order in which it came."""
    return list(Exhibit.objects.filter(hold=hold).select_related("document", "by").order_by("pk"))


def chain(hold: Hold) -> Sequence[Custody]:
    """Return the chain of custody of a hold."""
    return list(
        Custody.objects.filter(hold=hold).select_related("by", "exhibit__document").order_by("pk")
    )


def note(hold: Hold, step: str, actor: Actor, by: Witnessed, at: datetime) -> Custody:
    """Write a line into the chain of custody, inside the caller's transaction."""
    return _line(hold, step, actor, by, at)


@transaction.atomic(durable=True)
def _add(
    hold_id: int,
    recorder: str,
    document: Document | None,
    reference: str,
    sha256: str,
    words: str,
    actor: Actor,
    at: datetime,
) -> Exhibit:
    hold, by = _locked(hold_id, actor)
    if HoldState(hold.state) == HoldState.ENDED:
        raise errors.HoldEnded
    known = Exhibit.objects.filter(hold=hold, sha256=sha256).first()
    if known is not None:
        return known
    exhibit = Exhibit.objects.create(
        hold=hold,
        recorder=recorder,
        document=document,
        reference=reference,
        sha256=sha256,
        length=document.length if document else None,
        words=records.said(words) if words.strip() else "",
        at=at,
        by_id=actor.person_id,
    )
    _line(hold, "added", actor, by, at, exhibit=exhibit, words=words.strip())
    assessing.reckon(hold.incident, at)
    return exhibit


@transaction.atomic(durable=True)
def _end(hold_id: int, actor: Actor, at: datetime) -> Hold:
    hold, by = _locked(hold_id, actor)
    after = HOLD.next_state(HoldState(hold.state), HoldAction.END, actor.role)
    if hold.end_proposed_by_id == actor.user_id:
        raise errors.FourEyes
    hold.ended_at, hold.ended_by_id = at, actor.person_id
    return _move(hold, after, "ended", actor, by, at)


def _no_longer_held(hold: Hold) -> list[str]:
    mine = Exhibit.objects.filter(hold=hold, document__isnull=False).values("sha256")
    elsewhere = Exhibit.objects.filter(sha256__in=mine).exclude(hold__state=HoldState.ENDED)
    still = set(elsewhere.values_list("sha256", flat=True))
    return [one["sha256"] for one in mine if one["sha256"] not in still]


def _locked(hold_id: int, actor: Actor) -> tuple[Hold, Witnessed]:
    hold = found(actor, hold_id)
    incident, by = records.locked(hold.incident_id, actor)
    locked = Hold.objects.select_for_update(no_key=True).get(pk=hold.pk)
    locked.incident = incident
    return locked, by


def _move(
    hold: Hold, after: HoldState, step: str, actor: Actor, by: Witnessed, at: datetime, *,
    words: str = "",
) -> Hold:  # fmt: skip
    hold.state = after
    hold.save(
        update_fields=[
            *("state", "end_reason", "end_proposed_at", "end_proposed_by"),
            *("ended_at", "ended_by"),
        ]
    )
    _line(hold, step, actor, by, at, words=words)
    return hold


def _line(
    hold: Hold,
    step: str,
    actor: Actor,
    by: Witnessed,
    at: datetime,
    *,
    exhibit: Exhibit | None = None,
    words: str = "",
    **data: str,
) -> Custody:
    if exhibit is not None:
        data |= {"sha256": exhibit.sha256, "recorder": exhibit.recorder}
    entry = ledger.record(
        event=f"hold:{step}",
        subject=f"hold/{hold.pk}",
        actor=by,
        at=at,
        data={"incident": hold.incident.number, **data},
    )
    return Custody.objects.create(
        hold=hold,
        exhibit=exhibit,
        step=step,
        words=words,
        at=at,
        by_id=actor.user_id,
        role=actor.role,
        entry_id=entry.pk,
    )


def _known(recorder: str) -> None:
    if recorder not in RECORDERS:
        raise errors.WrongValue(field="recorder", value=recorder[:60])
