"""Sentences for the ledger entries of the exchange with other deployments."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from roadworthy.domains.exchange import asking
from roadworthy.portals.shared import exchange_words
from roadworthy.portals.shared.shapes import Tone


def _peer(data: Mapping[str, Any]) -> str:
    return {
        "confirm": _("Its fingerprint was compared: confirmed"),
        "suspend": _("Suspended"),
        "resume": _("It went on"),
        "end": _("Ended for good"),
    }.get(str(data.get("action")), "")


def _about(template: str, data: Mapping[str, Any]) -> str:
    return template.format(
        matter=exchange_words.matter(str(data.get("matter", ""))), sequence=data.get("sequence", "")
    )


def _difference(data: Mapping[str, Any]) -> str:
    matter = exchange_words.matter(str(data.get("matter", "")))
    verdict = exchange_words.VERDICTS.get(str(data.get("verdict")), "")
    return _("{matter}: {verdict}").format(matter=matter, verdict=verdict)


def _halted(data: Mapping[str, Any]) -> str:
    matter = exchange_words.matter(str(data.get("matter", "")))
    why = exchange_words.HALTS.get(str(data.get("reason")), "")
    return _("{matter} stands still: {why}").format(matter=matter, why=why)


def _taken_back(data: Mapping[str, Any]) -> str:
    count = int(data.get("messages", 0))
    return ngettext(
        "It gave {n} message of ours back", "It gave {n} messages of ours back", count
    ).format(n=count)


SENTENCES: Mapping[str, Callable[[Mapping[str, Any]], str]] = {
    "peer:entered": lambda _data: _("Its card was entered"),
    "peer:state:changed": _peer,
    "exchange:established": lambda _data: _("This deployment has keys for the exchange"),
    asking.EVENT: lambda _data: _("Somebody asked for a comparison"),
    "exchange:difference": _difference,
    "exchange:line:halted": _halted,
    "exchange:line:resumed": lambda d: _about(_("{matter} goes on"), d),
    "exchange:dead-letter": lambda d: _about(
        _("{matter}: message {sequence} cannot take effect"), d
    ),
    "exchange:retried": lambda d: _about(_("{matter}: message {sequence} is tried again"), d),
    "exchange:set-aside": lambda d: _about(_("{matter}: message {sequence} was set aside"), d),
    "exchange:conflict": lambda d: _about(
        _("{matter}: a second, different message {sequence} came; both are kept"), d
    ),
    "exchange:taken-back": _taken_back,
    "exchange:regained": lambda d: _about(
        _("{matter}: what we had said before the restore holds again"), d
    ),
    "exchange:not-regained": lambda d: _about(
        _("{matter}: what we had said before the restore does not hold again; given up"), d
    ),
}


def _of_peer(data: Mapping[str, Any]) -> Tone | None:
    return {"confirm": Tone.MET, "suspend": Tone.DUE, "resume": Tone.LIVE, "end": Tone.IDLE}.get(
        str(data.get("action"))
    )


# A peer that is confirmed is good news, other than a defect.
TONES: Mapping[str, Callable[[Mapping[str, Any]], Tone | None]] = {
    "peer:state:changed": _of_peer,
    **dict.fromkeys(
        (
            "exchange:difference",
            "exchange:line:halted",
            "exchange:dead-letter",
            "exchange:conflict",
            "exchange:not-regained",
        ),
        lambda _data: Tone.BROKEN,
    ),
}
