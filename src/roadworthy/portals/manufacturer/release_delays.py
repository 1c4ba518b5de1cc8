"""Why the gate of a release is shut, where an authority's own deployment has yet to answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _later
from django.utils.translation import ngettext

from roadworthy.domains.exchange import delays
from roadworthy.domains.exchange.delays import Delay, Why
from roadworthy.domains.organisations.roles import Role
from roadworthy.portals.shared import exchange_page, formats
from roadworthy.portals.shared.access import Acting
from roadworthy.portals.shared.formats import localised


@dataclass(frozen=True, slots=True)
class Told:
    """One sentence above the release, and how grave it is."""

    tone: str
    title: str
    text: str
    look: bool  # the exchange's page tells more, and lets somebody act


def of_release(release: Any, who: Acting) -> tuple[Told, ...]:
    """Return what is told of the deployments for which a release waits."""
    may_look = who.actor.role == Role.COMPLIANCE_OFFICER
    return tuple(_told(one, may_look=may_look) for one in delays.of_release(release))


def _told(delay: Delay, *, may_look: bool) -> Told:
    named = {
        "authority": localised(delay.organisation),
        "numbers": _(", ").join(delay.numbers),
        "when": formats.moment(delay.since),
        "n": delay.messages,
    }
    title, tone = _TITLES[delay.why]
    look = may_look and delay.why not in {Why.ON_ITS_WAY, Why.NOT_DECIDED}
    return Told(tone, str(title).format(**named), _text(delay).format(**named), look)


def _text(delay: Delay) -> str:
    if delay.why == Why.NOT_ANSWERING:
        return ngettext(
            "{n} message about {numbers} waits since {when}. It is sent as soon as that deployment "
            "answers; until then the gate stays shut.",
            "{n} messages about {numbers} wait since {when}. They are sent as soon as that "
            "deployment answers; until then the gate stays shut.",
            delay.messages,
        )
    if delay.why == Why.REFUSED_HERE:
        said = _(
            "What came on {when} about {numbers} changed nothing here: {why} The gate stays "
            "shut until somebody has looked at it in the exchange."
        )
        return said.replace("{why}", _plain(exchange_page.why(delay.error)))
    return str(_TEXTS[delay.why])


def _plain(text: Any) -> str:
    """Return a text that is put into a template and holds no place for anything itself."""
    return str(text).replace("{", "{{").replace("}", "}}")


_TITLES = {
    Why.NOT_CONNECTED: (_later("The deployment of {authority} is not connected"), "broken"),
    Why.NOT_ANSWERING: (_later("The deployment of {authority} does not answer"), "due"),
    Why.ON_ITS_WAY: (_later("{numbers}: on its way to {authority}"), "info"),
    Why.REFUSED_HERE: (_later("An answer of {authority} does not hold"), "broken"),
    Why.STOPPED: (_later("The exchange with {authority} has stopped"), "broken"),
    Why.NOT_DECIDED: (_later("{authority} has not decided yet"), "info"),
}
_TEXTS = {
    Why.NOT_CONNECTED: _later(
        "{numbers} cannot be sent before somebody has compared and confirmed its card. The gate "
        "stays shut."
    ),
    Why.STOPPED: _later(
        "The two deployments contradict each other about {numbers}. The gate stays shut until "
        "somebody has looked at it in the exchange."
    ),
    Why.ON_ITS_WAY: _later(
        "Handed in {when}; the authority's deployment has not acknowledged it yet. The gate stays "
        "shut until its signed answer is here."
    ),
    Why.NOT_DECIDED: _later(
        "Its deployment has {numbers} since {when}. The gate stays shut until its signed answer "
        "is here."
    ),
}
