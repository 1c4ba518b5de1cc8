"""A piece of work in the reader's words: what, by when, whose, why, and where to do it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from django.urls import NoReverseMatch, resolve, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _later

from roadworthy.domains.access.states import Matter
from roadworthy.domains.aftersales.states import State as ComplaintState
from roadworthy.domains.campaigns.states import State as CampaignState
from roadworthy.domains.compliance.states import CellState, NoticeKind
from roadworthy.domains.conformity.states import Kind as FindingKind
from roadworthy.domains.disclosure.states import State as TextState
from roadworthy.domains.exchange.states import Halt
from roadworthy.domains.filings.states import Kind as FilingKind
from roadworthy.domains.incidents.states import State as IncidentState
from roadworthy.domains.organisations.roles import Kind as Party
from roadworthy.domains.organisations.roles import Role
from roadworthy.domains.worklists import happenings, queries
from roadworthy.domains.worklists.items import Kind, Urgency, WorkItem
from roadworthy.portals.shared import formats, presenting, words
from roadworthy.portals.shared.formats import localised
from roadworthy.portals.shared.shapes import Article, DutyView, Text, Tone

KINDS: Mapping[Kind, Text] = {
    Kind.OBLIGATION: _later("Duty of a release"),
    Kind.TYPE_DUTY: _later("Duty of a vehicle type"),
    Kind.PREPARE: _later("Filing to prepare"),
    Kind.DRAFT: _later("Filing to write"),
    Kind.APPLY: _later("Application to write"),
    Kind.SUBMIT: _later("Filing to submit"),
    Kind.CORRECT: _later("Filing to correct"),
    Kind.ANSWER: _later("Question to answer"),
    Kind.SIGN: _later("Release to sign"),
    Kind.ATTEST: _later("Answer on paper to enter"),
    Kind.ATTEST_SIGN: _later("Attested release to sign"),
    Kind.CAMPAIGN: _later("Campaign that waits"),
    Kind.CONDITION: _later("Condition of an approval"),
    Kind.TEXT: _later("Text to finish"),
    Kind.FINDING: _later("Finding to explain"),
    Kind.COMPLAINT: _later("Complaint"),
    Kind.EVIDENCE_GAP: _later("Evidence that is missing"),
    Kind.EVIDENCE: _later("Evidence to confirm"),
    Kind.STANDARD_NOTICE: _later("Notice on a standard"),
    Kind.RECALL_DUTY: _later("Duty of a defect or recall"),
    Kind.RECALL_NOTICE: _later("Notice of recall"),
    Kind.REVIEW: _later("Filing to review"),
    Kind.ANSWERED: _later("Answer to read"),
    Kind.ASKED: _later("Question that waits"),
    Kind.COUNTERSIGN: _later("Release to countersign"),
    Kind.REFERRAL: _later("Finding to settle"),
    Kind.DISPUTE: _later("Dispute with an owner"),
    Kind.INCIDENT: _later("Incident"),
    Kind.INCIDENT_QUESTION: _later("Question about an incident"),
    Kind.INCIDENT_REPORT: _later("Incident report"),
    Kind.DATA_FLOW: _later("Data flow to decide"),
    Kind.DATA_RIGHT: _later("Request of a person"),
    Kind.DATA_REPORT: _later("Report on data security"),
    Kind.DATA_BREACH: _later("Vulnerability or leak of data"),
    Kind.LETTER: _later("Message without effect"),
    Kind.HALTED_LINE: _later("Messages that stand still"),
    Kind.DIFFERENCE: _later("Difference between deployments"),
}
_TASKS: Mapping[Kind, Text] = {
    Kind.PREPARE: _later("Prepare for filing: {kind}"),
    Kind.DRAFT: _later("Finish and hand in: {kind}"),
    Kind.SUBMIT: _later("Submit: {kind}"),
    Kind.CORRECT: _later("Correct and submit again: {kind}"),
    Kind.ANSWER: _later("Answer a question about: {kind}"),
    Kind.SIGN: _later("Sign the release"),
    Kind.ATTEST: _later("Enter what the authority answered: {kind}"),
    Kind.ATTEST_SIGN: _later("Sign the metadata in the place of the authority: {kind}"),
    Kind.REVIEW: _later("Decide: {kind}"),
    Kind.ANSWERED: _later("Read the answer, then decide: {kind}"),
    Kind.ASKED: _later("Asked the manufacturer about: {kind}"),
    Kind.COUNTERSIGN: _later("Countersign the release"),
    Kind.INCIDENT_QUESTION: _later("Answer what an authority asks about an incident"),
    Kind.INCIDENT_REPORT: _later("Acknowledge the report of an incident"),
    Kind.EVIDENCE: _later("Confirm or refuse what a colleague attached"),
    Kind.DISPUTE: _later("Look at the dispute between owner and manufacturer"),
    Kind.DATA_FLOW: _later("Approve the flow, or give it back"),
    Kind.DATA_RIGHT: _later("Answer what a person asks about their data"),
    Kind.DATA_REPORT: _later("Hand in the yearly report on data security"),
    Kind.DATA_BREACH: _later("Report, remedy and tell; judge what is not judged"),
    Kind.LETTER: _later("A message that came cannot take effect: try again, or set it aside"),
}
_STEPS: Mapping[Kind, Mapping[str, Text]] = {
    Kind.CAMPAIGN: {
        CampaignState.DRAFT: _later("Ask the owners, or give the plan up"),
        CampaignState.PAUSED: _later("The rollout is paused: resume or stop it"),
        CampaignState.STOPPED: _later("The rollout was stopped: decide how it goes on"),
    },
    Kind.APPLY: {
        Matter.MARKET_ACCESS: _later("Finish the application for market access"),
        Matter.PRODUCT_CHANGE: _later("Finish the application for a product change"),
    },
    Kind.TEXT: {
        TextState.DRAFT: _later("Write the text and hand it in for review"),
        TextState.IN_REVIEW: _later("Review the text"),
        TextState.APPROVED: _later("Publish the text"),
    },
    Kind.FINDING: {
        FindingKind.UNFILED_SOFTWARE: _later(
            "Explain software that nothing covers (vehicles: {n})"
        ),
        FindingKind.CONTENT_DIFFERS: _later("Explain why a release is not what was filed"),
        FindingKind.FREQUENT_UPDATES: _later("Explain why a type is updated so often"),
        FindingKind.DEFECT_AS_SERVICE: _later("Explain why removing this defect is no recall"),
    },
    Kind.REFERRAL: {
        FindingKind.UNFILED_SOFTWARE: _later(
            "Settle: software that nothing covers (vehicles: {n})"
        ),
        FindingKind.CONTENT_DIFFERS: _later("Settle: a release is not what was filed"),
        FindingKind.FREQUENT_UPDATES: _later("Settle: a type is updated very often"),
        FindingKind.DEFECT_AS_SERVICE: _later("Settle: a “service” update removes a defect"),
    },
    Kind.INCIDENT: {
        IncidentState.NEW: _later("Say what the incident is before the law"),
        happenings.OWED: _later("Tell the authorities of the incident"),
        IncidentState.CONCLUDED: _later("Close the incident"),
    },
    Kind.EVIDENCE_GAP: {
        CellState.MISSING: _later(
            "Attach what shows that the type meets standards (requirements: {n})"
        ),
        CellState.EXPIRED: _later("Renew the evidence that has ended (requirements: {n})"),
        CellState.NOT_YET: _later(
            "Becomes mandatory for the type: obtain the evidence (requirements: {n})"
        ),
    },
    Kind.STANDARD_NOTICE: {
        NoticeKind.COMMENT: _later("Comment on the draft, or mark the notice as read"),
        NoticeKind.IN_FORCE: _later("The standard takes effect: see what it asks"),
        NoticeKind.SUPERSEDED: _later("The standard is superseded: cite its successor"),
    },
    Kind.HALTED_LINE: {
        Halt.CONFLICT: _later("Two different messages claim one place: talk to the other side"),
        Halt.REFUSED_THERE: _later("The other side refuses a message of ours: talk to them"),
        Halt.HALTED_THERE: _later("The other side has stopped this matter: talk to them"),
    },
    Kind.DIFFERENCE: {
        "": _later("The two sides do not know the same (matters: {n})"),
    },
    Kind.COMPLAINT: {
        ComplaintState.RECEIVED: _later("Answer the owner"),
        ComplaintState.IN_DISPUTE: _later("Settle the dispute with the owner"),
    },
}
_LIMITS: Mapping[str, Text] = {
    "own": _later("the enterprise's own limit, not the law's"),
    "authority": _later("set by the authority with the approval"),
}
# What a link key is called where; a page that the reader's host has not is no link.
_PAGES: Mapping[str, Mapping[str, str]] = {
    "m": {
        "release": "m:release",
        "filing": "m:filing",
        "campaign": "m:campaign",
        "duty": "m:duty",
        "approval": "m:approval",
        "finding": "m:finding",
        "complaint": "m:complaint",
        "defect": "m:defect",
        "recall": "m:recall",
        "incident": "m:incident",
        "incident-answer": "m:incident-answer",
        "draft": "m:draft",
        "application": "m:application",
        "text": "m:text",
        "flow": "m:flow",
        "right": "m:right",
        "breach": "m:breach",
        "dataduty": "m:dataduty",
        "obligations": "m:obligations",
        "gap": "m:gap",
        "evidence": "m:evidence-cell",
        "standard-notice": "m:notice-of-standard",
        "letter": "m:exchange-letter",
        "peer": "m:exchange-peer",
    },
    "a": {
        "filing": "a:filing",
        "countersign": "a:countersign",
        "finding": "a:finding",
        "recall-notice": "a:recall-notice",
        "complaints": "a:complaints",
        "incident": "a:incident",
        "letter": "a:exchange-letter",
        "peer": "a:exchange-peer",
    },
}
SPACES: Mapping[Party, str] = {Party.MANUFACTURER: "m", Party.MIIT: "a", Party.SAMR: "a"}
_TONES = {
    Urgency.LATE: Tone.BROKEN,
    Urgency.IMMEDIATE: Tone.BROKEN,
    Urgency.PROMPT: Tone.DUE,
}


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a work list, ready to be written out."""

    item: WorkItem
    what: str
    kind: Text
    tone: Tone
    when: str  # a day or a word of the law
    left: str
    basis: str  # why by then
    role: Text
    person: str
    is_mine: bool
    href: str  # where it is done
    page: str  # its own page: article, history, hand-over
    rule_id: str
    place: str  # "N45 二（二）"
    grade: str


