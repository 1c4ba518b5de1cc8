"""A piece of work: what, whose, by when, why - frozen, in no language yet.

* The order is that of urgency: what is late, what the law wants at once, then promptly, then by
  day, then what waits for a person without a day, last what waits for an event.
* A word of the law stays a word: no day is made of "immediately" or "promptly".
* A record that must be kept until a day is not late after it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import IntEnum, StrEnum
from typing import Any

from roadworthy.domains.aftersales.states import COMPLAINT
from roadworthy.domains.campaigns.states import CAMPAIGN
from roadworthy.domains.compliance.states import EVIDENCE, NOTICE
from roadworthy.domains.disclosure.states import TEXT
from roadworthy.domains.exchange.states import MESSAGE
from roadworthy.domains.filings.states import FILING
from roadworthy.domains.incidents.states import INCIDENT
from roadworthy.domains.organisations.roles import Role
from roadworthy.domains.recalls.states import RECALL_NOTICE
from roadworthy.domains.software.states import RELEASE
from roadworthy.domains.software.states import Action as ReleaseAction
from roadworthy.kernel.citation import Citation
from roadworthy.rules.answers import DueKind


class Kind(StrEnum):
    """What has to be done; the first part of an item's key."""

    OBLIGATION = "obligation"  # a duty that a release brought
    TYPE_DUTY = "type-duty"  # a duty of a type
    PREPARE = "prepare"  # a filing that the labels ask for and nobody has prepared
    DRAFT = "draft"  # a filing that is being written
    APPLY = "apply"  # an application that is being written
    SUBMIT = "submit"  # a filing that is prepared and not submitted
    CORRECT = "correct"  # a filing that came back
    ANSWER = "answer"  # a reviewer's question
    SIGN = "sign"  # a frozen release
    ATTEST = "attest"  # what an authority answers on paper
    ATTEST_SIGN = "attest-sign"  # metadata, in the place of an authority that answers on paper
    CAMPAIGN = "campaign"  # planned, paused or stopped: somebody decides how it goes on
    CONDITION = "condition"  # what an approval was granted on
    TEXT = "text"  # a text for the public that is not public yet
    FINDING = "finding"  # something on the road or in a release that nobody has explained
    COMPLAINT = "complaint"  # of an owner, not answered or in dispute
    INCIDENT = "incident"  # to be qualified, reported or closed
    INCIDENT_QUESTION = "incident-question"  # of an authority
    EVIDENCE_GAP = "evidence-gap"  # of a type: nothing shows that it meets a standard
    EVIDENCE = "evidence"  # attached by a colleague, to be confirmed
    STANDARD_NOTICE = "standard-notice"  # something about a standard, until it is read
    RECALL_DUTY = "recall-duty"  # what a defect or its recall owes
    RECALL_NOTICE = "recall-notice"  # of SAMR, and the next step is SAMR's
    DATA_FLOW = "data-flow"  # declared: somebody else approves
    DATA_RIGHT = "data-right"  # what a person asks about their data
    DATA_REPORT = "data-report"  # of the year, to the provincial CAC
    DATA_BREACH = "data-breach"  # of which something is owed or not judged
    LETTER = "letter"  # of another deployment; it cannot take effect
    HALTED_LINE = "halted-line"  # between deployments, and no message here is the reason
    DIFFERENCE = "difference"  # between what two deployments know
    REVIEW = "review"  # a filing before the authority
    ANSWERED = "answered"  # an answer to read, before the decision
    ASKED = "asked"  # an own question that waits for its answer
    REFERRAL = "referral"  # a finding before the authority
    COUNTERSIGN = "countersign"  # accepted, and the release waits for the signature
    INCIDENT_REPORT = "incident-report"  # before the authority, not acknowledged
    DISPUTE = "dispute"  # between an owner and a manufacturer, before SAMR


class Urgency(IntEnum):
    """The order of a work list."""

    LATE = 0
    IMMEDIATE = 1
    PROMPT = 2
    DATED = 3
    WAITING = 4  # for a person; the law names no day
    LATER = 5  # before a step, after an event, always


