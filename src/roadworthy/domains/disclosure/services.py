"""The steps of a text from its draft to the public and back. The only place that moves them.

* A version's content is fixed once it leaves the draft: what was reviewed is what is published.
* The rulebook is asked again at every step; its answer of the last step is kept with the version.
* The ledger says which digest was published when; the words themselves stay here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from django.db import transaction

from roadworthy.domains.access import queries as access
from roadworthy.domains.access.states import Standing
from roadworthy.domains.disclosure import errors, records, wordings
from roadworthy.domains.disclosure.models import Version
from roadworthy.domains.disclosure.states import TEXT, Action, State
from roadworthy.domains.ledger import services as ledger
from roadworthy.domains.organisations.actors import Actor, Witnessed, witnessed
from roadworthy.domains.organisations.roles import Role

# A type that was entered with its number has no approval here that could be suspended.
_IN_FORCE = frozenset({Standing.APPROVED, Standing.ENTERED})
IN_WORK = (State.DRAFT, State.IN_REVIEW, State.APPROVED)


@transaction.atomic(durable=True)
def submit(*, text_id: int, actor: Actor, at: datetime) -> Version:
    """Hand the draft to homologation.

    Raises:
        NoSuchText, NotAMember, WrongState, WrongRole.
        HintNeedsReason: the checker hints at words and the writer gives no reason for them.
    """
    version, by = _in_work(text_id, actor)
    after = TEXT.next_state(State(version.state), Action.SUBMIT, actor.role)
    read = _checked(version, at)
    if read.hints and not version.hint_reason:
        raise errors.HintNeedsReason(phrases=_listed(_quoted(read.hints)))
    return _move(version, after, Action.SUBMIT, by, at)


@transaction.atomic(durable=True)
def send_back(*, text_id: int, remark: str, actor: Actor, at: datetime) -> Version:
    """Give the version back to its writer, with what is wrong.

    Raises:
        NoSuchText, NotAMember, WrongState, WrongRole, RemarkMissing.
    """
    version, by = _in_work(text_id, actor)
    after = TEXT.next_state(State(version.state), Action.RETURN, actor.role)
    version.remark = _said(remark)
    version.reviewed_by_id, version.reviewed_at = actor.person_id, at
    return _move(
        version, after, Action.RETURN, by, at, also=("remark", "reviewed_by", "reviewed_at")
    )


@transaction.atomic(durable=True)
def approve(*, text_id: int, remark: str = "", actor: Actor, at: datetime) -> Version:
    """Approve the version for publication. Four eyes: never one's own writing.

    Raises:
        NoSuchText, NotAMember, WrongState, WrongRole.
        OwnWriting: the actor wrote it.
        ClaimsTooMuch: a binding rule of the rulebook is broken.
        ApprovalNotInForce: the approval that it rests on is suspended or has ended.
    """
    version, by = _in_work(text_id, actor)
    after = TEXT.next_state(State(version.state), Action.APPROVE, actor.role)
    if version.written_by_id == actor.person_id:
        raise errors.OwnWriting
    _check(version, at)
    version.remark = remark.strip()
    version.reviewed_by_id, version.reviewed_at = actor.person_id, at
    return _move(
        version, after, Action.APPROVE, by, at, also=("remark", "reviewed_by", "reviewed_at")
    )


@transaction.atomic(durable=True)
def publish(*, text_id: int, actor: Actor, at: datetime) -> Version:
    """Mark the approved version as public; the version before is replaced in the same moment.

    Raises:
        NoSuchText, NotAMember, WrongState, WrongRole.
        ClaimsTooMuch: a binding rule is broken by now.
        ApprovalNotInForce: the approval that it rests on is suspended or has ended.
    """
    version, by = _in_work(text_id, actor)
    after = TEXT.next_state(State(version.state), Action.PUBLISH, actor.role)
    _check(version, at)
    for former in Version.objects.filter(text=version.text_id, state=State.PUBLISHED):
        former.ended_at = at
        replaced = TEXT.next_state(State(former.state), Action.REPLACE, Role.PLATFORM)
        _move(former, replaced, Action.REPLACE, by, at, also=("ended_at",))
    version.published_at = at
    return _move(version, after, Action.PUBLISH, by, at, also=("published_at",))


@transaction.atomic(durable=True)
def withdraw(*, text_id: int, remark: str, actor: Actor, at: datetime) -> Version:
    """Take back the version in work, or else the one that is public.

    Raises:
        NoSuchText, NotAMember, WrongState, WrongRole, RemarkMissing.
    """
    by = witnessed(actor)
    text = records.locked(text_id, actor)
    version = (
        records.newest(text, IN_WORK)
        or records.newest(text, (State.PUBLISHED,))
        or records.newest(text, State)
    )
    if version is None:
        raise errors.NoSuchText
    after = TEXT.next_state(State(version.state), Action.WITHDRAW, actor.role)
    version.remark, version.ended_at = _said(remark), at
    return _move(version, after, Action.WITHDRAW, by, at, also=("remark", "ended_at"))


def _checked(version: Version, at: datetime) -> wordings.Read:
    read = records.read_of(version, at)
    version.checked = read.to_json()
    version.save(update_fields=["checked"])
    return read


def _check(version: Version, at: datetime) -> None:
    type_id = version.text.type_id
    if access.standing([type_id])[type_id] not in _IN_FORCE:
        raise errors.ApprovalNotInForce(approval=version.text.approval_number)
    faults = _checked(version, at).faults
    if faults:
        raise errors.ClaimsTooMuch(phrases=_listed(faults))


def _quoted(phrases: Iterable[str]) -> list[dict[str, str]]:
    return [dict.fromkeys(wordings.LANGUAGES, f"“{one}”") for one in phrases]


def _listed(phrases: Iterable[Mapping[str, str]]) -> dict[str, str]:
    """Return phrases as one list, in the words of each language."""
    marks = {"zh-hans": "、", "en": ", "}
    every = list(phrases)
    return {language: mark.join(one[language] for one in every) for language, mark in marks.items()}


def _said(remark: str) -> str:
    if not remark.strip():
        raise errors.RemarkMissing
    return remark.strip()


def _in_work(text_id: int, actor: Actor) -> tuple[Version, Witnessed]:
    """Return the version that a step is about: the one in work, or else the newest."""
    by = witnessed(actor)
    text = records.locked(text_id, actor)
    version = records.newest(text, IN_WORK) or records.newest(text, State)
    if version is None:
        raise errors.NoSuchText
    return version, by


def _move(
    version: Version,
    after: State,
    action: Action,
    by: ledger.Named,
    at: datetime,
    *,
    also: Iterable[str] = (),
) -> Version:
    before = version.state
    version.state = after
    version.save(update_fields=["state", *also])
    records.log("text:state:changed", version, by, at, action=action, before=before, after=after)
    return version
