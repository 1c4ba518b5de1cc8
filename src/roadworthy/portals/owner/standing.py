"""Where the update of one car stands, in its owner's words: no state names, no abbreviations."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _

from roadworthy.domains.campaigns.queries import OwnerView, Result
from roadworthy.domains.campaigns.states import ActionState
from roadworthy.portals.shared.shapes import Tone

ICONS: Mapping[Tone, str] = {
    Tone.MET: "met",
    Tone.DUE: "alert",
    Tone.UNKNOWN: "unknown",
    Tone.LIVE: "clock",
    Tone.IDLE: "info",
}
OVER = frozenset({Result.SUCCESS, Result.FAILED, Result.UNKNOWN})


@dataclass(frozen=True, slots=True)
class Standing:
    """What the page says first. ``is_news`` once there is more to say than the notice itself."""

    heading: str
    text: str
    tone: Tone = Tone.LIVE
    is_news: bool = True

    @property
    def icon(self) -> str:
        return ICONS[self.tone]


def of(view: OwnerView) -> Standing:
    """Say what an owner wants to know first."""
    return _SAY[view.result](view)


def is_over(view: OwnerView) -> bool:
    """Say whether nothing more will happen: then the notice is for looking up."""
    return view.result in OVER or view.state == ActionState.CANCELLED


def _none_yet(view: OwnerView) -> Standing:
    if view.choice:
        return Standing(
            _("You have agreed to the update"),
            _("Your car installs it when its turn has come and it is parked and ready."),
        )
    return Standing(
        _("An update is ready for your car"),
        "",  # the notice's own purpose stands there
        is_news=False,
    )


def _under_way(view: OwnerView) -> Standing:
    if view.state == ActionState.CANCELLING:
        return Standing(
            _("The update is being stopped"),
            _("Your car has been asked to stop. If it was faster, it tells us so."),
            Tone.DUE,
        )
    if view.state == ActionState.RUNNING:
        return Standing(
            _("Your car is installing the update"),
            _("Leave it parked until it is done."),
        )
    return Standing(
        _("The update is on its way"),
        _("Your car has been told. It installs when it is parked and ready."),
    )


def _awaiting_proof(_view: OwnerView) -> Standing:
    return Standing(
        _("The update is installed"),
        _("We wait for your car to confirm the new version."),
    )


def _success(_view: OwnerView) -> Standing:
    return Standing(
        _("The update worked"),
        _("Your car has confirmed the new version. You need not do anything."),
        Tone.MET,
    )


def _failed(_view: OwnerView) -> Standing:
    return Standing(
        _("The update did not work"),
        _("Your car went back to its previous version by itself and can be used as before."),
        Tone.DUE,
    )


def _unknown(_view: OwnerView) -> Standing:
    return Standing(
        _("We have not heard from your car"),
        _(
            "We do not know yet whether the update worked. Your car tells us as soon as it is "
            "online."
        ),
        Tone.UNKNOWN,
    )


def _not_done(view: OwnerView) -> Standing:
    if view.state == ActionState.DECLINED:
        return Standing(
            _("You have said no to this update"),
            _("Nothing is installed. Your car works as before."),
            Tone.IDLE,
        )
    return Standing(
        _("This update has been called off"),
        _("Nothing more is installed. Your car works as before, and you need not do anything."),
        Tone.IDLE,
    )


_SAY: Mapping[Result, Callable[[OwnerView], Standing]] = {
    Result.NONE_YET: _none_yet,
    Result.UNDER_WAY: _under_way,
    Result.AWAITING_PROOF: _awaiting_proof,
    Result.SUCCESS: _success,
    Result.FAILED: _failed,
    Result.UNKNOWN: _unknown,
    Result.NOT_DONE: _not_done,
}
