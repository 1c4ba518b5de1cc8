"""A lesson: what happened on the road proposes to change a requirement, a parameter or a standard.

* A proposal names what it comes from and what it would change; the rulebook must know that.
* MIIT decides. What is adopted names the text and the day from which it applies, and the lesson
  that it came from.
* For a parameter the proposal comes as a parameter file with the next dated value, which
  ``roadworthy law diff`` compares: nothing in the rulebook changes by itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import yaml
from django.db import transaction
from django.db.models import Q, QuerySet

from roadworthy.domains.ledger import services as ledger
from roadworthy.domains.organisations import queries as organisations
from roadworthy.domains.organisations.actors import Actor, Witnessed, witnessed
from roadworthy.domains.organisations.roles import Kind, Role
from roadworthy.domains.recalls import errors, records
from roadworthy.domains.recalls.models import Defect, Lesson, RecallPlan
from roadworthy.domains.recalls.moving import move
from roadworthy.domains.recalls.states import IN_FORCE, LESSON, LessonAct, LessonState
from roadworthy.kernel.transitions import WrongRole
from roadworthy.law.rulebook import rulebook

REQUIREMENT, PARAMETER, STANDARD = "requirement", "parameter", "standard"
WRITERS = frozenset({Role.SAFETY, Role.COMPLIANCE_OFFICER, Role.SAMR_REVIEWER})
_BEFORE_MIIT = (
    LessonState.PROPOSED,
    LessonState.TAKEN_UP,
    LessonState.ADOPTED,
    LessonState.REFUSED,
)


@dataclass(frozen=True, slots=True)
class Proposal:
    """What would change. ``target``: a rule's id, a parameter's name, or an instrument's key."""

    kind: str
    target: str
    title: Mapping[str, str]
    proposal: Mapping[str, str]
    value: str = ""  # proposed, of a parameter


@transaction.atomic(durable=True)
def write(
    *, proposal: Proposal, source: str, actor: Actor, at: datetime, defect_id: int | None = None
) -> Lesson:
    """Write a proposal down; it is proposed by a step of its own.

    ``source`` names what it comes from: "defect/12", "incident/3".

    Raises:
        NotAMember, WrongRole, FieldMissing.
        WrongTarget, WrongValue: the rulebook does not know what would change.
        NoSuchDefect: the defect is another manufacturer's.
    """
    by = witnessed(actor)
    if actor.role not in WRITERS or actor.organisation_id is None:
        raise WrongRole(roles=", ".join(sorted(WRITERS)), action="propose")
    target = _checked(proposal)
    if defect_id is not None:
        defect_id = records.locked(defect_id, actor)[0].pk
    lesson = Lesson.objects.create(
        organisation_id=actor.organisation_id,
        number=_number(at),
        source=source,
        defect_id=defect_id,
        kind=proposal.kind,
        target=target,
        title=records.in_both(proposal.title, "title"),
        proposal=records.in_both(proposal.proposal, "proposal"),
        value=proposal.value.strip(),
        state=LESSON.initial,
        created_at=at,
        created_by_id=actor.person_id,
    )
    _log("lesson:written", lesson, by, at, kind=lesson.kind, target=lesson.target, source=source)
    return lesson


@transaction.atomic(durable=True)
def take(
    act: LessonAct,
    *,
    lesson_id: int,
    actor: Actor,
    at: datetime,
    words: str = "",
    adopted_as: str = "",
    applies_from: date | None = None,
) -> Lesson:
    """Propose, or decide as MIIT. Adopting names the changed text and its first day.

    Raises:
        NoSuchLesson, NotAMember, WrongState, WrongRole.
        WordsMissing: a return, a refusal or a taking up needs its reason.
        NotAdopted: the text or its first day is not named.
    """
    lesson, by = _locked(lesson_id, actor)
    LESSON.next_state(LessonState(lesson.state), act, actor.role)
    fields: list[str] = []
    if act == LessonAct.PROPOSE:
        lesson.proposed_at = at
        fields = ["proposed_at"]
    elif act != LessonAct.WITHDRAW:
        lesson.decision = records.said(words)
        lesson.decided_at, lesson.decided_by_id = at, actor.person_id
        fields = ["decision", "decided_at", "decided_by"]
    if act == LessonAct.ADOPT:
        if not adopted_as.strip() or applies_from is None:
            raise errors.NotAdopted
        lesson.adopted_as, lesson.applies_from = adopted_as.strip()[:120], applies_from
        fields += ["adopted_as", "applies_from"]
    step = move(lesson, act, actor.role, *fields)
    _log("lesson:changed", lesson, by, at, adopted_as=lesson.adopted_as, **step)
    return lesson


