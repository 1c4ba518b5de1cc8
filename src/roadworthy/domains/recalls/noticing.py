"""SAMR's side: it asks to investigate, gives notice to recall, hears an objection, orders.

* A notice is about a defect of one manufacturer; where none is open, the notice opens one.
* An order stands in the place of the producer's own conclusion: everything stops at once.
* What SAMR writes about a recall that runs stays; an announcement is public.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime

from django.db import transaction

from roadworthy.domains.documents import queries as documents
from roadworthy.domains.ledger import services as ledger
from roadworthy.domains.organisations.actors import Actor, Witnessed, witnessed
from roadworthy.domains.organisations.roles import Role
from roadworthy.domains.recalls import duties, errors, opening, records, services
from roadworthy.domains.recalls.models import Defect, RecallNotice, Supervision
from roadworthy.domains.recalls.moving import move
from roadworthy.domains.recalls.records import Words
from roadworthy.domains.recalls.states import (
    RECALL_NOTICE,
    UNDECIDED,
    Act,
    NoticeAct,
    NoticeState,
    Origin,
    Outcome,
    State,
)
from roadworthy.kernel.calendar import legal_day
from roadworthy.kernel.transitions import WrongRole
from roadworthy.law.rulebook import rulebook

NOTE, EFFECT, ANNOUNCEMENT = "note", "effect", "announcement"
_OBJECTION = "RCL-11"
# What the words of a step are kept as.
_WORDS = {
    NoticeAct.APPOINT: "experts",
    NoticeAct.ORDER: "decision",
    NoticeAct.SET_ASIDE: "decision",
    NoticeAct.NOTIFY: "grounds",
}


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
    authority_id = _samr_only(actor)
    words, why = records.in_both(subject, "subject"), records.said(grounds)
    defect = _defect(words, why, list(type_ids), defect_number, actor, at)
    notice = RecallNotice.objects.create(
        manufacturer_id=defect.manufacturer_id,
        authority_id=authority_id,
        defect=defect,
        number=_number(at),
        state=RECALL_NOTICE.initial,
        subject=words,
        grounds=why,
        issued_at=at,
        issued_by_id=actor.person_id,
    )
    _log("recall-notice:issued", notice, by, at)
    if defect.state == State.NOT_A_DEFECT:
        defect.word = why
        step = move(defect, Act.REOPEN, actor.role, "word")
        records.log("defect:changed", defect, by, at, **step)
    duties.settle(defect, at)
    return notice


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
    """
    notice, by = _locked(notice_id, actor)
    RECALL_NOTICE.next_state(NoticeState(notice.state), act, actor.role)
    if act not in _WORDS:
        raise WrongRole(roles=Role.COMPLIANCE_OFFICER, action=act)
    field = _WORDS[act]
    if act == NoticeAct.ORDER and notice.state == NoticeState.NOTICE:
        _check_period_over(notice, at)
    setattr(notice, field, records.said(words))
    fields = [field]
    if opinion.strip():
        notice.opinion = opinion.strip()[: records.LONGEST]
        fields.append("opinion")
    if act == NoticeAct.NOTIFY:
        notice.recall_notice_at = at
        fields.append("recall_notice_at")
    if act in {NoticeAct.ORDER, NoticeAct.SET_ASIDE}:
        notice.ended_at = at
        fields.append("ended_at")
    _move(notice, act, actor, by, at, fields)
    if act == NoticeAct.ORDER:
        _order(notice, actor, by, at)
    duties.settle(notice.defect, at)
    return notice


@transaction.atomic(durable=True)
def follow(*, notice_id: int, actor: Actor, at: datetime) -> RecallNotice:
    """Recall as SAMR's notice asks: the analysis is concluded with a defect, if it is open.

    Raises:
        NoSuchNotice, NotAMember, WrongState, WrongRole.
    """
    notice, by = _locked(notice_id, actor)
    notice.ended_at = at
    _move(notice, NoticeAct.FOLLOW, actor, by, at, ["ended_at"])
    defect = notice.defect
    if defect.state in {*UNDECIDED, State.NOT_A_DEFECT}:
        defect.analysis = {"outcome": Outcome.DEFECT, "conclusion": notice.number}
        defect.decided_at, defect.decided_by_id = at, actor.person_id
        acting = Actor(Role.SAMR_REVIEWER, notice.issued_by_id, notice.authority_id)
        # The notice stands in the place of the first person, the officer is the second.
        services.confirmed(defect, Act.ORDER, acting, by, at, "analysis")
    duties.settle(defect, at)
    return notice


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
    if not document_sha256:
        raise errors.EvidenceMissing
    last = objection_due(notice)
    if last is not None and legal_day(at) > last:
        raise errors.ObjectionTooLate(day=last)
    document = documents.document(notice.manufacturer_id, document_sha256)
    notice.objection, notice.objected_at = records.said(words), at
    notice.evidence_sha256, notice.evidence_name = document.sha256, document.filename
    fields = ["objection", "objected_at", "evidence_sha256", "evidence_name"]
    _move(notice, NoticeAct.OBJECT, actor, by, at, fields)
    duties.settle(notice.defect, at)
    return notice


