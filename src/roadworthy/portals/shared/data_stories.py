"""Sentences for what happens to the register of data, its flows and exports."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.utils.translation import gettext as _


def _moved(data: Mapping[str, Any]) -> str:
    templates = {
        "declare": _("Flow {number} declared"),
        "return": _("Flow {number} given back"),
        "approve": _("Flow {number} approved"),
        "refuse": _("Flow {number} refused"),
        "replace": _("Flow {number} gave way to its next version"),
        "end": _("Flow {number} ended"),
    }
    template = templates.get(str(data.get("action", "")), "{number}")
    return template.format(number=data.get("number", ""))


def _asked(data: Mapping[str, Any]) -> str:
    flow, new = data.get("flow", ""), data.get("new", 0)
    if data.get("allowed"):
        return _("Export over {flow} allowed, {new} persons counted").format(flow=flow, new=new)
    return _("Export over {flow} denied").format(flow=flow)


def _answered(data: Mapping[str, Any]) -> str:
    templates = {
        "carry-out": _("Request {number} carried out"),
        "refuse": _("Request {number} refused"),
        "take-back": _("Request {number} taken back"),
    }
    template = templates.get(str(data.get("action", "")), "{number}")
    return template.format(number=data.get("number", ""))


SENTENCES: Mapping[str, Callable[[Mapping[str, Any]], str]] = {
    "data-item:entered": lambda d: _("Data item {code} entered").format(code=d.get("code", "")),
    "data-item:changed": lambda d: _("Data item {code}: version {version}").format(
        code=d.get("code", ""), version=d.get("version", "")
    ),
    "data-recipient:entered": lambda _data: _("A recipient of data entered"),
    "data-notice:written": lambda _data: _("Notice on a data item written"),
    "consent-form:written": lambda _data: _("Way of asking for consent written"),
    "data-profile:stated": lambda _data: _("The company stated what it is"),
    "data-group:formed": lambda _data: _("Group of companies formed"),
    "data-group:joined": lambda _data: _("Group of companies joined"),
    "export-assessment:entered": lambda _data: _("Security assessment of an export entered"),
    "data-flow:drafted": lambda d: _("Flow {number} written").format(number=d.get("number", "")),
    "data-flow:rewritten": lambda d: _("Flow {number} written anew").format(
        number=d.get("number", "")
    ),
    "data-flow:judged": lambda d: _("The rulebook was asked about flow {number}").format(
        number=d.get("number", "")
    ),
    "data-flow:state:changed": _moved,
    "data-export:asked": _asked,
    "rights-request:received": lambda d: _("Request {number} received").format(
        number=d.get("number", "")
    ),
    "rights-request:state:changed": _answered,
    "data-report:made": lambda d: _("Report on data security of {year} made").format(
        year=d.get("year", "")
    ),
    "data-report:filed": lambda d: _("Report on data security of {year} handed in").format(
        year=d.get("year", "")
    ),
    "data-breach:entered": lambda d: _("{number} entered").format(number=d.get("number", "")),
    "data-breach:noted": lambda d: _("{number}: something was noted").format(
        number=d.get("number", "")
    ),
    "data-risk:assessed": lambda d: _("Risk assessment {number} entered").format(
        number=d.get("number", "")
    ),
    "data-consent:given": lambda _data: _("A person consented"),
    "data-consent:withdrawn": lambda _data: _("A person withdrew their consent"),
}
