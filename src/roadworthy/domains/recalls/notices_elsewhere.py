"""SAMR's notices between its deployment and a manufacturer's: each keeps the same notice.

* SAMR's word is believed about what SAMR does and when; the manufacturer's about what it answers,
  and about when it received what. Days to come are believed of nobody.
* At the manufacturer's the notice opens the defect, or goes to the one that it names; its number
  goes back with the word that the notice is here. A number that nobody has opens a new one: what
  SAMR asks must not be lost for a wrong reference.
* The defect is its manufacturer's: at SAMR's there is only its number.
* ``..._again`` is for our own words that the other side gave back after a restore; who said them
  is not known any more, so no person is named.
* Plain functions for the transaction that takes the message in; each refusal leaves nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from roadworthy.domains.ledger import services as ledger
from roadworthy.domains.organisations import remote
from roadworthy.domains.organisations.actors import PLATFORM, witnessed
from roadworthy.domains.organisations.models import Organisation
from roadworthy.domains.organisations.roles import Kind, Role
from roadworthy.domains.recalls import duties, errors, notices, opening, records
from roadworthy.domains.recalls.models import Defect, RecallNotice
from roadworthy.domains.recalls.states import (
    RECALL_NOTICE,
    NoticeAct,
    NoticeState,
    Origin,
)
from roadworthy.domains.vehicles.models import VehicleType
from roadworthy.kernel.calendar import legal_day

RECEIVED = "recall-notice:received"
ISSUE = "issue"  # the step that begins a notice; the others are those of its table


@dataclass(frozen=True, slots=True)
class Issued:
    """A notice as SAMR's deployment sends it."""

    number: str
    subject: Mapping[str, str]
    grounds: str
    types: tuple[str, ...]  # codes
    defect: str  # number of the manufacturer's defect; "" opens one
    issued_at: datetime


@dataclass(frozen=True, slots=True)
class Continued:
    """SAMR's next step with a notice."""

    number: str
    act: NoticeAct
    words: str
    opinion: str
    taken_at: datetime


@dataclass(frozen=True, slots=True)
class Receipt:
    """When the manufacturer's deployment had a step, and which defect the notice is about there."""

    number: str
    step: str  # ``ISSUE``, or an act of SAMR's
    defect: str
    received_at: datetime


@dataclass(frozen=True, slots=True)
class Served:
    """On which day a notice of recall came on another way, as SAMR knows it."""

    number: str
    received_at: datetime
    proof: str


@dataclass(frozen=True, slots=True)
class Parties:
    """Between whom a notice is; one of them is here."""

    manufacturer: Organisation
    authority: Organisation


def issued(told: Issued, parties: Parties, *, received_at: datetime, at: datetime) -> RecallNotice:
    """Take in SAMR's notice: the defect is opened here, or the one that it names goes on.

    Raises:
        NotSamrs, UnknownTypes, FieldMissing, WordsMissing, WrongDay.
        OtherNotice: the number stands for another one.
    """
    _from_samr(parties)
    _past(told.issued_at, at)
    if RecallNotice.objects.filter(number=told.number).exists():
        raise errors.OtherNotice(number=told.number)
    by = remote.named(parties.authority, Role.SAMR_REVIEWER)
    notice = _new(told, parties)
    notice.defect = _defect(told, parties.manufacturer, by, received_at, at)
    notices.issued(notice, by, at)
    _receive(notice, ISSUE, received_at, at)
    return notice


def continued(
    told: Continued, parties: Parties, *, received_at: datetime, at: datetime
) -> RecallNotice:
    """Take in SAMR's next step; an order confirms the defect here, and everything stops.

    Raises:
        NotSamrs, NoSuchNotice, WrongState, WrongRole, WordsMissing, WrongDay.
    """
    _from_samr(parties)
    _past(told.taken_at, at)
    notice = _locked(told.number, parties)
    _step(notice, told, received_at, at)
    _receive(notice, told.act, received_at, at)
    return notice