FILER, ENGINEER, OFFICER = Role.HOMOLOGATION, Role.RELEASE_ENGINEER, Role.COMPLIANCE_OFFICER
REVIEWERS = (Role.MIIT_REVIEWER, Role.SAMR_REVIEWER)
EXCHANGERS = (OFFICER, *REVIEWERS, Role.TEST_ENGINEER)  # of one organisation, one of them
# Whose it is; the first answers for it, each of them may do it and hand it over.
ROLES: Mapping[Kind, tuple[Role, ...]] = {
    Kind.OBLIGATION: (OFFICER, FILER),
    Kind.TYPE_DUTY: (FILER, OFFICER),
    Kind.PREPARE: (FILER,),
    Kind.DRAFT: (FILER,),
    Kind.APPLY: (FILER,),
    Kind.SUBMIT: (FILER,),
    Kind.CORRECT: (FILER,),
    Kind.ANSWER: (FILER,),
    Kind.SIGN: (ENGINEER,),
    Kind.ATTEST: (OFFICER,),
    Kind.ATTEST_SIGN: (OFFICER,),
    Kind.CAMPAIGN: (OFFICER,),
    Kind.CONDITION: (FILER, OFFICER),
    Kind.TEXT: (Role.MARKETING, FILER),
    Kind.FINDING: (OFFICER, FILER),
    Kind.COMPLAINT: (Role.AFTER_SALES, OFFICER),
    Kind.INCIDENT: (Role.SAFETY, OFFICER),
    Kind.INCIDENT_QUESTION: (Role.SAFETY, OFFICER),
    Kind.EVIDENCE_GAP: (FILER, OFFICER),
    Kind.EVIDENCE: (OFFICER,),
    Kind.STANDARD_NOTICE: (FILER, OFFICER),
    Kind.RECALL_DUTY: (Role.RECALL, OFFICER),
    Kind.RECALL_NOTICE: (Role.SAMR_REVIEWER,),
    Kind.DATA_FLOW: (OFFICER,),
    Kind.DATA_RIGHT: (Role.DATA,),
    Kind.DATA_REPORT: (Role.DATA,),
    Kind.DATA_BREACH: (Role.DATA, Role.SAFETY),
    Kind.LETTER: EXCHANGERS,
    Kind.HALTED_LINE: EXCHANGERS,
    Kind.DIFFERENCE: EXCHANGERS,
    Kind.REVIEW: REVIEWERS,
    Kind.ANSWERED: REVIEWERS,
    Kind.ASKED: REVIEWERS,
    Kind.REFERRAL: REVIEWERS,
    Kind.COUNTERSIGN: REVIEWERS,
    Kind.INCIDENT_REPORT: REVIEWERS,
    Kind.DISPUTE: (Role.SAMR_REVIEWER,),
}
_FILED = FILING.transitions[0].basis
_SIGNED = next(one.basis for one in RELEASE.transitions if one.action == ReleaseAction.SIGN)
_ACCESS = Citation("N45", "二（二）")
_SUPPORT = COMPLAINT.transitions[0].basis
_TOLD = INCIDENT.transitions[0].basis
_NOTICE = RECALL_NOTICE.transitions[0].basis
_EXCHANGE = MESSAGE.transitions[0].basis
# Why it has to be done, where no rule of the rulebook says it: mostly the basis of the step.
BASIS: Mapping[Kind, Citation] = {
    Kind.PREPARE: _FILED,
    Kind.DRAFT: _FILED,
    Kind.APPLY: _ACCESS,
    Kind.SUBMIT: _FILED,
    Kind.CORRECT: _FILED,
    Kind.ANSWER: _FILED,
    Kind.SIGN: _SIGNED,
    Kind.ATTEST: _FILED,
    Kind.ATTEST_SIGN: _SIGNED,
    Kind.CAMPAIGN: CAMPAIGN.transitions[0].basis,
    Kind.CONDITION: _ACCESS,
    Kind.TEXT: TEXT.transitions[0].basis,
    Kind.COMPLAINT: _SUPPORT,
    Kind.INCIDENT: _TOLD,
    Kind.INCIDENT_QUESTION: _TOLD,
    Kind.INCIDENT_REPORT: _TOLD,
    Kind.EVIDENCE_GAP: EVIDENCE.transitions[0].basis,
    Kind.EVIDENCE: EVIDENCE.transitions[0].basis,
    Kind.STANDARD_NOTICE: NOTICE.transitions[0].basis,
    Kind.RECALL_NOTICE: _NOTICE,
    Kind.LETTER: _EXCHANGE,
    Kind.HALTED_LINE: _EXCHANGE,
    Kind.DIFFERENCE: _EXCHANGE,
    Kind.REVIEW: _FILED,
    Kind.ANSWERED: _FILED,
    Kind.ASKED: _FILED,
    Kind.REFERRAL: Citation("N45", "三（八）"),
    Kind.COUNTERSIGN: _SIGNED,
    Kind.DISPUTE: _SUPPORT,
    Kind.DATA_FLOW: Citation("ADP21", "第六条"),
    Kind.DATA_RIGHT: Citation("ADP21", "第九条"),
    Kind.DATA_REPORT: Citation("ADP21", "第十三条"),
    Kind.DATA_BREACH: Citation("PIPL", "第五十七条"),
}
# What the law asks for by a rule.
DUTIES = frozenset({Kind.OBLIGATION, Kind.TYPE_DUTY, Kind.RECALL_DUTY})
# A complaint is given to a colleague on its own page, which keeps its own record of it.
GIVEN_ELSEWHERE = frozenset({Kind.COMPLAINT})
_WORDS: Mapping[str, Urgency] = {
    DueKind.IMMEDIATE: Urgency.IMMEDIATE,
    DueKind.PROMPT: Urgency.PROMPT,
}


