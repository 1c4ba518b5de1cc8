"""What can be done to a defect: open, analyse, conclude, and decide by a second person.

The other verbs stand beside: ``stopping`` (orders to stop), ``planning`` (the plan), ``noticing``
(SAMR's side), ``lessons``.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

from django.db import transaction

from roadworthy.domains.filings import known_defects
from roadworthy.domains.filings import services as filings
from roadworthy.domains.ledger import services as ledger
from roadworthy.domains.organisations.actors import Actor
from roadworthy.domains.organisations.roles import Role
from roadworthy.domains.recalls import duties, errors, records, stopping
from roadworthy.domains.recalls.models import Defect
from roadworthy.domains.recalls.moving import move
from roadworthy.domains.recalls.opening import open_defect
from roadworthy.domains.recalls.states import DEFECT, Act, Outcome, State
from roadworthy.kernel.calendar import legal_day
from roadworthy.kernel.transitions import WrongRole
from roadworthy.law.rulebook import rulebook
from roadworthy.rules.answers import Outcome as Answer

__all__ = ["open_defect"]
_CONTENTS = "RCL-02"
_REPORTERS = frozenset({Role.SAFETY, Role.COMPLIANCE_OFFICER})
_STATED = ("process", "method", "risk_assessment", "conclusion")


@dataclass(frozen=True, slots=True)
class Analysis:
    """What an analysis found. The names are those of ``no_defect_report_fields``."""

    outcome: Outcome
    process: str = ""
    method: str = ""
    risk_assessment: str = ""
    conclusion: str = ""


@transaction.atomic(durable=True)
def analyse(*, defect_id: int, actor: Actor, at: datetime) -> Defect:
    """Begin to analyse.

    Raises:
        NoSuchDefect, NotAMember, WrongState, WrongRole.
    """
    defect, by = records.locked(defect_id, actor)
    return _moved(defect, Act.ANALYSE, actor, by, at)


@transaction.atomic(durable=True)
def conclude(*, defect_id: int, analysis: Analysis, actor: Actor, at: datetime) -> Defect:
    """Write down what the analysis concludes; a second person decides.

    Raises:
        NoSuchDefect, NotAMember, WrongState, WrongRole.
        ConclusionMissing: it says nothing.
        ReportIncomplete: it finds no defect, and something that the provision asks for is missing.
    """
    defect, by = records.locked(defect_id, actor)
    said = {name: getattr(analysis, name).strip()[: records.LONGEST] for name in _STATED}
    if not said["conclusion"]:
        raise errors.ConclusionMissing
    _check_contents(analysis.outcome, said, at)
    defect.analysis = asdict(analysis) | said
    defect.concluded_at, defect.concluded_by_id, defect.word = at, actor.person_id, ""
    fields = ("analysis", "concluded_at", "concluded_by", "word")
    return _moved(defect, Act.CONCLUDE, actor, by, at, *fields, outcome=analysis.outcome)


@transaction.atomic(durable=True)
def send_back(*, defect_id: int, reason: str, actor: Actor, at: datetime) -> Defect:
    """Let it be analysed further, with the reason.

    Raises:
        NoSuchDefect, NotAMember, WrongState, WrongRole, WordsMissing.
    """
    defect, by = records.locked(defect_id, actor)
    defect.word = records.said(reason)
    return _moved(defect, Act.SEND_BACK, actor, by, at, "word")


@transaction.atomic(durable=True)
def decide(act: Act, *, defect_id: int, actor: Actor, at: datetime) -> Defect:
    """Confirm the conclusion as the second person: ``CONFIRM`` a defect, ``DISMISS`` that of none.

    With a confirmed defect every site is ordered to stop, its vehicles are locked, and releases
    that change such software are assessed again.

    Raises:
        NoSuchDefect, NotAMember, WrongState, WrongRole.
        SamePerson: the one who wrote the conclusion.
        OtherOutcome: the conclusion is the opposite.
    """
    defect, by = records.locked(defect_id, actor)
    DEFECT.next_state(State(defect.state), act, actor.role)
    if defect.concluded_by_id == actor.person_id:
        raise errors.SamePerson
    wanted = Outcome.DEFECT if act == Act.CONFIRM else Outcome.NO_DEFECT
    if defect.analysis.get("outcome") != wanted:
        raise errors.OtherOutcome
    defect.decided_at, defect.decided_by_id = at, actor.person_id
    if act == Act.CONFIRM:
        return confirmed(defect, act, actor.role, by, at)
    return _moved(defect, act, actor, by, at, "decided_at", "decided_by")


@transaction.atomic(durable=True)
def reopen(*, defect_id: int, reason: str, actor: Actor, at: datetime) -> Defect:
    """Analyse again what was no defect, because something new is known.

    Raises:
        NoSuchDefect, NotAMember, WrongState, WrongRole, WordsMissing.
    """
    defect, by = records.locked(defect_id, actor)
    defect.word = records.said(reason)
    return _moved(defect, Act.REOPEN, actor, by, at, "word")


@transaction.atomic(durable=True)
def report_result(*, defect_id: int, on: date, actor: Actor, at: datetime) -> Defect:
    """Note on which day the result of the analysis was reported to SAMR.

    Raises:
        NoSuchDefect, NotAMember, WrongRole.
        WrongDay: before the conclusion, or a day to come.
    """
    defect, by = records.locked(defect_id, actor)
    if actor.role not in _REPORTERS:
        raise WrongRole(roles=", ".join(sorted(_REPORTERS)), action="report")
    if defect.concluded_at is None or not legal_day(defect.concluded_at) <= on <= legal_day(at):
        raise errors.WrongDay(day=on)
    defect.reported_on = on
    defect.save(update_fields=["reported_on"])
    records.log("defect:result-reported", defect, by, at, on=on.isoformat())
    duties.settle(defect, at)
    return defect


def confirmed(
    defect: Defect,
    act: Act,
    role: Role,
    by: ledger.Named,
    at: datetime,
    *fields: str,
    since: datetime | None = None,
) -> Defect:
    """Confirm a locked defect inside the caller's transaction, with all that follows at once.

    ``since`` is when it was ordered, where word of that came later than the order.
    """
    defect.confirmed_at, defect.closed_at = since or at, None
    also = ("confirmed_at", "closed_at", "decided_at", "decided_by", *fields)
    step = move(defect, act, role, *also)
    records.log("defect:changed", defect, by, at, **step)
    stopping.issue(defect, by, at)
    types = list(defect.types.order_by("pk"))
    for release_id in known_defects.note(defect.number, types=types, ecus=defect.ecus, at=at):
        filings.reassess(release_id, stated={}, by=by, at=at)
    duties.settle(defect, at)
    return defect


def _moved(
    defect: Defect,
    act: Act,
    actor: Actor,
    by: ledger.Named,
    at: datetime,
    *fields: str,
    **data: Any,
) -> Defect:
    step = move(defect, act, actor.role, *fields)
    records.log("defect:changed", defect, by, at, **step, **data)
    duties.settle(defect, at)
    return defect


def _check_contents(outcome: Outcome, said: dict[str, str], at: datetime) -> None:
    """Ask the rulebook whether a report of "no defect" states all that it has to."""
    today = legal_day(at)
    facts = {
        "today": today,
        "investigation_concluded_on": today,
        "investigation_outcome": str(outcome),
        "no_defect_report_fields": [name for name, words in said.items() if words],
    }
    answer = rulebook().evaluate(facts, as_of=today, rules=[_CONTENTS])
    for finding in answer.findings:
        if finding.outcome is Answer.BROKEN:
            raise errors.ReportIncomplete(why=finding.why, rule=finding.rule_id)