def received(told: Receipt, parties: Parties, *, at: datetime) -> RecallNotice:
    """Note when the manufacturer's deployment had a step of ours; said twice, the first counts.

    Raises:
        NoSuchNotice.
        NoSuchStep: it was not taken here.
        WrongDay: before it was taken, or a day to come.
    """
    notice = _locked(told.number, parties)
    _check_receipt(notice, told, at)
    if told.step == NoticeAct.NOTIFY and notice.recall_notice_received_at is None:
        notice.recall_notice_received_at = told.received_at
    if told.step == ISSUE:
        notice.defect_number = told.defect[:24]
    notice.save(update_fields=["recall_notice_received_at", "defect_number"])
    by = remote.named(parties.manufacturer, Role.PLATFORM)
    when = ledger.instant(told.received_at)
    notices.log(RECEIVED, notice, by, at, step=told.step, received_at=when)
    return notice


def served(told: Served, parties: Parties, *, at: datetime) -> RecallNotice:
    """Take in when the notice of recall came to us before our deployment had it.

    Raises:
        NotSamrs, NoSuchNotice, WordsMissing, WrongDay.
    """
    _from_samr(parties)
    return served_again(told, parties, at=at)


def followed(number: str, parties: Parties, *, since: datetime, at: datetime) -> RecallNotice:
    """Take in that the manufacturer recalls as it was asked to.

    Where SAMR has ordered that meanwhile, the order stands.

    Raises:
        NoSuchNotice, WrongState, WrongDay.
    """
    _past(since, at)
    notice = _locked(number, parties)
    by = remote.named(parties.manufacturer, Role.COMPLIANCE_OFFICER)
    if notice.state == NoticeState.ORDERED:
        return notices.moot(notice, by, at)
    return notices.followed(notice, by, at, since=since)


def objected(
    number: str, said: notices.Objection, parties: Parties, *, at: datetime
) -> RecallNotice:
    """Take in a manufacturer's objection; its evidence is here.

    One that was made before the order and came after it changes nothing any more, but is kept.

    Raises:
        NoSuchNotice, WrongState, WordsMissing, EvidenceMissing, ObjectionTooLate, WrongDay.
    """
    _past(said.objected_at, at)
    notice = _locked(number, parties)
    by = remote.named(parties.manufacturer, Role.COMPLIANCE_OFFICER)
    ended = notice.ended_at
    if notice.state == NoticeState.ORDERED and ended is not None and said.objected_at <= ended:
        return notices.crossed(notice, said, by, at)
    return notices.objected(notice, said, by, at)


def issued_again(told: Issued, parties: Parties, *, at: datetime) -> RecallNotice:
    """Put back a notice of our SAMR that only the manufacturer remembers.

    Raises:
        FieldMissing, WordsMissing.
        OtherNotice: the number stands for another one by now.
    """
    before = RecallNotice.objects.filter(number=told.number).first()
    if before is None:
        by = remote.named(parties.authority, Role.SAMR_REVIEWER)
        return notices.issued(_new(told, parties), by, at)
    if (before.manufacturer_id, before.issued_at) != (parties.manufacturer.pk, told.issued_at):
        raise errors.OtherNotice(number=told.number)
    return before


def continued_again(told: Continued, parties: Parties, *, at: datetime) -> RecallNotice:
    """Take a step of our SAMR again; when it was received the manufacturer says again.

    Raises:
        NoSuchNotice, WrongState, WrongRole, WordsMissing.
    """
    return _step(_locked(told.number, parties), told, None, at)


def served_again(told: Served, parties: Parties, *, at: datetime) -> RecallNotice:
    """Let stand when the notice of recall came, as SAMR knows it.

    Raises:
        NoSuchNotice, WordsMissing, WrongDay.
    """
    by = remote.named(parties.authority, Role.SAMR_REVIEWER)
    notice = _locked(told.number, parties)
    return notices.note_service(notice, told.received_at, told.proof, by, at)


def received_again(told: Receipt, parties: Parties, *, at: datetime) -> RecallNotice:
    """Let stand when we had SAMR's step, where it came to us once more since.

    Raises:
        NoSuchNotice, NoSuchStep, WrongDay.
    """
    notice = _locked(told.number, parties)
    _check_receipt(notice, told, at)
    if told.step == NoticeAct.NOTIFY and not notice.served_by:
        notice.recall_notice_received_at = told.received_at
        notice.save(update_fields=["recall_notice_received_at"])
    if notice.defect is not None:
        duties.settle(notice.defect, at)
    return notice