@dataclass(frozen=True, slots=True)
class Person:
    id: int
    name: str


@dataclass(frozen=True, slots=True)
class WorkItem:
    """One line of a work list."""

    kind: Kind
    id: int  # of the row in the domain that it comes from
    subject: str  # "R-2025.1": a name that every reader knows
    changed_at: datetime
    link: tuple[str, str]  # what to open: ("release", "R-2025.1")
    title: Mapping[str, str] = field(default_factory=dict)  # of the law; empty: the kind says it
    about: Mapping[str, str] = field(default_factory=dict)  # what the subject is called
    due: Mapping[str, Any] = field(default_factory=dict)  # law Obligation.due
    due_on: date | None = None
    since: datetime | None = None  # from when it waits
    rule_id: str = ""
    why: Mapping[str, str] = field(default_factory=dict)
    state: str = ""
    number: int = 0  # how many vehicles it is about
    limit_of: str = ""  # who set the day, if not the law: "own" or "authority"
    roles: tuple[Role, ...] = ()  # whose it is; the first answers for it
    done: bool = False
    person: Person | None = None  # who was given it
    given: int = 0  # number of the last assignment

    @property
    def key(self) -> str:
        return f"{self.kind}/{self.id}"

    @property
    def basis(self) -> Citation | None:
        return BASIS.get(self.kind)

    @property
    def day(self) -> date | None:
        """The day by which it is to be done; that records may go is no such day."""
        return None if self.due.get("kind") == DueKind.KEEP_UNTIL else self.due_on

    @property
    def is_provisional(self) -> bool:
        return bool(self.due.get("provisional"))

    def is_late(self, today: date) -> bool:
        return not self.done and self.day is not None and self.day < today

    def urgency(self, today: date) -> Urgency:
        if self.is_late(today):
            return Urgency.LATE
        if self.day is not None:
            return Urgency.DATED
        if not self.due:
            return Urgency.WAITING
        return _WORDS.get(str(self.due.get("kind")), Urgency.LATER)

    def order(self, today: date) -> tuple[int, date, float, str, int]:
        """Return what a work list is sorted by; the database does it (``table``)."""
        waited = self.since.timestamp() if self.since else 0.0
        return self.urgency(today), self.day or date.max, waited, str(self.kind), self.id
