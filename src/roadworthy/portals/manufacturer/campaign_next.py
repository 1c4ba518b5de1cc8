"""The steps a person can take with a campaign: the next first, the emergency stop always."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from roadworthy.domains.campaigns.queries import Progress
from roadworthy.domains.campaigns.states import Act, State
from roadworthy.portals.manufacturer import campaign_forms
from roadworthy.portals.shared import formats
from roadworthy.portals.shared.shapes import Ask, Button, Next, Tone


def number(campaign: Any) -> str:
    """Name a campaign by year and number."""
    return f"C-{formats.in_shanghai(campaign.created_at).year}-{campaign.pk:03d}"


def button(campaign: Any, act: Act, look: str = "") -> Button:
    """Return the button of an act; a grave one asks first."""
    texts = {
        Act.NOTIFY: _("Ask the owners"),
        Act.START: _("Start the rollout"),
        Act.PAUSE: _("Pause"),
        Act.RESUME: _("Resume the rollout"),
        Act.STOP: _("Emergency stop"),
        Act.COMPLETE: _("Complete the campaign"),
        Act.CANCEL: _("Cancel the campaign"),
    }
    grave = act in campaign_forms.GRAVE
    if act in {Act.STOP, Act.CANCEL}:
        look = look or "danger"
    return Button(
        texts[act],
        reverse("m:campaign-act", args=[campaign.pk, act]),
        look,
        dialog=f"ask-{act}" if grave else "",
        icon="stop" if act == Act.STOP else "",
        post=not grave,
    )


def buttons(campaign: Any, acts: Sequence[Act]) -> tuple[Button, ...]:
    """Return what the page offers at its side: everything but the stop and the next step."""
    first = _FIRST.get(State(campaign.state))
    return tuple(button(campaign, act) for act in acts if act not in {Act.STOP, Act.PAUSE, first})


def stop(campaign: Any, acts: Sequence[Act]) -> Button | None:
    return button(campaign, Act.STOP, "danger") if Act.STOP in acts else None


_FIRST = {
    State.DRAFT: Act.NOTIFY,
    State.NOTIFYING: Act.START,
    State.PAUSED: Act.RESUME,
    State.STOPPED: Act.RESUME,
}


def step(campaign: Any, now: Progress, acts: Sequence[Act]) -> Next | None:
    """Return the next step, with the pause and the stop beside it while vehicles are told."""
    state = State(campaign.state)
    others = [button(campaign, act) for act in (Act.PAUSE, Act.STOP) if act in acts]
    first = _FIRST.get(state)
    primary = button(campaign, first, "primary") if first is not None and first in acts else None
    if state == State.DRAFT and campaign.notice_id is None:
        href = reverse("m:campaign-notice", args=[campaign.pk])
        write = Button(_("Write the notice"), href, "primary") if acts else None
        why = _("Owners are told and asked before anything is offered.")
        return Next(Tone.LIVE, _("publish the notice to owners."), why, write, others)
    if state == State.DRAFT:
        return Next(
            Tone.LIVE, _("ask the owners."), _("They see the notice and answer."), primary, others
        )
    if state == State.NOTIFYING:
        return Next(Tone.LIVE, _("start the rollout."), _answers(now), primary, others)
    if state == State.RUNNING:
        return _running(now, others)
    if state in {State.PAUSED, State.STOPPED}:
        what = _("decide whether to go on.")
        why = (
            _("Reason: {reason}").format(reason=formats.localised(campaign.pause_reason))
            if campaign.pause_reason
            else ""
        )
        tone = Tone.BROKEN if state == State.STOPPED else Tone.DUE
        return Next(tone, what, why, primary, others)
    return None


def _answers(now: Progress) -> str:
    return ngettext(
        "{n} of {all} owners has agreed, {no} declined. "
        "Only vehicles whose owner agreed are offered it.",
        "{n} of {all} owners have agreed, {no} declined. "
        "Only vehicles whose owner agreed are offered it.",
        now.agreed,
    ).format(
        n=formats.number(now.agreed), all=formats.number(now.total), no=formats.number(now.declined)
    )


def _running(now: Progress, others: Sequence[Button]) -> Next:
    worst = max(
        (one for one in now.groups if one.opened_at and one.offered),
        key=lambda one: one.failed_percent,
        default=None,
    )
    if worst is None or not now.failed:
        return Next(Tone.LIVE, _("watch the first results."), _answers(now), None, others)
    why = _("In group {n} the failure rate is {rate}, the limit {limit}%.").format(
        n=worst.number, rate=f"{worst.failed_percent:.2f}%", limit=worst.error_percent
    )
    near = worst.failed_percent * 2 >= worst.error_percent
    what = _("look into the failures.")
    see = Button(_("See failures"), "#failures", "primary")
    return Next(Tone.DUE if near else Tone.LIVE, what, why, see, others)


def ask(campaign: Any, act: Act, now: Progress | None = None, form: Any = None) -> Ask:
    """Return the question before a grave step."""
    name = number(campaign)
    form = form or campaign_forms.grave_form(act, name)
    common: dict[str, Any] = {
        "id": f"ask-{act}",
        "href": reverse("m:campaign-act", args=[campaign.pk, act]),
        "back": reverse("m:campaign", args=[campaign.pk]),
        "form": form,
        "open": bool(form.errors),
    }
    if act == Act.STOP:
        return Ask(
            title=_("Stop all groups?"),
            text=_stop_text(now),
            confirm=_("Stop now"),
            cancel=_("Keep rolling out"),
            look="stop",
            icon="stop",
            **common,
        )
    if act == Act.CANCEL:
        return _ask_cancel(name, common)
    return Ask(
        title=_("Complete {number}?").format(number=name),
        text=_(
            "Owners who never answered are not asked any more, and the implementation report "
            "falls due."
        ),
        confirm=_("Complete the campaign"),
        cancel=_("Keep it open"),
        **common,
    )


def _ask_cancel(name: str, common: dict[str, Any]) -> Ask:
    return Ask(
        title=_("Cancel {number}?").format(number=name),
        text=_(
            "Vehicles that were told are asked to stop; the others are never told. "
            "It cannot be resumed."
        ),
        confirm=_("Cancel the campaign"),
        cancel=_("Keep the campaign"),
        look="danger",
        **common,
    )


def _stop_text(now: Progress | None) -> str:
    text = _(
        "No vehicle starts a download or install; those that are installing go on to a safe state. "
        "It reaches every gateway within a second."
    )
    if now is None:
        return text
    open_ = now.total - now.proven - now.failed - now.declined - now.cancelled
    affected = _("This affects the {open} of {all} vehicles that are not finished.").format(
        open=formats.number(open_), all=formats.number(now.total)
    )
    return formats.sentences(affected, text)


def dialogs(campaign: Any, now: Progress, acts: Sequence[Act]) -> tuple[Ask, ...]:
    return tuple(ask(campaign, act, now) for act in acts if act in campaign_forms.GRAVE)
