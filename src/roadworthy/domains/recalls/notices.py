"""The steps of SAMR's notice, inside the transaction of who takes them, or of the message.

* Where the manufacturer's defect is here, it follows: it is taken up again, confirmed, and what it
  owes is reckoned anew. At SAMR's own deployment there is only the notice.
* The period to object runs from the day on which the notice of recall came to the producer. On one
  deployment that is when it was given; from another one it is when that one had it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from roadworthy.domains.ledger import services as ledger
from roadworthy.domains.organisations.roles import Role
from roadworthy.domains.recalls import duties, errors, records, services
from roadworthy.domains.recalls.models import RecallNotice
from roadworthy.domains.recalls.moving import move
from roadworthy.domains.recalls.states import UNDECIDED, Act, NoticeAct, NoticeState, Outcome, State
from roadworthy.kernel.calendar import SHANGHAI, legal_day
from roadworthy.kernel.transitions import WrongState
from roadworthy.law.rulebook import rulebook

_OBJECTION = "RCL-11"
_LONGEST_PROOF = 300  # characters
# What the words of a step are kept as.
FIELDS: Mapping[NoticeAct, str] = {
    NoticeAct.NOTIFY: "recall_grounds",
    NoticeAct.APPOINT: "experts",
    NoticeAct.ORDER: "decision",
    NoticeAct.SET_ASIDE: "decision",
}
ENDING = frozenset({NoticeAct.ORDER, NoticeAct.SET_ASIDE})
_CONFIRMABLE = frozenset({*UNDECIDED, State.NOT_A_DEFECT})


@dataclass(frozen=True, slots=True)
class Step:
    """SAMR's step. ``received_at``: when the producer had it; None: that is not known."""

    act: NoticeAct
    words: str
    opinion: str
    taken_at: datetime
    received_at: datetime | None
    person_id: int | None = None  # who decided, where that is a person here


@dataclass(frozen=True, slots=True)
class Objection:
    """What a producer says against a notice; the evidence by its digest."""

    words: str
    sha256: str
    filename: str
    objected_at: datetime


def issued(notice: RecallNotice, by: ledger.Named, at: datetime) -> RecallNotice:
    """Keep a new notice; where its defect was dismissed, that is taken up again."""
    notice.save(force_insert=True)
    log("recall-notice:issued", notice, by, at)
    defect = notice.defect
    if defect is None:
        return notice
    if defect.state == State.NOT_A_DEFECT:
        defect.word = notice.grounds
        step = move(defect, Act.REOPEN, Role.SAMR_REVIEWER, "word")
        records.log("defect:changed", defect, by, at, **step)
    duties.settle(defect, at)
    return notice


def taken(notice: RecallNotice, step: Step, by: ledger.Named, at: datetime) -> RecallNotice:
    """Take SAMR's step with a locked notice.

    Raises:
        WrongState, WrongRole, WordsMissing.
    """
    _moved(notice, step.act, Role.SAMR_REVIEWER, by, at, _write(notice, step))
    defect = notice.defect
    if defect is None:
        return notice
    if step.act == NoticeAct.ORDER and defect.state in _CONFIRMABLE:
        defect.ordered, defect.decided_at = True, step.taken_at
        defect.decided_by_id = step.person_id
        services.confirmed(
            defect, Act.ORDER, Role.SAMR_REVIEWER, by, at, "ordered", since=step.taken_at
        )
    duties.settle(defect, at)
    return notice


def overtaken(notice: RecallNotice, step: Step, by: ledger.Named, at: datetime) -> RecallNotice:
    """Let SAMR's order stand that came when the producer had said already that it follows.

    Raises:
        WrongState, WordsMissing.
    """
    _moved(notice, NoticeAct.OVERTAKE, Role.PLATFORM, by, at, _write(notice, step))
    if notice.defect is not None:
        duties.settle(notice.defect, at)
    return notice


def _write(notice: RecallNotice, step: Step) -> list[str]:
    """Write what SAMR says in a step into the notice; return the fields."""
    fields = [FIELDS[step.act]]
    setattr(notice, fields[0], records.said(step.words))
    if step.opinion.strip():
        notice.opinion = step.opinion.strip()[: records.LONGEST]
        fields.append("opinion")
    if step.act == NoticeAct.NOTIFY:
        notice.recall_notice_at = step.taken_at
        notice.recall_notice_received_at = step.received_at
        fields += ["recall_notice_at", "recall_notice_received_at"]
    if step.act in ENDING:
        notice.ended_at = step.taken_at
        fields.append("ended_at")
    return fields


def followed(
    notice: RecallNotice,
    by: ledger.Named,
    at: datetime,
    *,
    since: datetime,
    person_id: int | None = None,
) -> RecallNotice:
    """Let the producer recall as it was asked to: an open analysis is concluded with a defect.

    Raises:
        WrongState.
    """
    notice.ended_at = since
    _moved(notice, NoticeAct.FOLLOW, Role.COMPLIANCE_OFFICER, by, at, ["ended_at"])
    defect = notice.defect
    if defect is None:
        return notice
    if defect.state in _CONFIRMABLE:
        defect.analysis = {"outcome": Outcome.DEFECT, "conclusion": notice.number}
        defect.decided_at, defect.decided_by_id = since, person_id
        # The notice stands in the place of the first person, the officer is the second.
        services.confirmed(defect, Act.ORDER, Role.SAMR_REVIEWER, by, at, "analysis", since=since)
    duties.settle(defect, at)
    return notice


