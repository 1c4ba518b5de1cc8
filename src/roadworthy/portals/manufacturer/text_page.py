"""A text's page put into shape: what to do next, for whom, and what has been said."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from roadworthy.domains.disclosure.states import TEXT, Action, Channel, State
from roadworthy.domains.ledger import queries as ledger
from roadworthy.domains.organisations.roles import Role
from roadworthy.portals.shared import stories, text_view, words
from roadworthy.portals.shared.access import Acting
from roadworthy.portals.shared.shapes import Ask, Button, Crumb, Next, Tone

ASKED = frozenset({Action.RETURN, Action.WITHDRAW})
_HISTORY = 20


def level(text: Any) -> int:
    """Return the automation level that a text is about."""
    of_what: int = text.function.level if text.function else text.type.automation_level
    return of_what


def context(text: Any, who: Acting, now: datetime) -> dict[str, Any]:
    """Return everything that the page shows."""
    newest = text.versions.all()[0]
    newest.text = text
    acts = list(TEXT.available(State(newest.state), who.role))
    may_write = who.role == Role.MARKETING and newest.state not in {
        State.IN_REVIEW,
        State.APPROVED,
    }
    return {
        "text": text,
        "newest": newest,
        "subject": text_view.subject(text),
        "channel": words.CHANNELS[Channel(text.channel)],
        "chip": words.TEXT[State(newest.state)],
        "crumbs": [Crumb(_("Texts"), reverse("m:texts")), Crumb(text_view.subject(text))],
        "readings": text_view.readings(newest, now),
        "history": text_view.history(text),
        "level": level(text),
        "next": _next(text, newest, acts, who),
        "write": _writing(text, newest) if may_write else None,
        "withdraw": _button(text, Action.WITHDRAW) if Action.WITHDRAW in acts else None,
        "events": stories.events(ledger.latest_about(f"text/{text.pk}", _HISTORY)),
    }


def ask(action: Action, text: Any, form: Any) -> Ask:
    """Return the question before a step that needs a reason."""
    back = reverse("m:text", args=[text.pk])
    returning = action == Action.RETURN
    return Ask(
        id=f"ask-{action}",
        title=_("Give it back to the writer?") if returning else _("Withdraw this text?"),
        text=(
            _("The writer changes it and hands it in again.")
            if returning
            else _("What is public stops being public. Every version stays readable here.")
        ),
        href=reverse("m:text-act", args=[text.pk, action]),
        confirm=_("Give it back") if returning else _("Withdraw it"),
        cancel=_("Not now"),
        look="primary" if returning else "danger",
        form=form,
        back=back,
    )


def done(action: Action) -> str:
    """Return what the toast says after a step."""
    return {
        Action.SUBMIT: _("Handed to homologation."),
        Action.RETURN: _("Given back to the writer."),
        Action.APPROVE: _("Approved. Marketing can publish it."),
        Action.PUBLISH: _("It is public from now on."),
        Action.WITHDRAW: _("Withdrawn."),
    }[action]


def _next(text: Any, newest: Any, acts: list[Action], who: Acting) -> Next | None:
    faults = newest.checked.get("faults", ())
    if newest.state == State.DRAFT:
        if faults:
            return Next(
                Tone.BROKEN,
                _("correct what the checker found."),
                _("With a fault it cannot be approved."),
                _writing(text, newest) if Action.SUBMIT in acts else None,
            )
        what = _("hand it to homologation.")
        return Next(Tone.LIVE, what, newest.remark, _may(text, Action.SUBMIT, acts))
    if newest.state == State.IN_REVIEW:
        what = _("homologation reads it.")
        own = newest.written_by_id == who.actor.user_id
        why = _("You wrote it: somebody else approves it.") if own else ""
        approve = None if own or faults else _may(text, Action.APPROVE, acts)
        back = _may(text, Action.RETURN, acts)
        if faults:
            why = _("With a fault it cannot be approved.")
        return Next(
            Tone.BROKEN if faults else Tone.LIVE, what, why, approve, (back,) if back else ()
        )
    if newest.state == State.APPROVED:
        what = _("marketing publishes it.")
        return Next(Tone.DUE, what, "", _may(text, Action.PUBLISH, acts))
    return None


def _may(text: Any, action: Action, acts: list[Action]) -> Button | None:
    return _button(text, action) if action in acts else None


def _button(text: Any, action: Action) -> Button:
    names = {
        Action.SUBMIT: _("Hand to homologation"),
        Action.RETURN: _("Give it back"),
        Action.APPROVE: _("Approve"),
        Action.PUBLISH: _("Publish"),
        Action.WITHDRAW: _("Withdraw"),
    }
    look = {Action.WITHDRAW: "danger", Action.RETURN: ""}.get(action, "primary")
    href = reverse("m:text-act", args=[text.pk, action])
    return Button(names[action], href, look, post=action not in ASKED)


def _writing(text: Any, newest: Any) -> Button:
    name = _("Change the draft") if newest.state == State.DRAFT else _("Write a new version")
    return Button(name, reverse("m:text-write", args=[text.pk]))