def rows(found: list[WorkItem], space: str, today: date, who: Any) -> list[Row]:
    """Return the lines for the one who acts; what their role may not open is no link."""
    return [row_for(item, space, today, who) for item in found]


def row_for(item: WorkItem, space: str, today: date, who: Any) -> Row:
    made = row(item, space, today, who.actor.user_id)
    return replace(made, href=_opened(made.href, who.role))


def _opened(path: str, role: Role) -> str:
    """Return a path where the view behind it lets this role in, else nothing."""
    roles = getattr(resolve(path.partition("?")[0]).func, "roles", ()) if path else ()
    return path if not roles or role in roles else ""


def row(item: WorkItem, space: str, today: date, user_id: int | None = None) -> Row:
    tone, left = nearness(item, today)
    return Row(
        item=item,
        what=what(item),
        kind=KINDS[item.kind],
        tone=tone,
        when=when(item),
        left=left,
        basis=str(_LIMITS.get(item.limit_of, "")) or localised(item.due.get("basis")),
        role=words.ROLES[item.roles[0]] if space == "m" else "",
        person=item.person.name if item.person else "",
        is_mine=item.person is not None and item.person.id == user_id,
        href=href(item, space),
        page=_reverse(f"{space}:work-item", str(item.kind), item.id),
        rule_id=item.rule_id,
        place=place(item),
        grade=presenting.grade_of(item.rule_id) if item.rule_id else "",
    )


