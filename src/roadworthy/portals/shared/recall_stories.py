"""Sentences for the ledger entries of defects and recalls."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.utils.translation import gettext as _
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


SENTENCES: Mapping[str, Sentence] = {
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
    "recall:supervised": lambda _data: _("SAMR wrote about the recall"),
    "lesson:written": lambda _data: _("Proposal written"),
    "lesson:changed": _lesson,
}
