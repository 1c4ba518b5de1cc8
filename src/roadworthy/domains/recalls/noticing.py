"""SAMR's side: it asks to investigate, gives notice to recall, hears an objection, orders.

* A notice is about a defect of one manufacturer; where none is open, the notice opens one. Where
  the manufacturer has a deployment of its own, that is done there (``notices_elsewhere``).
* An order stands in the place of the producer's own conclusion: everything stops at once.
* What SAMR writes about a recall that runs stays; an announcement is public.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime

from django.db import transaction
from django.db.models import Q

from roadworthy.domains.documents import queries as documents
from roadworthy.domains.filings.models import Filing
from roadworthy.domains.organisations.actors import Actor, Witnessed, witnessed
from roadworthy.domains.organisations.models import Organisation
from roadworthy.domains.organisations.roles import Role
from roadworthy.domains.recalls import errors, notices, opening, records
from roadworthy.domains.recalls.models import Defect, RecallNotice
from roadworthy.domains.recalls.records import Words
from roadworthy.domains.recalls.states import RECALL_NOTICE, NoticeAct, NoticeState, Origin
from roadworthy.kernel.transitions import WrongRole


@transaction.atomic(durable=True)
def issue(
    *,
    subject: Words,
    grounds: str,
    type_ids: Iterable[int],
    actor: Actor,
    at: datetime,
    defect_number: str = "",
) -> RecallNotice:
    """Ask a manufacturer to investigate a possible defect of its types.

    Raises:
        NotAMember, WrongRole, NoTypes, FieldMissing, WordsMissing.
        NoSuchDefect: the manufacturer of the types has no defect of that number.
    """
    by = witnessed(actor)
    authority_id = samr_only(actor)
    words, why = records.in_both(subject, "subject"), records.said(grounds)
    defect = _defect(words, why, list(type_ids), defect_number, actor, at)
    notice = RecallNotice(
        manufacturer_id=defect.manufacturer_id,
        authority_id=authority_id,
        defect=defect,
        types=sorted(defect.types.values_list("code", flat=True)),
        number=_number(at),
        state=RECALL_NOTICE.initial,
        subject=words,
        grounds=why,
        issued_at=at,
        issued_by_id=actor.person_id,
    )
    return notices.issued(notice, by, at)


@transaction.atomic(durable=True)
def issue_elsewhere(
    *,
    manufacturer: str,
    codes: Iterable[str],
    subject: Words,
    grounds: str,
    actor: Actor,
    at: datetime,
    defect_number: str = "",
) -> RecallNotice:
    """Ask a manufacturer to investigate that has a deployment of its own; its defect is there.

    ``manufacturer`` is its slug; ``codes`` are those of types that it has filed with SAMR. The
    number of one of its defects is its deployment's to find: none of that number, a new one.

    Raises:
        NotAMember, WrongRole, FieldMissing, WordsMissing.
        NoTypes: none is named, or one that this manufacturer has not filed here.
    """
    by = witnessed(actor)
    authority_id = samr_only(actor)
    wanted = sorted({one.strip() for one in codes if one.strip()})
    maker = Organisation.objects.filter(slug=manufacturer, deployment__gt="").first()
    if maker is None or not wanted:
        raise errors.NoTypes
    if not all(_is_filed(one, maker, authority_id) for one in wanted):
        raise errors.NoTypes
    notice = RecallNotice(
        manufacturer=maker,
        authority_id=authority_id,
        defect_number=defect_number.strip()[:24],
        types=wanted,
        number=_number(at),
        state=RECALL_NOTICE.initial,
        subject=records.in_both(subject, "subject"),
        grounds=records.said(grounds),
        issued_at=at,
        issued_by_id=actor.person_id,
    )
    return notices.issued(notice, by, at)


@transaction.atomic(durable=True)
def take(
    act: NoticeAct, *, notice_id: int, words: str, actor: Actor, at: datetime, opinion: str = ""
) -> RecallNotice:
    """Take SAMR's next step: notice of recall, experts, order, or set it aside.

    ``words`` are the grounds, the experts' names, or the decision; an order or a setting aside
    after experts carries their ``opinion``.

    Raises:
        NoSuchNotice, NotAMember, WrongState, WrongRole, WordsMissing.
        ObjectionStillPossible: the period to object has not passed.
        NotReceivedYet: it is not known from which day that period runs.
    """
    notice, by = _locked(notice_id, actor)
    RECALL_NOTICE.next_state(NoticeState(notice.state), act, actor.role)
    if act not in notices.FIELDS:
        raise WrongRole(roles=Role.COMPLIANCE_OFFICER, action=act)
    if act == NoticeAct.ORDER and notice.state == NoticeState.NOTICE:
        notices.check_period_over(notice, at)
    step = notices.Step(
        act,
        words=words,
        opinion=opinion,
        taken_at=at,
        # Its producer reads it here at once; at another deployment when that has it.
        received_at=None if notice.manufacturer.is_remote else at,
        person_id=actor.person_id,
    )
    return notices.taken(notice, step, by, at)


@transaction.atomic(durable=True)
def served(*, notice_id: int, on: date, proof: str, actor: Actor, at: datetime) -> RecallNotice:
    """Note on which day a notice of recall came to a manufacturer whose deployment is silent.

    ``proof`` says on which way, and what shows it.

    Raises:
        NoSuchNotice, NotAMember, WrongRole, WordsMissing.
        ReceiptKnown: it is known when it came, or there is no notice of recall.
        WrongDay: before it was given, or a day to come.
    """
    samr_only(actor)
    notice, by = _locked(notice_id, actor)
    return notices.served(notice, notices.noon(on), proof, by, at)


@transaction.atomic(durable=True)
def follow(*, notice_id: int, actor: Actor, at: datetime) -> RecallNotice:
    """Recall as SAMR's notice asks: the analysis is concluded with a defect, if it is open.

    Raises:
        NoSuchNotice, NotAMember, WrongState, WrongRole.
    """
    notice, by = _locked(notice_id, actor)
    RECALL_NOTICE.next_state(NoticeState(notice.state), NoticeAct.FOLLOW, actor.role)
    return notices.followed(notice, by, at, since=at, person_id=actor.person_id)


@transaction.atomic(durable=True)
def object_to(
    *, notice_id: int, words: str, document_sha256: str, actor: Actor, at: datetime
) -> RecallNotice:
    """Object to a notice of recall, with evidence.

    Raises:
        NoSuchNotice, NotAMember, WrongState, WrongRole, WordsMissing.
        EvidenceMissing: the law asks for evidence with the objection.
        ObjectionTooLate: the period has passed.
        NoSuchDocument: the manufacturer has handed in no such document.
    """
    notice, by = _locked(notice_id, actor)
    RECALL_NOTICE.next_state(NoticeState(notice.state), NoticeAct.OBJECT, actor.role)
    notices.check_objection(notice, document_sha256, at)
    document = documents.document(notice.manufacturer_id, document_sha256)
    said = notices.Objection(words, document.sha256, document.filename, at)
    return notices.objected(notice, said, by, at)


def samr_only(actor: Actor) -> int:
    """Return the authority that the actor reviews for.

    Raises:
        WrongRole: the actor is no reviewer of SAMR's.
    """
    if actor.role != Role.SAMR_REVIEWER or actor.organisation_id is None:
        raise WrongRole(roles=Role.SAMR_REVIEWER, action="order")
    return actor.organisation_id


def _is_filed(code: str, maker: Organisation, authority_id: int) -> bool:
    """Say whether a manufacturer has filed something about a type of that code with SAMR."""
    named = Q(dossier__content__details__types__contains=[code]) | Q(
        dossier__content__release__types__contains=[{"code": code}]
    )
    filed = Filing.objects.filter(
        manufacturer=maker, authority_id=authority_id, submitted_at__isnull=False
    )
    return filed.filter(named).exists()


def _defect(
    subject: dict[str, str],
    grounds: str,
    type_ids: list[int],
    number: str,
    actor: Actor,
    at: datetime,
) -> Defect:
    if number.strip():
        found = (
            Defect.objects.select_for_update(no_key=True, of=("self",))
            .filter(number=number.strip(), types__in=type_ids)
            .order_by("pk")
            .first()
        )
        if found is None:
            raise errors.NoSuchDefect
        return found
    about = opening.Suspicion(Origin.AUTHORITY, subject, type_ids, grounds, {})
    return opening.opened(about, actor=actor, at=at)


def _locked(notice_id: int, actor: Actor) -> tuple[RecallNotice, Witnessed]:
    by = witnessed(actor)
    found = (
        RecallNotice.objects.select_for_update(no_key=True, of=("self",))
        .select_related("authority", "manufacturer")
        .filter(pk=notice_id)
        .first()
    )
    if found is None:
        raise errors.NoSuchNotice
    theirs = found.authority_id if actor.role == Role.SAMR_REVIEWER else found.manufacturer_id
    if actor.organisation_id != theirs:
        raise errors.NoSuchNotice
    if found.defect_id is not None:
        found.defect = Defect.objects.select_for_update(no_key=True).get(pk=found.defect_id)
    return found, by


def _number(at: datetime) -> str:
    numbers = RecallNotice.objects.select_for_update().values_list("number", flat=True)
    return records.next_number("SN", list(numbers), at)