@transaction.atomic(durable=True)
def supervise(*, plan_id: int, kind: str, text: Words, actor: Actor, at: datetime) -> Supervision:
    """Write about a recall: a note to its producer, a view of its effect, or an announcement.

    Raises:
        NoSuchPlan: there is none that SAMR has before it.
        NotAMember, WrongRole, FieldMissing.
    """
    authority_id = _samr_only(actor)
    plan, by = records.locked_plan(plan_id, actor)
    if plan.filed_at is None or kind not in {NOTE, EFFECT, ANNOUNCEMENT}:
        raise errors.NoSuchPlan
    made = Supervision.objects.create(
        plan=plan,
        authority_id=authority_id,
        kind=kind,
        text=records.in_both(text, "text"),
        at=at,
        by_id=actor.person_id,
    )
    records.log_plan("recall:supervised", plan, by, at, kind=kind)
    return made


def objection_due(notice: RecallNotice) -> date | None:
    """Return the last day to object, as the rulebook has it; None without a notice of recall."""
    if notice.recall_notice_at is None:
        return None
    day = legal_day(notice.recall_notice_at)
    facts = {"today": day, "recall_notice_received_on": day, "recall_notice_disputed": True}
    answer = rulebook().evaluate(facts, as_of=day, rules=[_OBJECTION])
    days = [duty.due.date for one in answer.findings for duty in one.obligations]
    return next((one for one in days if one is not None), None)


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


def _order(notice: RecallNotice, actor: Actor, by: Witnessed, at: datetime) -> None:
    defect = notice.defect
    if defect.state in {*UNDECIDED, State.NOT_A_DEFECT}:
        defect.ordered, defect.decided_at, defect.decided_by_id = True, at, actor.person_id
        services.confirmed(defect, Act.ORDER, actor, by, at, "ordered")


def _check_period_over(notice: RecallNotice, at: datetime) -> None:
    last = objection_due(notice)
    if last is not None and legal_day(at) <= last:
        raise errors.ObjectionStillPossible(day=last)


def _locked(notice_id: int, actor: Actor) -> tuple[RecallNotice, Witnessed]:
    by = witnessed(actor)
    found = (
        RecallNotice.objects.select_for_update(no_key=True, of=("self",))
        .select_related("authority")
        .filter(pk=notice_id)
        .first()
    )
    if found is None:
        raise errors.NoSuchNotice
    theirs = found.authority_id if actor.role == Role.SAMR_REVIEWER else found.manufacturer_id
    if actor.organisation_id != theirs:
        raise errors.NoSuchNotice
    found.defect = Defect.objects.select_for_update(no_key=True).get(pk=found.defect_id)
    return found, by


def _move(
    notice: RecallNotice,
    act: NoticeAct,
    actor: Actor,
    by: ledger.Named,
    at: datetime,
    fields: list[str],
) -> None:
    step = move(notice, act, actor.role, *fields)
    _log("recall-notice:changed", notice, by, at, **step)


def _log(event: str, notice: RecallNotice, by: ledger.Named, at: datetime, **data: str) -> None:
    ledger.record(
        event=event,
        subject=f"recall-notice/{notice.pk}",
        actor=by,
        at=at,
        data={"number": notice.number, "defect": notice.defect.number, **data},
    )


def _samr_only(actor: Actor) -> int:
    """Return the authority that the actor reviews for."""
    if actor.role != Role.SAMR_REVIEWER or actor.organisation_id is None:
        raise WrongRole(roles=Role.SAMR_REVIEWER, action="order")
    return actor.organisation_id


def _number(at: datetime) -> str:
    numbers = RecallNotice.objects.select_for_update().values_list("number", flat=True)
    return records.next_number("SN", list(numbers), at)