def objected(notice: RecallNotice, said: Objection, by: ledger.Named, at: datetime) -> RecallNotice:
    """Let the producer object.

    Raises:
        WrongState, WordsMissing.
        EvidenceMissing: the law asks for evidence with the objection.
        ObjectionTooLate: the period has passed.
    """
    _moved(notice, NoticeAct.OBJECT, Role.COMPLIANCE_OFFICER, by, at, _keep(notice, said))
    if notice.defect is not None:
        duties.settle(notice.defect, at)
    return notice


def crossed(notice: RecallNotice, said: Objection, by: ledger.Named, at: datetime) -> RecallNotice:
    """Keep an objection that was on its way when SAMR ordered; the order stands.

    Raises:
        WrongState: there is an objection already.
        WordsMissing, EvidenceMissing, ObjectionTooLate.
    """
    if notice.objected_at is not None:
        raise WrongState(state=notice.state, action=NoticeAct.OBJECT)
    notice.save(update_fields=_keep(notice, said))
    log("recall-notice:crossed", notice, by, at, answer=NoticeAct.OBJECT)
    return notice


def moot(notice: RecallNotice, by: ledger.Named, at: datetime) -> RecallNotice:
    """Note that the producer follows, which was on its way when SAMR ordered the same."""
    log("recall-notice:crossed", notice, by, at, answer=NoticeAct.FOLLOW)
    return notice


def _keep(notice: RecallNotice, said: Objection) -> list[str]:
    check_objection(notice, said.sha256, said.objected_at)
    notice.objection, notice.objected_at = records.said(said.words), said.objected_at
    notice.evidence_sha256, notice.evidence_name = said.sha256, said.filename
    return ["objection", "objected_at", "evidence_sha256", "evidence_name"]


def served(
    notice: RecallNotice, received_at: datetime, proof: str, by: ledger.Named, at: datetime
) -> RecallNotice:
    """Note that a notice of recall came on another way than by a deployment.

    Raises:
        WordsMissing.
        ReceiptKnown: it is known when it came, or there is no notice of recall.
        WrongDay: before it was given, or a day to come.
    """
    if notice.state != NoticeState.NOTICE or notice.recall_notice_received_at is not None:
        raise errors.ReceiptKnown(number=notice.number)
    return note_service(notice, received_at, proof, by, at)


def note_service(
    notice: RecallNotice, received_at: datetime, proof: str, by: ledger.Named, at: datetime
) -> RecallNotice:
    """Let the day count on which a notice of recall came, whatever was known of it before.

    Raises:
        WordsMissing, WrongDay.
    """
    given, day = notice.recall_notice_at, legal_day(received_at)
    if given is None or not legal_day(given) <= day <= legal_day(at):
        raise errors.WrongDay(day=day)
    notice.recall_notice_received_at = received_at
    notice.served_by = records.said(proof)[:_LONGEST_PROOF]
    notice.save(update_fields=["recall_notice_received_at", "served_by"])
    log("recall-notice:served", notice, by, at, received_at=ledger.instant(received_at))
    if notice.defect is not None:
        duties.settle(notice.defect, at)
    return notice


def noon(day: date) -> datetime:
    """Return the moment that stands for a day of which the hour is not known."""
    return datetime.combine(day, time(12), tzinfo=SHANGHAI)


def check_objection(notice: RecallNotice, sha256: str, at: datetime) -> None:
    """Refuse an objection that has no evidence or comes too late."""
    if not sha256:
        raise errors.EvidenceMissing
    last = objection_due(notice)
    if last is not None and legal_day(at) > last:
        raise errors.ObjectionTooLate(day=last)


def objection_due(notice: RecallNotice) -> date | None:
    """Return the last day to object, as the rulebook has it.

    None: no notice of recall was given, or it is not known when it was received.
    """
    if notice.recall_notice_received_at is None:
        return None
    day = legal_day(notice.recall_notice_received_at)
    facts = {"today": day, "recall_notice_received_on": day, "recall_notice_disputed": True}
    answer = rulebook().evaluate(facts, as_of=day, rules=[_OBJECTION])
    days = [duty.due.date for one in answer.findings for duty in one.obligations]
    return next((one for one in days if one is not None), None)


def check_period_over(notice: RecallNotice, at: datetime) -> None:
    """Refuse an order while the producer may object.

    Raises:
        ObjectionStillPossible.
        NotReceivedYet: it is not known from which day the period runs.
    """
    if notice.recall_notice_received_at is None:
        raise errors.NotReceivedYet
    last = objection_due(notice)
    if last is not None and legal_day(at) <= last:
        raise errors.ObjectionStillPossible(day=last)


def log(event: str, notice: RecallNotice, by: ledger.Named, at: datetime, **data: Any) -> None:
    """Write what became of a notice into the ledger, inside the caller's transaction."""
    ledger.record(
        event=event,
        subject=f"recall-notice/{notice.pk}",
        actor=by,
        at=at,
        data={"number": notice.number, "defect": notice.defect_name, **data},
    )


def _moved(
    notice: RecallNotice,
    act: NoticeAct,
    role: Role,
    by: ledger.Named,
    at: datetime,
    fields: list[str],
) -> None:
    step = move(notice, act, role, *fields)
    log("recall-notice:changed", notice, by, at, **step)
