"""Questions about a filing and their answers, and what a reviewer notes for themselves.

* A question is between one authority and the manufacturer; the other authority does not see it.
* A note is its authority's alone: neither the manufacturer nor the log ever learns of it.
* An open question keeps a filing from being accepted, never from being returned or refused.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from roadworthy.domains.documents import queries as documents
from roadworthy.domains.documents.models import Document
from roadworthy.domains.filings import preparing, services
from roadworthy.domains.filings.errors import (
    EmptyText,
    NoSuchFiling,
    NoSuchQuestion,
    NotUnderReview,
)
from roadworthy.domains.filings.models import AnswerDocument, Filing, Note, Question
from roadworthy.domains.filings.states import (
    QUESTION,
    QuestionAction,
    QuestionState,
    State,
)
from roadworthy.domains.ledger import services as ledger
from roadworthy.domains.organisations import remote
from roadworthy.domains.organisations.actors import Actor, Witnessed
from roadworthy.domains.organisations.roles import Kind as Party
from roadworthy.domains.organisations.roles import Role

_REVIEWERS = frozenset({Role.MIIT_REVIEWER, Role.SAMR_REVIEWER})
_ANSWERABLE = frozenset({State.SUBMITTED, State.RETURNED})


@transaction.atomic(durable=True)
def ask(*, filing_id: int, text: str, actor: Actor, at: datetime) -> Question:
    """Ask the manufacturer something about a filing that is before the actor.

    Raises:
        NoSuchFiling, NotAMember, EmptyText, NotUnderReview.
    """
    filing, by = services.locked(filing_id, actor)
    _reviewers_only(actor)
    if filing.state != State.SUBMITTED:
        raise NotUnderReview(number=filing.number)
    question = Question.objects.create(
        filing=filing, text=_said(text), asked_at=at, asked_by_id=actor.person_id
    )
    _log("filing:question:asked", question, filing, by, at)
    return question


@transaction.atomic(durable=True)
def answer(
    *,
    question_id: int,
    text: str,
    actor: Actor,
    at: datetime,
    digests: Collection[str] = (),
) -> Question:
    """Answer a question, with documents that were kept before.

    Raises:
        NoSuchQuestion, NoSuchDocument, NotAMember, WrongState, WrongRole, EmptyText.
    """
    question, filing, by = _locked(question_id, actor)
    after = QUESTION.next_state(QuestionState(question.state), QuestionAction.ANSWER, actor.role)
    if filing.state not in _ANSWERABLE:
        raise NotUnderReview(number=filing.number)
    question.answer = _said(text)
    for sha256 in dict.fromkeys(digests):
        document = documents.document(filing.manufacturer_id, sha256)
        AnswerDocument.objects.create(question=question, document=document)
    _close(question, after, actor, at)
    _log("filing:question:answered", question, filing, by, at, documents=sorted(set(digests)))
    return question


@transaction.atomic(durable=True)
def take_back(*, question_id: int, actor: Actor, at: datetime) -> Question:
    """Take back a question that needs no answer any more.

    Raises:
        NoSuchQuestion, NotAMember, WrongState, WrongRole.
    """
    question, filing, by = _locked(question_id, actor)
    after = QUESTION.next_state(QuestionState(question.state), QuestionAction.TAKE_BACK, actor.role)
    _close(question, after, actor, at)
    _log("filing:question:taken-back", question, filing, by, at)
    return question


@transaction.atomic(durable=True)
def note(*, filing_id: int, text: str, actor: Actor, at: datetime) -> Note:
    """Write something down for one's own authority.

    Raises:
        NoSuchFiling, NotAMember, EmptyText.
    """
    filing, _ = services.locked(filing_id, actor)
    _reviewers_only(actor)
    return Note.objects.create(filing=filing, text=_said(text), at=at, by_id=actor.person_id)


def of_filing(filing: Filing) -> QuerySet[Question]:
    """Return what was asked about a filing that the reader may see, oldest first."""
    found = Question.objects.select_related("asked_by", "closed_by").filter(filing=filing)
    return found.order_by("id")


def documents_of(filing: Filing) -> dict[int, list[Document]]:
    """Return the documents of the answers, by question."""
    rows = AnswerDocument.objects.select_related("document").filter(question__filing=filing)
    found: dict[int, list[Document]] = {}
    for row in rows.order_by("id"):
        found.setdefault(row.question_id, []).append(row.document)
    return found


def open_for_manufacturer(manufacturer_id: int) -> QuerySet[Question]:
    """Return the questions that a manufacturer has yet to answer, longest waiting first."""
    return (
        Question.objects.select_related("filing__authority", "filing__dossier")
        .filter(
            filing__manufacturer_id=manufacturer_id,
            filing__state__in=_ANSWERABLE,
            state=QuestionState.OPEN,
        )
        .order_by("asked_at", "id")
    )


def answered_for_authority(authority_id: int) -> QuerySet[Question]:
    """Return answers about filings that an authority has still to decide, newest first."""
    return (
        Question.objects.select_related("filing__manufacturer", "filing__dossier")
        .filter(
            filing__authority_id=authority_id,
            filing__state=State.SUBMITTED,
            state=QuestionState.ANSWERED,
        )
        .order_by("-closed_at", "-id")
    )


def open_for_authority(authority_id: int) -> QuerySet[Question]:
    """Return the questions of an authority that a manufacturer has yet to answer, oldest first."""
    return (
        Question.objects.select_related("filing__manufacturer", "filing__dossier")
        .filter(
            filing__authority_id=authority_id,
            filing__state__in=_ANSWERABLE,
            state=QuestionState.OPEN,
        )
        .order_by("asked_at", "id")
    )


def notes(authority_id: int, filing: Filing) -> QuerySet[Note]:
    """Return an authority's own notes on a filing addressed to it.

    Raises:
        NoSuchFiling: the filing is another authority's.
    """
    if filing.authority_id != authority_id:
        raise NoSuchFiling
    return Note.objects.select_related("by").filter(filing=filing).order_by("id")


def _locked(question_id: int, actor: Actor) -> tuple[Question, Filing, ledger.Named]:
    question = Question.objects.filter(pk=question_id).first()
    if question is None:
        raise NoSuchQuestion
    try:
        filing, by = services.locked(question.filing_id, actor)
    except NoSuchFiling:
        raise NoSuchQuestion from None
    return Question.objects.select_for_update(no_key=True).get(pk=question.pk), filing, by


def asked_elsewhere(filing: Filing, *, asked_as: int, text: str, at: datetime) -> Question:
    """Take in a question that a remote authority asks; in the caller's transaction.

    ``asked_as`` is what its deployment calls the question.

    Raises:
        EmptyText, NotUnderReview.
    """
    return _asked(Question(filing=filing, asked_as=asked_as), text, at)


def asked_again(filing: Filing, *, question_id: int, text: str, at: datetime) -> Question:
    """Put back what our authority asked under that number; in the caller's transaction.

    Raises:
        EmptyText, NotUnderReview.
    """
    return _asked(Question(pk=question_id, filing=filing), text, at)


def answered_elsewhere(
    filing: Filing, *, question_id: int, text: str, digests: Collection[str], at: datetime
) -> Question:
    """Take in what a remote manufacturer answers; in the caller's transaction.

    Raises:
        NoSuchQuestion, NoSuchDocument, WrongState, EmptyText.
    """
    question = _of(filing, pk=question_id)
    by = remote.named(filing.manufacturer, Role.HOMOLOGATION)
    after = QUESTION.next_state(
        QuestionState(question.state), QuestionAction.ANSWER, Role.HOMOLOGATION
    )
    question.answer = _said(text)
    for sha256 in dict.fromkeys(digests):
        document = documents.document(filing.manufacturer_id, sha256)
        AnswerDocument.objects.create(question=question, document=document)
    _close(question, after, None, at)
    _log("filing:question:answered", question, filing, by, at, documents=sorted(set(digests)))
    return question


def taken_back_elsewhere(filing: Filing, *, asked_as: int, at: datetime) -> Question:
    """Take in that a remote authority needs no answer any more; in the caller's transaction.

    Raises:
        NoSuchQuestion, WrongState.
    """
    return _taken_back(_of(filing, asked_as=asked_as), filing, at)


def taken_back_again(filing: Filing, *, question_id: int, at: datetime) -> Question:
    """Put back that our authority needs no answer any more; in the caller's transaction.

    Raises:
        NoSuchQuestion, WrongState.
    """
    return _taken_back(_of(filing, pk=question_id), filing, at)


def _asked(question: Question, text: str, at: datetime) -> Question:
    filing = question.filing
    if filing.state not in _ANSWERABLE:
        raise NotUnderReview(number=filing.number)
    question.text, question.asked_at = _said(text), at
    question.save(force_insert=True)
    _log("filing:question:asked", question, filing, _authority(filing), at)
    return question


def _taken_back(question: Question, filing: Filing, at: datetime) -> Question:
    by = _authority(filing)
    after = QUESTION.next_state(
        QuestionState(question.state), QuestionAction.TAKE_BACK, Role(by.role)
    )
    _close(question, after, None, at)
    _log("filing:question:taken-back", question, filing, by, at)
    return question


def _of(filing: Filing, **known: int) -> Question:
    found = Question.objects.select_for_update(no_key=True).filter(filing=filing, **known).first()
    if found is None:
        raise NoSuchQuestion
    return found


def _authority(filing: Filing) -> Witnessed:
    role = Role.MIIT_REVIEWER if filing.authority.kind == Party.MIIT else Role.SAMR_REVIEWER
    return remote.named(filing.authority, role)


def _close(question: Question, after: QuestionState, actor: Actor | None, at: datetime) -> None:
    question.state = after
    question.closed_at, question.closed_by_id = at, actor.person_id if actor else None
    question.save(update_fields=["state", "answer", "closed_at", "closed_by"])


def _reviewers_only(actor: Actor) -> None:
    if actor.role not in _REVIEWERS:
        raise NoSuchFiling


def _said(text: str) -> str:
    if not text.strip():
        raise EmptyText
    return text.strip()


def _log(
    event: str, question: Question, filing: Filing, by: ledger.Named, at: datetime, **data: Any
) -> None:
    # That it was asked is public; what was asked is not.
    preparing.log(event, filing, by, at, question=question.pk, **data)