def _step(
    notice: RecallNotice, told: Continued, received_at: datetime | None, at: datetime
) -> RecallNotice:
    step = notices.Step(told.act, told.words, told.opinion, told.taken_at, received_at)
    by = remote.named(notice.authority, Role.SAMR_REVIEWER)
    if (notice.state, told.act) == (NoticeState.FOLLOWED, NoticeAct.ORDER):
        return notices.overtaken(notice, step, by, at)
    RECALL_NOTICE.next_state(NoticeState(notice.state), told.act, Role.SAMR_REVIEWER)
    return notices.taken(notice, step, by, at)


def _new(told: Issued, parties: Parties) -> RecallNotice:
    return RecallNotice(
        manufacturer=parties.manufacturer,
        authority=parties.authority,
        defect_number=told.defect.strip()[:24],
        types=sorted(set(told.types)),
        number=told.number,
        state=RECALL_NOTICE.initial,
        subject=records.in_both(told.subject, "subject"),
        grounds=records.said(told.grounds),
        issued_at=told.issued_at,
    )


def _defect(
    told: Issued, manufacturer: Organisation, by: ledger.Named, received_at: datetime, at: datetime
) -> Defect:
    maker = Organisation.objects.select_for_update(no_key=True).get(pk=manufacturer.pk)
    types = list(VehicleType.objects.filter(manufacturer=maker, code__in=told.types).order_by("pk"))
    unknown = set(told.types) - {one.code for one in types}
    if unknown or not types:
        raise errors.UnknownTypes(codes=", ".join(sorted(unknown)) or "–")
    named = Defect.objects.filter(
        manufacturer=maker, number=told.defect.strip(), types__in=types
    ).first()
    if named is not None:
        return Defect.objects.select_for_update(no_key=True).get(pk=named.pk)
    about = opening.Suspicion(
        Origin.AUTHORITY, told.subject, [one.pk for one in types], told.grounds, {}
    )
    # Its manufacturer learned of it when the notice came, not when that took effect.
    return opening.began(about, maker, types, by=by, at=at, since=received_at)


def _receive(notice: RecallNotice, step: str, received_at: datetime, at: datetime) -> None:
    """Write into our log that a step is here: SAMR's deployment is told so."""
    when = ledger.instant(received_at)
    notices.log(RECEIVED, notice, witnessed(PLATFORM), at, step=step, received_at=when)


def _check_receipt(notice: RecallNotice, told: Receipt, at: datetime) -> None:
    ended = notice.ended_at
    taken_at = {
        ISSUE: notice.issued_at,
        NoticeAct.NOTIFY: notice.recall_notice_at,
        NoticeAct.APPOINT: notice.objected_at if notice.experts else None,
        NoticeAct.ORDER: ended if notice.state == NoticeState.ORDERED else None,
        NoticeAct.SET_ASIDE: ended if notice.state == NoticeState.SET_ASIDE else None,
    }.get(told.step)
    if taken_at is None:
        raise errors.NoSuchStep(number=told.number)
    _past(told.received_at, at)
    if legal_day(told.received_at) < legal_day(taken_at):
        raise errors.WrongDay(day=legal_day(told.received_at))


def _locked(number: str, parties: Parties) -> RecallNotice:
    found = (
        RecallNotice.objects.select_for_update(no_key=True, of=("self",))
        .select_related("authority", "manufacturer")
        .filter(number=number, manufacturer=parties.manufacturer, authority=parties.authority)
        .first()
    )
    if found is None:
        raise errors.NoSuchNotice
    if found.defect_id is not None:
        found.defect = Defect.objects.select_for_update(no_key=True).get(pk=found.defect_id)
    return found


def _from_samr(parties: Parties) -> None:
    maker, authority = parties.manufacturer, parties.authority
    to_us = maker.kind == Kind.MANUFACTURER and not maker.is_remote
    if not to_us or not authority.is_remote or authority.kind != Kind.SAMR:
        raise errors.NotSamrs(organisation=authority.slug)


def _past(moment: datetime, at: datetime) -> None:
    if legal_day(moment) > legal_day(at):
        raise errors.WrongDay(day=legal_day(moment))
