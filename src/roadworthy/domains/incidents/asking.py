"""What an authority asks about an incident, and what it is answered; the other reads neither."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from roadworthy.domains.incidents import errors, records
from roadworthy.domains.incidents.models import Copy, Incident, Question
from roadworthy.domains.incidents.states import QUESTION, QuestionAction, QuestionState
from roadworthy.domains.organisations import remote
from roadworthy.domains.organisations.actors import Actor, witnessed
from roadworthy.domains.organisations.models import Organisation
from roadworthy.domains.organisations.roles import Kind, Role
from roadworthy.kernel.transitions import WrongRole

_REVIEWERS = (Role.MIIT_REVIEWER, Role.SAMR_REVIEWER)


@transaction.atomic(durable=True)
def ask(*, incident_id: int, text: str, actor: Actor, at: datetime) -> Question:
    """Ask the manufacturer about an incident that was reported to the authority.

    Raises:
        NoSuchIncident: it was never reported to this authority.
        NotAMember, WrongRole, WordsMissing, TooManyWords.
    """
    by = witnessed(actor)
    if actor.role not in _REVIEWERS:
        raise WrongRole(roles=", ".join(_REVIEWERS), action="ask")
    told = Copy.objects.filter(
        report__incident_id=incident_id, authority_id=actor.organisation_id
    ).exists()
    if not told:
        raise errors.NoSuchIncident
    incident = Incident.objects.select_for_update(no_key=True).get(pk=incident_id)
    made = Question.objects.create(
        incident=incident,
        authority_id=actor.organisation_id or 0,
        state=QUESTION.initial,
        text=records.said(text),
        asked_at=at,
        asked_by_id=actor.person_id,
    )
    records.log(
        "incident:asked",
        incident,
        by,
        at,
        question=made.pk,
        words=records.commitment_to(incident, made.text),
    )
    return made


@transaction.atomic(durable=True)
def answer(*, question_id: int, text: str, actor: Actor, at: datetime) -> Question:
    """Answer an authority.

    Raises:
        NoSuchQuestion: nothing has that id, or it is another manufacturer's.
        NoSuchIncident, NotAMember, WrongState, WrongRole, WordsMissing, TooManyWords.
    """
    found = Question.objects.filter(
        pk=question_id, incident__manufacturer_id=actor.organisation_id
    ).first()
    if found is None:
        raise errors.NoSuchQuestion
    incident, by = records.locked(found.incident_id, actor)
    question = Question.objects.select_for_update(no_key=True).get(pk=found.pk)
    after = QUESTION.next_state(QuestionState(question.state), QuestionAction.ANSWER, actor.role)
    question.state = after
    question.answer = records.said(text)
    question.answered_at, question.answered_by_id = at, actor.person_id
    question.save(update_fields=["state", "answer", "answered_at", "answered_by"])
    records.log(
        "incident:answered",
        incident,
        by,
        at,
        question=question.pk,
        words=records.commitment_to(incident, question.answer),
    )
    return question


def asked_elsewhere(
    number: str,
    *,
    asked_as: int,
    text: str,
    manufacturer: Organisation,
    authority: Organisation,
    at: datetime,
) -> Question:
    """Take in a question of a remote authority about one of our incidents; in a transaction.

    Raises:
        NoSuchIncident: it was never reported to this authority.
        WordsMissing, TooManyWords.
    """
    incident = _between(number, manufacturer, authority)
    return _asked(Question(incident=incident, authority=authority, asked_as=asked_as), text, at)


def asked_again(
    number: str,
    *,
    question_id: int,
    text: str,
    manufacturer: Organisation,
    authority: Organisation,
    at: datetime,
) -> Question:
    """Put back what our authority asked, where only the manufacturer remembers it.

    Raises:
        NoSuchIncident, WordsMissing, TooManyWords.
        NoSuchQuestion: another question has that number by now.
    """
    incident = _between(number, manufacturer, authority)
    before = Question.objects.filter(pk=question_id).first()
    if before is None:
        made = Question(pk=question_id, incident=incident, authority=authority)
        return _asked(made, text, at)
    if before.incident_id != incident.pk or before.text != records.said(text):
        raise errors.NoSuchQuestion
    return before


def _asked(made: Question, text: str, at: datetime) -> Question:
    incident, authority = made.incident, made.authority
    made.state, made.text, made.asked_at = QUESTION.initial, records.said(text), at
    made.save(force_insert=True)
    role = Role.MIIT_REVIEWER if authority.kind == Kind.MIIT else Role.SAMR_REVIEWER
    by = remote.named(authority, role)
    words = records.commitment_to(incident, made.text)
    records.log("incident:asked", incident, by, at, question=made.pk, words=words)
    return made


def answered_elsewhere(
    number: str,
    *,
    question_id: int,
    text: str,
    manufacturer: Organisation,
    authority: Organisation,
    at: datetime,
) -> Question:
    """Take in what a remote manufacturer answers to our question; in a transaction.

    Raises:
        NoSuchIncident, NoSuchQuestion, WrongState, WordsMissing, TooManyWords.
    """
    incident = _between(number, manufacturer, authority)
    question = (
        Question.objects.select_for_update(no_key=True)
        .filter(pk=question_id, incident=incident, authority=authority)
        .first()
    )
    if question is None:
        raise errors.NoSuchQuestion
    after = QUESTION.next_state(QuestionState(question.state), QuestionAction.ANSWER, Role.SAFETY)
    question.state = after
    question.answer, question.answered_at = records.said(text), at
    question.save(update_fields=["state", "answer", "answered_at"])
    by = remote.named(manufacturer, Role.SAFETY)
    words = records.commitment_to(incident, question.answer)
    records.log("incident:answered", incident, by, at, question=question.pk, words=words)
    return question


def _between(number: str, manufacturer: Organisation, authority: Organisation) -> Incident:
    told = Copy.objects.filter(authority=authority).values("report__incident")
    incident = (
        Incident.objects.select_for_update(no_key=True)
        .filter(number=number, manufacturer=manufacturer, pk__in=told)
        .first()
    )
    if incident is None:
        raise errors.NoSuchIncident
    return incident
