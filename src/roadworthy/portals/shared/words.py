"""The words for states, roles, kinds and labels; a test proves that none is missing.

State tables know identifiers only. Here each has its chip (tone and word) or its name, so that the
same state reads the same on every page.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from roadworthy.domains.access import states as access
from roadworthy.domains.aftersales import states as aftersales
from roadworthy.domains.campaigns import states as campaigns
from roadworthy.domains.compliance import states as compliance
from roadworthy.domains.conformity import states as conformity
from roadworthy.domains.disclosure import states as disclosure
from roadworthy.domains.filings import states as filings
from roadworthy.domains.incidents import states as incidents
from roadworthy.domains.organisations.roles import KeyPurpose, Kind, Role
from roadworthy.domains.processing import states as processing
from roadworthy.domains.rights import states as rights
from roadworthy.domains.software import states as software
from roadworthy.law import labels as law
from roadworthy.portals.shared import (
    data_words,
    exchange_words,
    recall_words,
    rights_words,
    standard_words,
)
from roadworthy.portals.shared.formats import localised
from roadworthy.portals.shared.shapes import Chip, Label, Step, Text, Tone

_T, _P = disclosure.State, aftersales.State
_R, _F, _C, _A = software.State, filings.State, campaigns.State, campaigns.ActionState

RELEASE: Mapping[software.State, Chip] = {
    _R.DRAFT: Chip(Tone.IDLE, pgettext_lazy("release", "Draft")),
    _R.FROZEN: Chip(Tone.LIVE, pgettext_lazy("release", "Frozen")),
    _R.SIGNED: Chip(Tone.LIVE, pgettext_lazy("release", "Signed, to be countersigned")),
    _R.RELEASED: Chip(Tone.MET, pgettext_lazy("release", "Released")),
    _R.WITHDRAWN: Chip(Tone.IDLE, pgettext_lazy("release", "Withdrawn")),
}
FILING: Mapping[filings.State, Chip] = {
    _F.DRAFT: Chip(Tone.IDLE, pgettext_lazy("filing", "Draft")),
    _F.SUBMITTED: Chip(Tone.LIVE, pgettext_lazy("filing", "Under review")),
    _F.RETURNED: Chip(Tone.DUE, pgettext_lazy("filing", "Returned")),
    _F.ACCEPTED: Chip(Tone.MET, pgettext_lazy("filing", "Accepted")),
    _F.REFUSED: Chip(Tone.BROKEN, pgettext_lazy("filing", "Refused")),
    _F.WITHDRAWN: Chip(Tone.IDLE, pgettext_lazy("filing", "Withdrawn")),
    _F.SUPERSEDED: Chip(Tone.IDLE, pgettext_lazy("filing", "Superseded")),
}
QUESTION: Mapping[filings.QuestionState, Chip] = {
    filings.QuestionState.OPEN: Chip(Tone.DUE, pgettext_lazy("question", "Open")),
    filings.QuestionState.ANSWERED: Chip(Tone.MET, pgettext_lazy("question", "Answered")),
    filings.QuestionState.TAKEN_BACK: Chip(Tone.IDLE, pgettext_lazy("question", "Taken back")),
}
REPORT: Mapping[software.ReportState, Chip] = {
    software.ReportState.DRAFT: Chip(Tone.IDLE, pgettext_lazy("report", "Draft")),
    software.ReportState.SIGNED: Chip(Tone.LIVE, pgettext_lazy("report", "Signed")),
    software.ReportState.HANDED_OVER: Chip(Tone.MET, pgettext_lazy("report", "Handed over")),
    software.ReportState.REVOKED: Chip(Tone.BROKEN, pgettext_lazy("report", "Revoked")),
    software.ReportState.DISCARDED: Chip(Tone.IDLE, pgettext_lazy("report", "Discarded")),
}
RESULTS: Mapping[str, Chip] = {
    "passed": Chip(Tone.MET, pgettext_lazy("result", "Passed")),
    "failed": Chip(Tone.BROKEN, pgettext_lazy("result", "Failed")),
}
SAMR_READINGS: Mapping[str, Text] = {
    "lead_time": _("At least five working days before release"),
    "window": _("Within the five working days before release"),
}
CAMPAIGN: Mapping[campaigns.State, Chip] = {
    _C.DRAFT: Chip(Tone.IDLE, pgettext_lazy("campaign", "Draft")),
    _C.NOTIFYING: Chip(Tone.LIVE, pgettext_lazy("campaign", "Asking owners")),
    _C.RUNNING: Chip(Tone.LIVE, pgettext_lazy("campaign", "Rolling out")),
    _C.PAUSED: Chip(Tone.DUE, pgettext_lazy("campaign", "Paused")),
    _C.STOPPED: Chip(Tone.BROKEN, pgettext_lazy("campaign", "Stopped")),
    _C.COMPLETED: Chip(Tone.MET, pgettext_lazy("campaign", "Complete")),
    _C.CANCELLED: Chip(Tone.IDLE, pgettext_lazy("campaign", "Cancelled")),
}
ACTION: Mapping[campaigns.ActionState, Chip] = {
    _A.WAITING: Chip(Tone.IDLE, pgettext_lazy("vehicle", "Waiting")),
    _A.DECLINED: Chip(Tone.IDLE, pgettext_lazy("vehicle", "Declined by owner")),
    _A.OFFERED: Chip(Tone.LIVE, pgettext_lazy("vehicle", "Offered")),
    _A.RETRIEVED: Chip(Tone.LIVE, pgettext_lazy("vehicle", "Instruction read")),
    _A.RUNNING: Chip(Tone.LIVE, pgettext_lazy("vehicle", "Installing")),
    _A.INSTALLED: Chip(Tone.LIVE, pgettext_lazy("vehicle", "Installed, awaiting proof")),
    _A.PROVEN: Chip(Tone.MET, pgettext_lazy("vehicle", "Proven")),
    _A.FAILED: Chip(Tone.BROKEN, pgettext_lazy("vehicle", "Failed, restored")),
    _A.CANCELLING: Chip(Tone.DUE, pgettext_lazy("vehicle", "Being cancelled")),
    _A.CANCELLED: Chip(Tone.IDLE, pgettext_lazy("vehicle", "Cancelled")),
    _A.TIMED_OUT: Chip(Tone.UNKNOWN, pgettext_lazy("vehicle", "No proof in time")),
}
TEXT: Mapping[disclosure.State, Chip] = {
    _T.DRAFT: Chip(Tone.IDLE, pgettext_lazy("text", "Draft")),
    _T.IN_REVIEW: Chip(Tone.LIVE, pgettext_lazy("text", "Under review")),
    _T.APPROVED: Chip(Tone.DUE, pgettext_lazy("text", "Approved, to be published")),
    _T.PUBLISHED: Chip(Tone.MET, pgettext_lazy("text", "Public")),
    _T.REPLACED: Chip(Tone.IDLE, pgettext_lazy("text", "Replaced")),
    _T.WITHDRAWN: Chip(Tone.IDLE, pgettext_lazy("text", "Withdrawn")),
}
CHANNELS: Mapping[disclosure.Channel, Text] = {
    disclosure.Channel.PRODUCT_NAME: _("Product name"),
    disclosure.Channel.FUNCTION_NAME: _("Name of a function"),
    disclosure.Channel.ADVERTISEMENT: _("Advertisement or brochure"),
    disclosure.Channel.WEB_PAGE: _("Web page"),
    disclosure.Channel.IN_CAR: _("Text in the vehicle or the app"),
    disclosure.Channel.DESCRIPTION: _("Description of a function for owners"),
    disclosure.Channel.UPDATE: _("What an update changes, for owners"),
}
COMPLAINT: Mapping[aftersales.State, Chip] = {
    _P.RECEIVED: Chip(Tone.LIVE, pgettext_lazy("complaint", "Received")),
    _P.ANSWERED: Chip(Tone.MET, pgettext_lazy("complaint", "Answered")),
    _P.IN_DISPUTE: Chip(Tone.DUE, pgettext_lazy("complaint", "In dispute")),
    _P.SETTLED: Chip(Tone.MET, pgettext_lazy("complaint", "Settled")),
    _P.CLOSED: Chip(Tone.IDLE, pgettext_lazy("complaint", "Closed")),
    _P.TAKEN_BACK: Chip(Tone.IDLE, pgettext_lazy("complaint", "Taken back by the owner")),
}
CATEGORIES: Mapping[aftersales.Category, Text] = {
    aftersales.Category.DISENGAGEMENT: _("The function switched itself off"),
    aftersales.Category.WRONG_ACTION: _("It braked, steered or accelerated without reason"),
    aftersales.Category.NO_ACTION: _("It did nothing where it should have"),
    aftersales.Category.UPDATE_FAILED: _("The update failed"),
    aftersales.Category.WORSE_AFTER_UPDATE: _("Worse after an update"),
    aftersales.Category.NOT_AS_PROMISED: _("Other than promised"),
    aftersales.Category.NOT_TOLD: _("Changed without being told or asked"),
    aftersales.Category.OTHER: _("Something else"),
}
FINDING: Mapping[conformity.State, Chip] = {
    conformity.State.OPEN: Chip(Tone.DUE, pgettext_lazy("finding", "To be explained")),
    conformity.State.EXPLAINED: Chip(Tone.MET, pgettext_lazy("finding", "Explained")),
    conformity.State.NOISE: Chip(Tone.IDLE, pgettext_lazy("finding", "Set aside as noise")),
    conformity.State.REPORTED: Chip(
        Tone.BROKEN, pgettext_lazy("finding", "Before the authorities")
    ),
    conformity.State.ANSWERED: Chip(
        Tone.LIVE, pgettext_lazy("finding", "Explained to the authorities")
    ),
    conformity.State.CLOSED: Chip(Tone.MET, pgettext_lazy("finding", "Closed")),
    conformity.State.COVERED: Chip(Tone.MET, pgettext_lazy("finding", "Covered since")),
}
ROLES: Mapping[Role, Text] = {
    Role.HOMOLOGATION: _("Homologation officer"),
    Role.RELEASE_ENGINEER: _("Release engineer"),
    Role.COMPLIANCE_OFFICER: _("Compliance officer"),
    Role.MARKETING: _("Marketing"),
    Role.AFTER_SALES: _("After-sales service"),
    Role.SAFETY: _("Product safety"),
    Role.RECALL: _("Recall management"),
    Role.DATA: _("Data compliance"),
    Role.MIIT_REVIEWER: _("MIIT reviewer"),
    Role.SAMR_REVIEWER: _("SAMR reviewer"),
    Role.TEST_ENGINEER: _("Test engineer"),
    Role.PLATFORM: _("Platform"),
}
ACTORS: Mapping[str, Text] = {
    **{str(role): text for role, text in ROLES.items()},
    "vehicle": _("Vehicle"),
    "owner": _("Owner"),
}
KINDS: Mapping[Kind, Text] = {
    Kind.MANUFACTURER: _("Manufacturer"),
    Kind.MIIT: _("MIIT"),
    Kind.SAMR: _("SAMR"),
    Kind.INSTITUTION: _("Test institution"),
}
SEALS: Mapping[Kind, Text] = {
    Kind.MANUFACTURER: pgettext_lazy("seal", "M"),
    Kind.MIIT: pgettext_lazy("seal", "MI"),
    Kind.SAMR: pgettext_lazy("seal", "SA"),
    Kind.INSTITUTION: pgettext_lazy("seal", "T"),
}
FILING_KINDS: Mapping[filings.Kind, Text] = {
    filings.Kind.CAPABILITY: _("Enterprise capability"),
    filings.Kind.TYPE: _("Type and function"),
    filings.Kind.ACTIVITY: _("Update activity"),
    filings.Kind.MARKET_ACCESS: _("Market access"),
    filings.Kind.PRODUCT_CHANGE: _("Product change"),
    filings.Kind.ACCESS_PERMIT: _("Access permit"),
    filings.Kind.RECALL_PLAN: _("Recall plan"),
    filings.Kind.IMPLEMENTATION_REPORT: _("Implementation report"),
    filings.Kind.STAGE_REPORT: _("Stage report"),
    filings.Kind.RECALL_STAGE_REPORT: _("Stage report of a recall"),
    filings.Kind.RECALL_FINAL_REPORT: _("Final report of a recall"),
}
PURPOSES: Mapping[KeyPurpose, Text] = {
    KeyPurpose.RELEASE: pgettext_lazy("purpose", "Release"),
    KeyPurpose.RECEIPT: _("Filing receipt"),
    KeyPurpose.PRODUCT_CHANGE_PERMIT: _("Product change permit"),
    KeyPurpose.ACCESS_PERMIT: _("Access permit"),
    KeyPurpose.RECALL_PLAN: _("Recall plan"),
    KeyPurpose.TEST_REPORT: _("Test report"),
    KeyPurpose.WITNESS: _("Witness of the log"),
    KeyPurpose.ATTESTED_MIIT_RECEIPT: _("Filing receipt from MIIT, attested"),
    KeyPurpose.ATTESTED_MIIT_CHANGE: _("Product change permit from MIIT, attested"),
    KeyPurpose.ATTESTED_MIIT_ACCESS: _("Access permit from MIIT, attested"),
    KeyPurpose.ATTESTED_SAMR_RECEIPT: _("Filing receipt from SAMR, attested"),
    KeyPurpose.ATTESTED_SAMR_RECALL: _("Recall plan accepted by SAMR, attested"),
}
LABELS: Mapping[law.Label, Label] = {
    law.Label.ROUTINE: Label("routine", _("Routine"), pgettext_lazy("seal", "R")),
    law.Label.MAIN_PARAM_CHANGE: Label(
        "parameter", _("Main parameter change"), pgettext_lazy("seal", "P")
    ),
    law.Label.ADS_FUNCTION: Label("driving", _("Driving automation"), pgettext_lazy("seal", "A")),
    law.Label.DEFECT_REMEDY: Label("defect", _("Defect remedy"), pgettext_lazy("seal", "D")),
    law.Label.REGULATED_PERFORMANCE: Label(
        "performance", _("Regulated performance"), pgettext_lazy("seal", "S")
    ),
}
OUTCOMES: Mapping[str, Text] = {
    "broken": _("Broken"),
    "unknown": _("Undetermined"),
    "met": _("Met"),
    "na": _("Not applicable"),
}
GRADES: Mapping[str, Text] = {
    "A": _("Full official text read"),
    "B": _("A faithful copy read, or several copies that agree"),
    "C": _("A digest or one secondary source only"),
    "D": _("Not verified; a person must check it before use"),
}
STEPS: tuple[Text, ...] = (
    pgettext_lazy("loop", "Access"),
    pgettext_lazy("loop", "Release"),
    pgettext_lazy("loop", "Classify"),
    pgettext_lazy("loop", "File"),
    pgettext_lazy("loop", "Review"),
    pgettext_lazy("loop", "Sign"),
    pgettext_lazy("loop", "Roll out"),
    pgettext_lazy("loop", "Consent"),
    pgettext_lazy("loop", "Install"),
    pgettext_lazy("loop", "Prove"),
    pgettext_lazy("loop", "Follow up"),
    pgettext_lazy("loop", "Trace"),
)
STEP_STATES: Mapping[Step, Text] = {
    Step.DONE: pgettext_lazy("step", "done"),
    Step.NOW: pgettext_lazy("step", "in progress"),
    Step.BLOCKED: pgettext_lazy("step", "blocked"),
    Step.TODO: pgettext_lazy("step", "not started"),
}
EVIDENCE: Mapping[str, Text] = {
    "test-report": _("Test report"),
    "safety-assessment": _("Safety assessment"),
    "technical-specification": _("Technical specification"),
    "sbom": _("Software bill of materials (CycloneDX)"),
    "other": _("Other document"),
}
ACTS: Mapping[StrEnum, Text] = {
    **exchange_words.ACTS,
    **recall_words.ACTS,
    **standard_words.ACTS,
    software.Action.FREEZE: _("freeze"),
    software.Action.REOPEN: _("reopen"),
    software.Action.SIGN: _("sign"),
    software.Action.RELEASE: _("release"),
    software.Action.WITHDRAW: _("withdraw"),
    software.ReportAction.HAND_OVER: _("hand over"),
    software.ReportAction.REVOKE: _("revoke"),
    software.ReportAction.DISCARD: _("discard"),
    filings.Action.SUBMIT: _("submit"),
    filings.Action.RETURN: _("return"),
    filings.Action.ACCEPT: _("accept"),
    filings.Action.REFUSE: _("refuse"),
    filings.Action.SUPERSEDE: _("supersede"),
    filings.Action.ENTER_ACCEPTANCE: _("enter the authority's acceptance"),
    filings.Action.ENTER_RETURN: _("enter the authority's return"),
    filings.Action.ENTER_REFUSAL: _("enter the authority's refusal"),
    disclosure.Action.APPROVE: _("approve"),
    disclosure.Action.PUBLISH: _("publish"),
    disclosure.Action.REPLACE: _("replace"),
    compliance.EvidenceAction.CONFIRM: _("confirm"),
    compliance.EvidenceAction.REFUSE: _("refuse the evidence"),
    compliance.NoticeAction.READ: _("mark as read"),
    aftersales.Action.ANSWER: _("answer"),
    aftersales.Action.DISPUTE: _("put into dispute"),
    aftersales.Action.SETTLE: _("settle"),
    aftersales.Action.CLOSE: _("close"),
    aftersales.Action.TAKE_BACK: _("take back"),
    access.Action.SUSPEND: _("suspend"),
    access.Action.REVOKE: _("revoke"),
    campaigns.Act.NOTIFY: _("notify the owners of"),
    campaigns.Act.START: _("start"),
    campaigns.Act.PAUSE: _("pause"),
    campaigns.Act.RESUME: _("resume"),
    campaigns.Act.STOP: _("stop"),
    campaigns.Act.COMPLETE: _("complete"),
    campaigns.Act.CANCEL: _("cancel"),
    conformity.Act.EXPLAIN: _("explain"),
    conformity.Act.DISMISS: _("set aside"),
    conformity.Act.UNDO: _("take back the explanation of"),
    conformity.Act.REPORT: _("report"),
    conformity.Act.CLOSE: _("close"),
    conformity.Act.REOPEN: _("take up again"),
    conformity.Act.COVER: _("cover"),
    conformity.ReferralAct.SETTLE: _("settle"),
    incidents.Action.QUALIFY: _("qualify"),
    incidents.Action.SET_ASIDE: _("set aside"),
    incidents.Action.CONCLUDE: _("conclude"),
    incidents.Action.MERGE: _("merge"),
    incidents.Action.SEPARATE: _("separate"),
    incidents.CopyAction.ACKNOWLEDGE: _("acknowledge"),
    incidents.HoldAction.PROPOSE_END: _("propose the end of"),
    incidents.HoldAction.KEEP: _("keep"),
    incidents.HoldAction.END: _("end"),
    processing.Action.DECLARE: _("declare"),
    rights.Action.CARRY_OUT: _("carry out"),
}
_BY_VALUE: Mapping[str, Text] = {
    **{state: chip.text for state, chip in recall_words.CHIPS.items()},
    access.State.IN_FORCE: pgettext_lazy("approval", "In force"),
    access.State.SUSPENDED: pgettext_lazy("approval", "Suspended"),
    access.State.REVOKED: pgettext_lazy("approval", "Revoked"),
    **{
        str(state): chip.text
        for state, chip in (
            *data_words.FLOW.items(),
            *rights_words.CHIPS.items(),
            *COMPLAINT.items(),
            *TEXT.items(),
            *FILING.items(),
            *FINDING.items(),
            *CAMPAIGN.items(),
            *RELEASE.items(),
        )
    },
    **{str(role): text for role, text in ROLES.items()},
    **{str(act): text for act, text in ACTS.items()},
}


def label(key: str, *, maybe: bool = False) -> Label:
    """Return the label with the sign for "undetermined" where it is."""
    known = LABELS[law.Label(key)]
    return Label(known.key, known.text, "?", maybe=True) if maybe else known


def party(kind: Kind | str) -> Text:
    return KINDS[Kind(kind)]


def datum(name: str, value: Any) -> Any:
    """Put a datum of an error into words: states, roles and actions by their names.

    What the law gives as a reason is there in both languages; other reasons are msgids.
    """
    if name == "roles":
        roles = (one.strip() for one in value.split(",")) if isinstance(value, str) else value
        return _and(str(_BY_VALUE.get(str(one), one)) for one in roles)
    if name in {"role", "state", "action", "act"}:
        return _BY_VALUE.get(str(value), value)
    if name == "purpose":
        return PURPOSES.get(value, value)
    if name in {"why", "wanted"} and isinstance(value, str):
        return _now(value) if value else ""
    return localised(value) if isinstance(value, Mapping) else value


def _and(parts: Any) -> str:
    return _now(", ").join(parts)