def what(item: WorkItem) -> str:
    """Say what is to be done: in the law's words, or in those of the step."""
    if item.title:
        return localised(item.title)
    if item.kind in _STEPS:
        return str(_STEPS[item.kind][item.state]).format(n=formats.number(item.number))
    kind = words.FILING_KINDS[FilingKind(item.state)] if item.state else ""
    return str(_TASKS[item.kind]).format(kind=kind)


def tasks_saying(search: str) -> list[tuple[Kind, str]]:
    """Return the kinds and states of work whose words, in the reader's language, hold these."""
    steps = {
        kind: {str(one): str(text) for one, text in said.items()} for kind, said in _STEPS.items()
    }
    kinds = {str(one): text for one, text in words.FILING_KINDS.items()}
    for kind, text in _TASKS.items():
        steps[kind] = {one: str(text).format(kind=name) for one, name in kinds.items()} | {
            "": str(text).format(kind="")
        }
    wanted = search.lower()
    return [
        (kind, state)
        for kind, said in steps.items()
        for state, text in said.items()
        if wanted in text.lower()
    ]


def when(item: WorkItem) -> str:
    """Say by when: a day, a word of the law, or that the law names none."""
    if item.day is not None:
        return formats.day(item.day)
    return localised(item.due.get("shown")) if item.due else ""


def nearness(item: WorkItem, today: date) -> tuple[Tone, str]:
    """Return how a due date looks, and how far it is."""
    if item.done:
        return Tone.MET, _("done")
    if item.day is None and item.due:
        return _TONES.get(item.urgency(today), Tone.IDLE), ""
    if item.day is not None:
        return presenting.nearness(item.day, today, provisional=item.is_provisional)
    return Tone.IDLE, ""


def href(item: WorkItem, space: str) -> str:
    """Return where the work is done."""
    name, argument = item.link
    page = _PAGES.get(space, {}).get(name)
    return _reverse(page, argument) if page else ""


def place(item: WorkItem) -> str:
    """Name the article that an item comes from, in the reader's language."""
    cited = queries.article(item.rule_id, item.basis)
    if cited is None:
        return str(item.basis or "")
    return f"{cited.instrument.key} {localised(cited.provision.name.to_json())}"


def article(item: WorkItem) -> Article | None:
    """Return the article with its words, where the rulebook has them."""
    cited = queries.article(item.rule_id, item.basis)
    return presenting.article(cited.to_json()) if cited else None


def duty(item: WorkItem, space: str, today: date, role: Role) -> DutyView:
    """Return a duty as the list of obligations shows it to a role."""
    tone, left = nearness(item, today)
    return DutyView(
        tone=tone,
        title=what(item),
        on=item.day,
        when="" if item.day else when(item),
        left=left or _waiting(item),
        note=localised(item.due.get("basis")),
        rule_id=item.rule_id,
        grade=presenting.grade_of(item.rule_id),
        href=_opened(href(item, space), role),
        subject=item.subject,
    )


def _waiting(item: WorkItem) -> str:
    return "" if item.done else presenting.waiting(item.due)


def _reverse(name: str, *args: Any) -> str:
    try:
        return reverse(name, args=[one for one in args if one != ""])
    except NoReverseMatch:
        return ""
