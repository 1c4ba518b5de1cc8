"""The words of a shared case: sources of its line, kinds of matter, parts, outcomes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from roadworthy.domains.access.states import State as ApprovalState
from roadworthy.domains.campaigns.states import State as CampaignState
from roadworthy.domains.conformity.states import Kind as FindingKind
from roadworthy.domains.conformity.states import State as FindingState
from roadworthy.domains.filings.states import Action
from roadworthy.domains.filings.states import Kind as FilingKind
from roadworthy.domains.filings.states import State as FilingState
from roadworthy.domains.incidents.states import CopyState, Series
from roadworthy.domains.recalls.states import NoticeState, PlanState
from roadworthy.domains.sharing.cases import Element
from roadworthy.domains.sharing.elements import Kinds, Source
from roadworthy.domains.sharing.policy import Matter
from roadworthy.portals.shared import approved, findings, incident_words, recall_words, words
from roadworthy.portals.shared.shapes import Chip, Text, Tone

KINDS: Mapping[Kinds, Text] = {
    Kinds.APPROVAL: _("Approval"),
    Kinds.UPDATE: _("Updates"),
    Kinds.FILING: _("Filings"),
    Kinds.RECALL: _("Recalls"),
    Kinds.INCIDENT: _("Incidents"),
    Kinds.FINDING: pgettext_lazy("conformity", "Findings"),
}
WHOSE: Mapping[str, Text] = {
    "ours": _("Before us"),
    "theirs": _("Before the other authority"),
    "public": pgettext_lazy("element of a case", "Public"),
}
MATTERS: Mapping[Matter, Text] = {
    Matter.OTA_FILING: _("Filing of an online upgrade"),
    Matter.ACCESS_FILING: _("Application for access"),
    Matter.RECALL_FILING: _("Filing of a recall"),
    Matter.RECALL: _("Recall"),
    Matter.RECALL_NOTICE: _("Notice to a manufacturer"),
    Matter.INCIDENT_REPORT: _("Report of an incident"),
    Matter.NEV_REPORT: _("Report of an accident of a new energy vehicle"),
    Matter.COMPLAINTS: _("Complaints of owners"),
}
PARTS: Mapping[str, Text] = {
    "dossier": _("What was filed"),
    "decision": _("Decision"),
    "questions": _("Questions and answers"),
    "plan": _("What it says"),
    "progress": _("Progress"),
    "reports": _("Reports"),
    "supervision": _("What SAMR writes"),
    "notice": _("Notice to a manufacturer"),
    "objection": _("Objection"),
    "report": _("Report of an incident"),
    "acknowledgement": _("Acknowledgement"),
    "totals": _("Numbers"),
    "disputes": _("Disputes"),
}
OUTCOMES: Mapping[bool, Chip] = {
    True: Chip(Tone.LIVE, pgettext_lazy("look", "Opened")),
    False: Chip(Tone.DUE, pgettext_lazy("look", "Refused")),
}
_SOURCES: Mapping[str, Text] = {
    Source.APPROVED: _("Approved, version {detail}"),
    Source.APPROVAL_STATE: _("The approval is not in force"),
    Source.RELEASED: _("Vehicles may take the release"),
    Source.CAMPAIGN_STARTED: _("A campaign began"),
    Source.CAMPAIGN_ENDED: _("A campaign ended"),
    Source.OTHER_DECISION: _("The other authority decided: {detail}"),
    Matter.RECALL: _("Recall filed, version {detail}"),
    Matter.RECALL_NOTICE: _("Notice to a manufacturer"),
}
_DECIDED: Mapping[str, FilingState] = {
    Action.ACCEPT: FilingState.ACCEPTED,
    Action.RETURN: FilingState.RETURNED,
    Action.REFUSE: FilingState.REFUSED,
}
_CHIPS: Mapping[str, Callable[[str], Chip]] = {
    Source.APPROVAL_STATE: lambda state: approved.APPROVAL[ApprovalState(state)],
    Source.CAMPAIGN_STARTED: lambda state: words.CAMPAIGN[CampaignState(state)],
    Source.OTHER_DECISION: lambda state: words.FILING[_DECIDED[state]],
    Source.FINDING: lambda state: words.FINDING[FindingState(state)],
    Matter.RECALL: lambda state: recall_words.PLAN[PlanState(state)],
    Matter.RECALL_NOTICE: lambda state: recall_words.NOTICE[NoticeState(state)],
    **dict.fromkeys(
        (Matter.OTA_FILING, Matter.ACCESS_FILING, Matter.RECALL_FILING),
        lambda state: words.FILING[FilingState(state)],
    ),
    **dict.fromkeys(
        (Matter.INCIDENT_REPORT, Matter.NEV_REPORT),
        lambda state: incident_words.COPIES[CopyState(state)],
    ),
}


def what(one: Element) -> str:
    """Say what a line of the case tells."""
    if one.source in {Matter.OTA_FILING, Matter.ACCESS_FILING, Matter.RECALL_FILING}:
        return str(words.FILING_KINDS[FilingKind(one.detail)])
    if one.source in {Matter.INCIDENT_REPORT, Matter.NEV_REPORT}:
        return str(incident_words.SERIES[Series(one.detail)])
    if one.source == Source.FINDING:
        return str(findings.KINDS[FindingKind(one.detail)])
    if one.source == Source.OTHER_DECISION:
        kind = words.FILING_KINDS[FilingKind(one.detail)]
        return str(_SOURCES[one.source]).format(detail=kind)
    if one.source == Source.APPROVED and one.detail == "0":
        return _now("Approved; entered here")
    return str(_SOURCES[one.source]).format(detail=one.detail)


def chip(one: Element) -> Chip | None:
    """Return where it stands now."""
    made = _CHIPS.get(one.source)
    return made(one.state) if made and one.state else None


def joined(names: Any, said: Mapping[Any, Text]) -> str:
    """Name several things in the reader's language, in the order of the words."""
    return _now(", ").join(str(text) for key, text in said.items() if key in names)