def readable(actor: Actor, *, state: str = "", search: str = "") -> QuerySet[Lesson]:
    """Return the lessons that the actor may read: their own; MIIT all that were proposed."""
    own = Q(organisation_id=actor.organisation_id)
    found = Lesson.objects.select_related("organisation", "defect").filter(
        Q(state__in=_BEFORE_MIIT) if _is_miit(actor) else own
    )
    found = found.filter(state=state) if state else found
    if search:
        found = found.filter(Q(number__icontains=search) | Q(target__icontains=search))
    return found.order_by("-pk")


def lesson(actor: Actor, lesson_id: int) -> Lesson:
    """Return one lesson.

    Raises:
        NoSuchLesson: there is none that the actor may read.
    """
    found = readable(actor).filter(pk=lesson_id).first()
    if found is None:
        raise errors.NoSuchLesson
    return found


@dataclass(frozen=True, slots=True)
class Adopted:
    """What everybody may know of a lesson that MIIT has adopted."""

    number: str
    target: str
    adopted_as: str
    applies_from: date
    recall: str  # number of the recall that taught it, once its plan is in force


def adopted(targets: Iterable[str]) -> tuple[Adopted, ...]:
    """Return the lessons that rules, parameters or instruments owe their texts to, oldest first."""
    rows = Lesson.objects.filter(target__in=list(targets), state=LessonState.ADOPTED).order_by(
        "applies_from", "pk"
    )
    plans = RecallPlan.objects.filter(state__in=IN_FORCE).order_by("defect", "-pk")
    recalls = dict(
        plans.filter(defect__in=rows.values("defect"))
        .distinct("defect")
        .values_list("defect_id", "number")
    )
    return tuple(
        Adopted(
            one.number,
            one.target,
            one.adopted_as,
            one.applies_from,
            recalls.get(one.defect_id, "") if one.defect_id else "",
        )
        for one in rows
        if one.applies_from is not None
    )


def parameter_file(one: Lesson) -> str:
    """Return the parameter's file with the proposed value, for ``roadworthy law diff``.

    Raises:
        NoSuchLesson: it proposes no value of a parameter.
    """
    if one.kind != PARAMETER or not one.value:
        raise errors.NoSuchLesson
    since = one.applies_from.isoformat() if one.applies_from else "YYYY-MM-DD"
    head = f"# {one.number}: {one.title['en']}\n# {one.target}; comes from {one.source}\n"
    body = yaml.safe_dump(
        {
            "values": {
                since: {
                    "value": int(one.value),
                    "note": {language: one.proposal[language] for language in records.LANGUAGES},
                    "lesson": one.number,
                }
            }
        },
        allow_unicode=True,
        sort_keys=False,
    )
    return head + body


def _is_miit(actor: Actor) -> bool:
    miit = organisations.authority(Kind.MIIT)
    return (
        actor.role == Role.MIIT_REVIEWER and miit is not None and miit.pk == actor.organisation_id
    )


def _checked(proposal: Proposal) -> str:
    book, target = rulebook(), proposal.target.strip()
    known: Mapping[str, Any] = {
        REQUIREMENT: book.law.rules,
        STANDARD: book.law.register,
        PARAMETER: book.law.parameters,
    }
    if proposal.kind not in known or target not in known[proposal.kind]:
        raise errors.WrongTarget(target=target)
    if proposal.kind == PARAMETER and not proposal.value.strip().isdecimal():
        raise errors.WrongValue(value=proposal.value)
    return target


def _locked(lesson_id: int, actor: Actor) -> tuple[Lesson, Witnessed]:
    by = witnessed(actor)
    found = Lesson.objects.select_for_update(no_key=True).filter(pk=lesson_id).first()
    if found is None or not readable(actor).filter(pk=lesson_id).exists():
        raise errors.NoSuchLesson
    return found, by


def _log(event: str, one: Lesson, by: ledger.Named, at: datetime, **data: str) -> None:
    ledger.record(
        event=event,
        subject=f"lesson/{one.pk}",
        actor=by,
        at=at,
        data={"number": one.number, **data},
    )


def _number(at: datetime) -> str:
    numbers = Lesson.objects.select_for_update().values_list("number", flat=True)
    return records.next_number("LE", list(numbers), at)


def of_defect(defect: Defect) -> QuerySet[Lesson]:
    """Return what a defect has taught."""
    return Lesson.objects.filter(defect=defect).order_by("-pk")
