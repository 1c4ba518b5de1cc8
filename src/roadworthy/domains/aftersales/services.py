"""What is done about a complaint. The only place that moves its state."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime

from django.db import transaction

from roadworthy.domains.aftersales import errors, intake, records
from roadworthy.domains.aftersales.models import Complaint, Message
from roadworthy.domains.aftersales.records import BY_OWNER, INSIDE, TO_OWNER
from roadworthy.domains.aftersales.states import COMPLAINT, Action, State
from roadworthy.domains.aftersales.states import Actor as Mover
from roadworthy.domains.campaigns import moves
from roadworthy.domains.ledger import services as ledger
from roadworthy.domains.organisations import queries as organisations
from roadworthy.domains.organisations.actors import Actor, Witnessed
from roadworthy.domains.organisations.roles import Role

LANGUAGES = ("zh-hans", "en")
_TELEPHONE = re.compile(r"(?<!\d)(?:\+?86[ -]?)?1[3-9]\d[ -]?\d{4}[ -]?\d{4}(?!\d)")
_VIN = re.compile(r"\b[A-HJ-NPR-Z0-9]{17}\b", re.IGNORECASE)
_SHORTEST_NAME = 2


@transaction.atomic(durable=True)
def answer(*, complaint_id: int, words: str, actor: Actor, at: datetime) -> Complaint:
    """Answer the owner.

    Raises:
        NoSuchComplaint, NotAMember, WrongState, WrongRole, NothingSaid, TooManyWords.
    """
    complaint, by = records.locked(complaint_id, actor)
    after = COMPLAINT.next_state(State(complaint.state), Action.ANSWER, Mover(actor.role))
    records.message(complaint, TO_OWNER, words, author_id=actor.person_id, at=at)
    complaint.answered_at = at
    return _move(complaint, after, Action.ANSWER, by, at, "answered_at")


@transaction.atomic(durable=True)
def dispute(
    *, complaint_id: int, summary: Mapping[str, str], actor: Actor, at: datetime
) -> Complaint:
    """Say that owner and manufacturer do not agree; from now on SAMR reads the summary.

    Raises:
        NoSuchComplaint, NotAMember, WrongState, WrongRole.
        SummaryMissing: a language of the summary is empty.
        PersonalDataInside: the summary names the vehicle or the owner.
    """
    complaint, by = records.locked(complaint_id, actor)
    after = COMPLAINT.next_state(State(complaint.state), Action.DISPUTE, Mover(actor.role))
    complaint.public_summary = _summary(complaint, summary)
    complaint.disputed_at = at
    policy = intake.policy_of(complaint.manufacturer_id)
    complaint.settle_due_on = intake.due_on(at, policy.settle_days if policy else None)
    fields = ("public_summary", "disputed_at", "settle_due_on")
    return _move(complaint, after, Action.DISPUTE, by, at, *fields)


@transaction.atomic(durable=True)
def settle(*, complaint_id: int, words: str, actor: Actor, at: datetime) -> Complaint:
    """Write down what both agreed on; the owner reads it.

    Raises:
        NoSuchComplaint, NotAMember, WrongState, WrongRole, NothingSaid, TooManyWords.
    """
    complaint, by = records.locked(complaint_id, actor)
    after = COMPLAINT.next_state(State(complaint.state), Action.SETTLE, Mover(actor.role))
    records.message(complaint, TO_OWNER, words, author_id=actor.person_id, at=at)
    return _move(complaint, after, Action.SETTLE, by, at)


@transaction.atomic(durable=True)
def close(*, complaint_id: int, words: str = "", actor: Actor, at: datetime) -> Complaint:
    """Close what is answered or settled; a note for colleagues may go with it.

    Raises:
        NoSuchComplaint, NotAMember, WrongState, WrongRole, TooManyWords.
    """
    complaint, by = records.locked(complaint_id, actor)
    after = COMPLAINT.next_state(State(complaint.state), Action.CLOSE, Mover(actor.role))
    if words.strip():
        records.message(complaint, INSIDE, words, author_id=actor.person_id, at=at)
    complaint.ended_at = at
    return _move(complaint, after, Action.CLOSE, by, at, "ended_at")


@transaction.atomic(durable=True)
def reopen(*, complaint_id: int, words: str, actor: Actor, at: datetime) -> Complaint:
    """Take it up again, because the owner is not content; the service level starts anew.

    Raises:
        NoSuchComplaint, NotAMember, WrongState, WrongRole, NothingSaid, TooManyWords.
    """
    complaint, by = records.locked(complaint_id, actor)
    return _reopen(complaint, words, Mover(actor.role), actor.person_id, by, at)


@transaction.atomic(durable=True)
def take_back(*, complaint_id: int, words: str, actor: Actor, at: datetime) -> Complaint:
    """Note that the owner has taken the complaint back, and how that is known.

    Raises:
        NoSuchComplaint, NotAMember, WrongState, WrongRole, NothingSaid, TooManyWords.
    """
    complaint, by = records.locked(complaint_id, actor)
    after = COMPLAINT.next_state(State(complaint.state), Action.TAKE_BACK, Mover(actor.role))
    records.message(complaint, INSIDE, words, author_id=actor.person_id, at=at)
    complaint.ended_at = at
    return _move(complaint, after, Action.TAKE_BACK, by, at, "ended_at")


@transaction.atomic(durable=True)
def write(*, complaint_id: int, words: str, to_owner: bool, actor: Actor, at: datetime) -> Message:
    """Write to the owner, or a note for colleagues; the state stays.

    Raises:
        NoSuchComplaint, NotAMember, NothingSaid, TooManyWords.
        NotWritten: somebody else than after-sales service writes to the owner.
    """
    complaint, by = records.locked(complaint_id, actor)
    if to_owner and actor.role != Role.AFTER_SALES:
        raise errors.NotWritten
    direction = TO_OWNER if to_owner else INSIDE
    made = records.message(complaint, direction, words, author_id=actor.person_id, at=at)
    records.log("complaint:message", complaint, by, at, direction=direction)
    return made


@transaction.atomic(durable=True)
def hand_over(
    *, complaint_id: int, user_id: int, words: str = "", actor: Actor, at: datetime
) -> Complaint:
    """Give the complaint to a colleague, with a note if there is something to say.

    Raises:
        NoSuchComplaint, NotAMember, TooManyWords.
        NotAColleague: that person does not work in this manufacturer's after-sales service.
    """
    complaint, by = records.locked(complaint_id, actor)
    colleagues = organisations.people(complaint.manufacturer_id, [Role.AFTER_SALES])
    if not colleagues.filter(user_id=user_id).exists():
        raise errors.NotAColleague
    if words.strip():
        records.message(complaint, INSIDE, words, author_id=actor.person_id, at=at)
    complaint.assigned_to_id = user_id
    records.save(complaint, ["assigned_to"])
    records.log("complaint:handed-over", complaint, by, at)
    return complaint


@transaction.atomic(durable=True)
def open_contact(*, complaint_id: int, actor: Actor, at: datetime) -> Complaint:
    """Open how to reach the owner, and write down that it was opened.

    Raises:
        NoSuchComplaint, NotAMember.
        NotWritten: somebody else than after-sales service, who has no need of it.
    """
    complaint, by = records.locked(complaint_id, actor)
    if actor.role != Role.AFTER_SALES:
        raise errors.NotWritten
    records.log("complaint:contact-opened", complaint, by, at)
    return complaint


@transaction.atomic(durable=True)
def erase_contact(*, complaint_id: int, actor: Actor, at: datetime) -> Complaint:
    """Erase who complained, and with the salt the link from the log to the words.

    Raises:
        NoSuchComplaint, NotAMember.
        StillOpen: the complaint is still being dealt with.
    """
    complaint, by = records.locked(complaint_id, actor)
    if complaint.ended_at is None:
        raise errors.StillOpen
    complaint.contact, complaint.salt = "", b""
    records.save(complaint, ["contact", "salt"])
    records.log("complaint:contact-erased", complaint, by, at)
    return complaint


@transaction.atomic(durable=True)
def owner_writes(*, token: str, complaint_id: int, words: str, at: datetime) -> Complaint:
    """Keep what the owner adds; if it was answered already, that takes it up again.

    Raises:
        NoSuchLink: the token is unknown.
        NoSuchComplaint: the link's vehicle has no such complaint from the web.
        WrongState: it was taken back.
        NothingSaid, TooManyWords.
    """
    complaint, by = _owners(token, complaint_id)
    if complaint.state in {State.RECEIVED, State.IN_DISPUTE}:
        records.message(complaint, BY_OWNER, words, author_id=None, at=at)
        records.log("complaint:message", complaint, by, at, direction=BY_OWNER)
        return complaint
    return _reopen(complaint, words, Mover.OWNER, None, by, at)


@transaction.atomic(durable=True)
def owner_takes_back(*, token: str, complaint_id: int, at: datetime) -> Complaint:
    """Take the complaint back, as the owner asks.

    Raises:
        NoSuchLink, NoSuchComplaint, WrongState.
    """
    complaint, by = _owners(token, complaint_id)
    after = COMPLAINT.next_state(State(complaint.state), Action.TAKE_BACK, Mover.OWNER)
    complaint.ended_at = at
    return _move(complaint, after, Action.TAKE_BACK, by, at, "ended_at")


def _owners(token: str, complaint_id: int) -> tuple[Complaint, Witnessed]:
    action = intake.behind(token)
    found = (
        Complaint.objects.select_for_update(no_key=True)
        .filter(
            pk=complaint_id,
            vehicle_id=action.vehicle_id,
            release_id=action.campaign.release_id,
            channel=intake.WEB,
        )
        .first()
    )
    if found is None:
        raise errors.NoSuchComplaint
    return found, Witnessed("owner", None, moves.commitment_of(action))


def _reopen(
    complaint: Complaint,
    words: str,
    mover: Mover,
    author_id: int | None,
    by: ledger.Named,
    at: datetime,
) -> Complaint:
    after = COMPLAINT.next_state(State(complaint.state), Action.REOPEN, mover)
    direction = BY_OWNER if mover == Mover.OWNER else INSIDE
    records.message(complaint, direction, words, author_id=author_id, at=at)
    policy = intake.policy_of(complaint.manufacturer_id)
    complaint.answer_due_on = intake.due_on(at, policy.answer_days if policy else None)
    complaint.answered_at, complaint.ended_at = None, None
    fields = ("answer_due_on", "answered_at", "ended_at")
    return _move(complaint, after, Action.REOPEN, by, at, *fields)


def _summary(complaint: Complaint, summary: Mapping[str, str]) -> dict[str, str]:
    kept = {language: summary.get(language, "").strip() for language in LANGUAGES}
    if not all(kept.values()):
        raise errors.SummaryMissing
    whole = "\n".join(kept.values())
    names = [
        one
        for one in re.split(r"[\s,;:，；：、]+", complaint.contact)
        if len(one) >= _SHORTEST_NAME
    ]
    for found in (*_TELEPHONE.findall(whole), *_VIN.findall(whole)):
        raise errors.PersonalDataInside(found=found)
    for one in names:
        if one.casefold() in whole.casefold():
            raise errors.PersonalDataInside(found=one)
    return kept


def _move(
    complaint: Complaint,
    after: State,
    action: Action,
    by: ledger.Named,
    at: datetime,
    *fields: str,
) -> Complaint:
    before = complaint.state
    complaint.state = after
    records.save(complaint, ["state", *fields])
    records.log(
        "complaint:state:changed", complaint, by, at, action=action, before=before, after=after
    )
    return complaint
