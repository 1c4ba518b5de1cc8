"""Sentences for the ledger entries of defects and recalls."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _later
from django.utils.translation import ngettext

Sentence = Callable[[Mapping[str, Any]], str]


def _defect(data: Mapping[str, Any]) -> str:
    return {
        "analyse": _("The analysis has begun"),
        "conclude": _("The analysis is concluded; a second person decides"),
        "send-back": _("Sent back to be analysed further"),
        "confirm": _("The defect is confirmed: stop of production, sale and import"),
        "dismiss": _("No defect, confirmed by a second person"),
        "reopen": _("Taken up again"),
        "order": _("SAMR has ordered the recall"),
        "overtake": _("SAMR had ordered the recall before it heard that the manufacturer follows"),
        "plan": _("The recall plan is before SAMR"),
        "recall-again": _("The recall did not do: recalled again"),
        "close": _("The recall is completed and reported"),
    }.get(str(data.get("action")), "")


def _stop(data: Mapping[str, Any]) -> str:
    template = {
        "receive": _("{site} has received the order to stop"),
        "execute": _("{site} has stopped"),
        "lift": _("The order to {site} is lifted"),
    }.get(str(data.get("action")), "{site}")
    return template.format(site=data.get("site", ""))


def _plan(data: Mapping[str, Any]) -> str:
    template = {
        "prepare": _("Plan {number} prepared for SAMR"),
        "file": _("Plan {number} handed in to SAMR"),
        "return": _("Plan {number} came back"),
        "start": _("The recall {number} has started"),
        "complete": _("The recall {number} is completed"),
        "report": _("The final report on {number} is filed"),
        "supersede": _("Plan {number} gave way to its next version"),
        "withdraw": _("Plan {number} given up"),
    }.get(str(data.get("action")), "{number}")
    return template.format(number=data.get("number", ""))


def _notice(data: Mapping[str, Any]) -> str:
    return {
        "notify": _("SAMR gave notice to recall"),
        "follow": _("The manufacturer follows the notice"),
        "object": _("The manufacturer objects"),
        "appoint": _("SAMR has appointed experts"),
        "order": _("SAMR has ordered the recall"),
        "set-aside": _("SAMR has set the notice aside"),
    }.get(str(data.get("action")), "")


def _crossed(data: Mapping[str, Any]) -> str:
    if data.get("answer") == "follow":
        return _("The manufacturer's word that it follows came after the order")
    return _("An objection came that was made before the order")


def _arrived(data: Mapping[str, Any]) -> str:
    return {
        "issue": _("The manufacturer's deployment has the request to investigate"),
        "notify": _("The manufacturer's deployment has the notice of recall"),
        "appoint": _("The manufacturer's deployment knows of the experts"),
        "order": _("The manufacturer's deployment has the order"),
        "set-aside": _("The manufacturer's deployment knows that the notice is set aside"),
    }.get(str(data.get("step")), "")


def _lesson(data: Mapping[str, Any]) -> str:
    return {
        "propose": _("Proposed to MIIT"),
        "return": _("MIIT has given it back"),
        "take-up": _("MIIT has taken it up"),
        "adopt": _("The changed text is in force"),
        "refuse": _("MIIT has refused it"),
        "withdraw": _("Proposal withdrawn"),
    }.get(str(data.get("action")), "")


def _remedied(data: Mapping[str, Any]) -> str:
    count = int(data.get("vehicles", 0))
    return ngettext("{n} vehicle is remedied", "{n} vehicles are remedied", count).format(n=count)


_CHANNELS: Mapping[str, Any] = {
    "letter": _later("registered letter"),
    "email": _later("e-mail"),
    "sms": _later("text message"),
}


def _notices(data: Mapping[str, Any], template: str) -> str:
    channel = str(data.get("channel", ""))
    return template.format(
        channel=_CHANNELS.get(channel, channel),
        n=data.get("notices", ""),
        without=data.get("without_address", ""),
    )


def _repaired(data: Mapping[str, Any]) -> str:
    count = int(data.get("vehicles", 0))
    if data.get("proof") == "workshop":
        template = ngettext(
            "A workshop repaired {n} vehicle", "Workshops repaired {n} vehicles", count
        )
    else:
        template = ngettext(
            "{n} vehicle proved it by its running version",
            "{n} vehicles proved it by their running versions",
            count,
        )
    return template.format(n=count)


def _answer(data: Mapping[str, Any]) -> str:
    return {
        "accept": _("An owner agreed"),
        "decline": _("An owner declined"),
        "unreachable": _("An owner was not reached"),
    }.get(str(data.get("choice")), "")


SENTENCES: Mapping[str, Sentence] = {
    "recall:completions": _repaired,
    "recall:answer": _answer,
    "recall:notice:bounced": lambda d: _notices(d, _("A notice came back: {channel}")),
    "recall:notices:ordered": lambda d: _notices(d, _("All owners are to be told: {channel}")),
    "recall:notices:queued": lambda d: _notices(
        d, _("{n} notices wait to be sent, {without} owners have no address: {channel}")
    ),
    "recall:notices:posted": lambda d: _notices(d, _("The letters are posted")),
    "recall:notices:sent": lambda d: _notices(d, _("{n} notices were sent: {channel}")),
    "recall:report:drafted": lambda d: (
        _("The final report was drafted")
        if d.get("kind") == "final"
        else _("A stage report was drafted")
    ),
    "defect:opened": lambda _data: _("A possible defect was opened"),
    "defect:changed": _defect,
    "defect:result-reported": lambda _data: _("The result was reported to SAMR"),
    "stop-order:issued": lambda _data: _("Every site was ordered to stop"),
    "stop-order:changed": _stop,
    "recall-sites:registered": lambda _data: _("Plants and dealers registered"),
    "recall-plan:drafted": lambda d: _("Plan {number} begun").format(number=d.get("number", "")),
    "recall-plan:rewritten": lambda d: _("Plan {number} rewritten").format(
        number=d.get("number", "")
    ),
    "recall-plan:resolved": lambda d: _("The scope names {n} vehicles").format(
        n=d.get("vehicles", "")
    ),
    "recall-plan:amended": lambda d: _("Version {version} of the plan begun").format(
        version=d.get("version", "")
    ),
    "recall-plan:changed": _plan,
    "recall-plan:noted": lambda _data: _("What was done was noted"),
    "recall-plan:remedied": _remedied,
    "recall-notice:issued": lambda _data: _("SAMR asked the manufacturer to investigate"),
    "recall-notice:changed": _notice,
    "recall-notice:received": _arrived,
    "recall-notice:served": lambda _data: _("SAMR noted when the notice of recall was received"),
    "recall-notice:crossed": _crossed,
    "recall:supervised": lambda _data: _("SAMR wrote about the recall"),
    "lesson:written": lambda _data: _("Proposal written"),
    "lesson:changed": _lesson,
}
