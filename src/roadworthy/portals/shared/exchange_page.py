"""What the pages of the exchange show: buttons, questions, reasons, in the reader's words."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from roadworthy.domains.exchange.queries import Letter, PeerPage
from roadworthy.domains.exchange.states import Halt, MessageAct, PeerAct
from roadworthy.portals.shared import exchange_words, words
from roadworthy.portals.shared.formats import localised
from roadworthy.portals.shared.listing import Empty
from roadworthy.portals.shared.shapes import Ask, Button, Text


def no_peers(*, is_on: bool) -> Empty:
    """Say why there are no peers."""
    if is_on:
        return Empty(
            _("This deployment knows no other yet"),
            _("Cards are exchanged on the host: roadworthy peers card, roadworthy peers add."),
        )
    return Empty(
        _("Nothing is exchanged with other deployments"),
        _("Everybody who works with your organisation has an account here, or uses paper."),
    )


def peer_buttons(acts: Iterable[PeerAct], href: Callable[[str], str]) -> list[Button]:
    """Return what may be done to a peer now."""
    texts = {
        PeerAct.CONFIRM: Button(_("Compare and confirm"), "", "primary"),
        PeerAct.RESUME: Button(_("Go on with it"), "", "primary"),
        PeerAct.SUSPEND: Button(_("Suspend"), ""),
        PeerAct.END: Button(_("End"), "", "danger"),
    }
    may = set(acts)
    return [replace(one, href=href(act)) for act, one in texts.items() if act in may]


def letter_buttons(acts: Iterable[MessageAct], href: Callable[[str], str]) -> list[Button]:
    """Return what may be done about a message now."""
    texts = {
        MessageAct.RETRY: Button(_("Try again"), "", "primary"),
        MessageAct.SET_ASIDE: Button(_("Set aside"), ""),
    }
    may = set(acts)
    return [replace(one, href=href(act)) for act, one in texts.items() if act in may]


def ask_peer(act: PeerAct, found: PeerPage, form: Any, href: str) -> Ask:
    """Return the question before a step about a peer."""
    title, text, confirm, look = _peer_questions()[act]
    return Ask(
        id=str(act),
        title=title.format(name=localised(found.overview.names)),
        text=text,
        href=href,
        confirm=confirm,
        cancel=pgettext("exchange", "Not yet"),
        look=look,
        facts=[(_("Address"), found.peer.url)],
        form=form,
    )


def _peer_questions() -> dict[PeerAct, tuple[str, str, str, str]]:
    """Return title, text, what to press and its look for each step, in the reader's language."""
    return {
        PeerAct.CONFIRM: (
            _("Is this really {name}?"),
            _(
                "Call their people, on a number that you know, and let them read their fingerprint "
                "out. From then on their deployment's messages are taken, and the keys on their "
                "card count."
            ),
            _("It agrees: confirm"),
            "primary",
        ),
        PeerAct.SUSPEND: (
            _("Suspend {name}?"),
            _("Nothing is sent to it or taken from it until somebody goes on. What waits, waits."),
            _("Suspend"),
            "primary",
        ),
        PeerAct.RESUME: (
            _("Go on with {name}?"),
            _("Lines are compared first; then what waits is sent."),
            _("Go on"),
            "primary",
        ),
        PeerAct.END: (
            _("End {name} for good?"),
            _(
                "Its key is worth nothing here any more. "
                "If it is set up anew, it brings a new card."
            ),
            _("End it"),
            "danger",
        ),
    }


def ask_letter(act: MessageAct, found: Letter, form: Any, href: str) -> Ask:
    """Return the question before a step about a dead letter."""
    is_retry = act is MessageAct.RETRY
    return Ask(
        id=str(act),
        title=_("Try this message again?") if is_retry else _("Go on without this message?"),
        text=_("Do so when what was wrong is mended; otherwise it will fail again.")
        if is_retry
        else _("It stays here with your reason, and the next ones of its matter take effect."),
        href=href,
        confirm=_("Try again") if is_retry else _("Set aside"),
        cancel=pgettext("exchange", "Not yet"),
        look="primary" if is_retry else "danger",
        facts=[
            (_("Matter"), exchange_words.matter(found.row.line.matter)),
            (_("Kind"), str(exchange_words.kind(found.row.kind))),
            (pgettext("exchange", "What is wrong"), str(reason(found.row))),
        ],
        form=form,
    )


def with_back(ask: Ask, back: str) -> Ask:
    """Return the question with the way back."""
    return replace(ask, back=back)


def changed(act: PeerAct, name: str) -> str:
    """Say what was done to a peer."""
    return {
        PeerAct.CONFIRM: _("{name} is confirmed."),
        PeerAct.SUSPEND: _("{name} is suspended."),
        PeerAct.RESUME: _("It goes on with {name}."),
        PeerAct.END: _("{name} is ended."),
    }[act].format(name=name)


def decided(act: MessageAct) -> str:
    """Say what was done about a message."""
    if act is MessageAct.RETRY:
        return _("It is tried again within a second.")
    return _("It is set aside; the next ones take effect.")


def reason(row: Any) -> Text:
    """Say why a message waits or cannot take effect, in the reader's language; empty: it did."""
    return why(row.error)


def why(error: Mapping[str, Any] | None) -> Text:
    """Say a reason as it was kept: its code, its message and what it is about."""
    if not error:
        return ""
    if error["code"] in exchange_words.REASONS:
        return exchange_words.REASONS[error["code"]]
    if not error["message"]:
        return str(error["code"])
    data = {name: words.datum(name, value) for name, value in error["data"].items()}
    return _(error["message"]).format(**data)


def halted(found: PeerPage) -> list[tuple[Any, str, Text, bool]]:
    """Return the halted lines: about what, why, and whether each may simply go on."""
    return [
        (
            one,
            exchange_words.matter(one.matter),
            exchange_words.HALTS[one.halted],
            one.halted != Halt.DEAD_LETTER,
        )
        for one in found.halted
    ]


def differences(found: PeerPage) -> list[tuple[str, Text]]:
    """Return what the last comparison found, in words."""
    return [
        (exchange_words.matter(one.matter), exchange_words.VERDICTS[one.verdict])
        for one in found.differences
    ]
