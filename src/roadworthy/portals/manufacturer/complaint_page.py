"""A complaint's page put into shape: what to do next, by when, what was said."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from roadworthy.domains.aftersales import queries
from roadworthy.domains.aftersales.states import COMPLAINT, Action, Actor, Category, State
from roadworthy.domains.ledger import queries as ledger
from roadworthy.domains.organisations.roles import Role
from roadworthy.portals.manufacturer.complaint_forms import CHANNEL_WORDS
from roadworthy.portals.shared import formats, stories, words
from roadworthy.portals.shared.access import Acting
from roadworthy.portals.shared.shapes import Ask, Button, Crumb, Next, Tone

_HISTORY, _EXCERPT, _VIN_END = 20, 90, 6
_ORDER = (
    Action.ANSWER,
    Action.SETTLE,
    Action.CLOSE,
    Action.DISPUTE,
    Action.REOPEN,
    Action.TAKE_BACK,
)


def rows(found: Iterable[Any], today: date) -> list[dict[str, Any]]:
    """Return the lines of the list."""
    return [
        {
            "complaint": one,
            "chip": words.COMPLAINT[State(one.state)],
            "category": words.CATEGORIES[Category(one.category)],
            "ending": (one.vehicle.vin or "")[-_VIN_END:],
            "due": due_on(one),
            "left": _left(one, today),
            "late": _is_late(one, today),
        }
        for one in found
    ]


def due_on(complaint: Any) -> date | None:
    """Return the day by which somebody has to do something: an own service level."""
    day = {State.RECEIVED: complaint.answer_due_on, State.IN_DISPUTE: complaint.settle_due_on}
    return day.get(State(complaint.state))


def context(complaint: Any, who: Acting, today: date) -> dict[str, Any]:
    """Return everything that the page shows."""
    state = State(complaint.state)
    available = set(COMPLAINT.available(state, Actor(who.role)))
    acts = [one for one in _ORDER if one in available]
    upcoming = _next(complaint, acts, today)
    is_service = who.role == Role.AFTER_SALES
    return {
        "complaint": complaint,
        "chip": words.COMPLAINT[state],
        "category": words.CATEGORIES[Category(complaint.category)],
        "channel": CHANNEL_WORDS.get(complaint.channel, complaint.channel),
        "crumbs": [Crumb(_("Complaints"), reverse("m:complaints")), Crumb(complaint.number)],
        "next": upcoming,
        "actions": [_button(complaint, one, "") for one in (acts[1:] if upcoming else acts)],
        "due": due_on(complaint),
        "left": _left(complaint, today),
        "software": complaint.software.all(),
        "said": complaint.messages.all(),
        "attachments": [one.document for one in queries.attachments(complaint.pk)],
        "is_service": is_service,
        "may_open": is_service and bool(complaint.contact),
        "may_erase": is_service and bool(complaint.contact) and complaint.ended_at is not None,
        "events": stories.events(ledger.latest_about(f"complaint/{complaint.pk}", _HISTORY)),
    }


def ask(action: Action, complaint: Any, form: Any) -> Ask:
    """Return the question that a step asks."""
    titles = {
        Action.ANSWER: _("Answer {number}"),
        Action.DISPUTE: _("Put {number} into dispute"),
        Action.SETTLE: _("Settle {number}"),
        Action.CLOSE: _("Close {number}"),
        Action.REOPEN: _("Take {number} up again"),
        Action.TAKE_BACK: _("{number} was taken back"),
    }
    texts = {
        Action.ANSWER: _("The owner reads it behind their link; otherwise tell them as well."),
        Action.DISPUTE: _("Say it when owner and you do not agree. From now on SAMR sees it."),
        Action.SETTLE: _("Write down what both agreed on."),
        Action.CLOSE: _("Nothing more is to be done. It can be taken up again."),
        Action.REOPEN: _("Say why: the owner is not content, or something new is known."),
        Action.TAKE_BACK: _("Say how you know that the owner takes it back."),
    }
    return Ask(
        id=f"ask-{action}",
        title=titles[action].format(number=complaint.number),
        text=texts[action],
        href=reverse("m:complaint-act", args=[complaint.pk, action]),
        confirm=_names()[action],
        cancel=_("Not now"),
        form=form,
        back=reverse("m:complaint", args=[complaint.pk]),
    )


def done(action: Action, complaint: Any) -> str:
    """Return what the toast says after a step."""
    return {
        Action.ANSWER: _("{number} is answered."),
        Action.DISPUTE: _("{number} is in dispute."),
        Action.SETTLE: _("{number} is settled."),
        Action.CLOSE: _("{number} is closed."),
        Action.REOPEN: _("{number} is taken up again."),
        Action.TAKE_BACK: _("{number} is taken back."),
    }[action].format(number=complaint.number)


def _next(complaint: Any, acts: list[Action], today: date) -> Next | None:
    if complaint.state not in {State.RECEIVED, State.IN_DISPUTE}:
        return None
    what = _("answer the owner.") if complaint.state == State.RECEIVED else _("settle the dispute.")
    late, left = _is_late(complaint, today), _left(complaint, today)
    why = formats.sentences(left, _("Your own service level; no law gives a number of days."))
    if due_on(complaint) is None:
        why = _("No service level is set, and no law gives a number of days.")
    tone = Tone.BROKEN if late else Tone.LIVE
    first = _button(complaint, acts[0], "primary") if acts else None
    return Next(tone, what, why, first)


def _names() -> dict[Action, str]:
    return {
        Action.ANSWER: _("Answer the owner"),
        Action.DISPUTE: _("Put into dispute"),
        Action.SETTLE: _("Settle it"),
        Action.CLOSE: _("Close it"),
        Action.REOPEN: _("Take it up again"),
        Action.TAKE_BACK: _("The owner takes it back"),
    }


def _button(complaint: Any, action: Action, look: str) -> Button:
    href = reverse("m:complaint-act", args=[complaint.pk, action])
    return Button(_names()[action], href, look)


def _is_late(complaint: Any, today: date) -> bool:
    due = due_on(complaint)
    return due is not None and due < today


def _left(complaint: Any, today: date) -> str:
    due = due_on(complaint)
    return "" if due is None else formats.working_days(due, today)
