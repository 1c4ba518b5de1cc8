"""Owners see the notice and answer it.

* The link is the proof: whoever holds the token speaks for the owner.
* What was shown and what was chosen is kept with the notice's version and language, and only ever
  added to. The last answer counts.
* Consent can be taken back until the vehicle has begun; a "no" before the offer means the vehicle
  is never told.
"""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_noop as _m

from roadworthy.domains.campaigns import access, moves
from roadworthy.domains.campaigns.creation import token_digest
from roadworthy.domains.campaigns.models import Action, Campaign, Consent
from roadworthy.domains.campaigns.states import (
    ACTION,
    ActionAct,
    ActionState,
    Actor,
    State,
)
from roadworthy.domains.ledger import services as ledger
from roadworthy.domains.notices.models import Notice
from roadworthy.domains.notices.services import LANGUAGES
from roadworthy.domains.organisations.actors import Witnessed
from roadworthy.kernel.errors import Conflict, Invalid, NotFound
from roadworthy.kernel.transitions import WrongState

YES, NO = "yes", "no"
SHOWN, RESULT = "shown", "result"
CHANNELS = ("web", "vehicle")
HAS_RESULT = ACTION.final | {ActionState.INSTALLED}


class NoSuchLink(NotFound):
    code = "no-such-link"
    message = "This link does not lead anywhere. Please use the newest one you were sent."


class BadAnswer(Invalid):
    code = "bad-answer"
    message = '"{value}" is not possible for {field}; choose one of {choices}.'


class NotAskedYet(Conflict):
    code = "not-asked-yet"
    message = "There is nothing to decide yet."


class NoticeChanged(Conflict):
    code = "notice-changed"
    message = "The notice was renewed while you read it. Please read version {version} first."


class TooLate(Conflict):
    code = "too-late"
    message = "This can no longer be changed: {why}."


@transaction.atomic(durable=True)
def record_shown(*, token: str, language: str, channel: str, at: datetime) -> int:
    """Write down that the owner was shown the notice, or its result once there is one.

    Returns the version of the notice that was written down: whoever shows it shows that one.

    Raises:
        NoSuchLink, BadAnswer.
        NotAskedYet: no notice is published.
    """
    _check("language", language, LANGUAGES)
    _check("channel", channel, CHANNELS)
    action, notice = _owners(token)
    shown = {
        "action": action,
        "notice": notice,
        "language": language,
        "choice": RESULT if action.state in HAS_RESULT else SHOWN,
    }
    if not Consent.objects.filter(**shown).exists():
        Consent.objects.create(**shown, channel=channel, at=at)
    return notice.version


@transaction.atomic(durable=True)
def answer_consent(
    *,
    token: str,
    choice: str,
    language: str,
    channel: str,
    at: datetime,
    notice_version: int | None = None,
) -> Action:
    """Keep the owner's answer to the notice that they were shown.

    Raises:
        NoSuchLink, BadAnswer.
        NotAskedYet: no notice is published.
        NoticeChanged: ``notice_version`` is not the one that stands now.
        TooLate: the vehicle has begun, or the campaign is over.
    """
    _check("choice", choice, (YES, NO))
    _check("language", language, LANGUAGES)
    _check("channel", channel, CHANNELS)
    action, notice = _owners(token)
    if notice_version is not None and notice_version != notice.version:
        raise NoticeChanged(version=notice.version)
    if action.campaign.state in {State.COMPLETED, State.CANCELLED}:
        raise TooLate(why=_m("the campaign is over"))
    by = Witnessed("owner", None, moves.commitment_of(action))
    if not _answer(action, choice, by, at):
        return action
    Consent.objects.create(
        action=action, notice=notice, language=language, choice=choice, channel=channel, at=at
    )
    ledger.record(
        event="consent:given" if choice == YES else "consent:refused",
        subject=f"action/{action.pk}",
        actor=by,
        at=at,
        release_id=action.campaign.release_id,
        data={
            "campaign": action.campaign_id,
            "notice_version": notice.version,
            "notice_sha256": notice.sha256,
            "language": language,
            "channel": channel,
        },
    )
    access.ring()
    return action


def _answer(action: Action, choice: str, by: Witnessed, at: datetime) -> bool:
    """Move the action as the owner says; False if it already stands so."""
    change = moves.Moves(by)
    if choice == NO:
        if action.state == ActionState.DECLINED:
            return False
        _step(change, action, ActionAct.DECLINE, at)
    else:
        if action.consented and action.state not in ACTION.final:
            return False
        if action.state != ActionState.WAITING:
            _step(change, action, ActionAct.RECONSIDER, at)
        action.consented = True
        change.touch(action)
    change.write()
    return True


def _step(change: moves.Moves, action: Action, act: ActionAct, at: datetime) -> None:
    try:
        change.move(action, act, Actor.OWNER, at)
    except WrongState:
        raise TooLate(why=_m("the vehicle has begun, or this update is over")) from None


def _owners(token: str) -> tuple[Action, Notice]:
    """Return the action that a token stands for, locked, and the notice as it stands then."""
    found = moves.locked_actions(Action.objects.filter(token_sha256=token_digest(token)))
    if not found:
        raise NoSuchLink
    (action,) = found
    # Read after the lock: whoever publishes a notice or ends the campaign writes the actions too.
    action.campaign = Campaign.objects.select_related("notice").get(pk=action.campaign_id)
    if action.campaign.notice is None or action.campaign.state == State.DRAFT:
        raise NotAskedYet
    return action, action.campaign.notice


def _check(field: str, value: str, choices: tuple[str, ...]) -> None:
    if value not in choices:
        raise BadAnswer(field=field, value=value, choices=", ".join(choices))
