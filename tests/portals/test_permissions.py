"""Every view, asked by everybody: nobody, each role, and the same role elsewhere.

The table names each address once; a view without a line here fails. The API has tests/api.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from roadworthy.domains.organisations.roles import Role
from tests.portals.town import Town

pytestmark = pytest.mark.django_db

ENGINEER, HOMOLOGATION, COMPLIANCE = (
    Role.RELEASE_ENGINEER,
    Role.HOMOLOGATION,
    Role.COMPLIANCE_OFFICER,
)
TESTER = Role.TEST_ENGINEER
SAFETY, RECALL = frozenset({Role.SAFETY}), frozenset({Role.RECALL})
DATA = frozenset({Role.DATA})
MAKER = (
    frozenset({ENGINEER, HOMOLOGATION, COMPLIANCE, Role.MARKETING, Role.AFTER_SALES})
    | SAFETY
    | RECALL
    | DATA
)
MARKETING, SERVICE = frozenset({Role.MARKETING}), frozenset({Role.AFTER_SALES})
READERS = SERVICE | {COMPLIANCE}
STANDARD_READERS = frozenset({HOMOLOGATION, COMPLIANCE, ENGINEER}) | DATA
DATA_READERS = DATA | {COMPLIANCE}
REGISTRAR = DATA
INCIDENTS = SAFETY | {COMPLIANCE}
RECALL_READERS = MAKER - MARKETING - DATA
SAMR = frozenset({Role.SAMR_REVIEWER})
AUTHORITY = frozenset({Role.MIIT_REVIEWER, Role.SAMR_REVIEWER})
FOLLOWERS = frozenset({Role.RECALL, Role.COMPLIANCE_OFFICER, Role.AFTER_SALES})
PRODUCER = frozenset({Role.RECALL, Role.COMPLIANCE_OFFICER})
KEEPERS, MIIT = frozenset({COMPLIANCE, HOMOLOGATION}), frozenset({Role.MIIT_REVIEWER})
PERSONS = frozenset(Role) - {Role.PLATFORM}
OPEN: frozenset[Role] = frozenset()


@dataclass(frozen=True)
class Case:
    """An address, who may see it, and whether it is about something of one organisation."""

    roles: frozenset[Role]
    args: Callable[[Town], tuple[object, ...]] = lambda _town: ()
    own: int = 200  # what somebody gets who may
    each_its_own: bool = False  # the same address shows each organisation what is its own

    def is_about(self, town: Town) -> bool:
        return bool(self.args(town)) and bool(self.roles) and not self.each_its_own


def release(key: str, *more: str) -> Callable[[Town], tuple[object, ...]]:
    return lambda town: (town.releases[key].number, *more)


def filing(key: str, *more: str) -> Callable[[Town], tuple[object, ...]]:
    return lambda town: (town.filings[key].pk, *more)


def exchange_cases(portal: str, roles: frozenset[Role], own: int) -> dict[str, Case]:
    peer, letter = lambda town: (town.peer,), lambda town: (town.letter_id,)
    return {
        f"{portal}:exchange": Case(roles),
        f"{portal}:exchange-letters": Case(roles),
        f"{portal}:exchange-letter": Case(roles, letter, own),
        f"{portal}:exchange-decide": Case(roles, lambda t: (t.letter_id, "set-aside"), own),
        f"{portal}:exchange-peer": Case(roles, peer, own),
        f"{portal}:exchange-change": Case(roles, lambda t: (t.peer, "suspend"), own),
        f"{portal}:exchange-compare": Case(roles, peer, 405),
        f"{portal}:exchange-line": Case(roles, lambda _town: (1,), 405),
        f"{portal}:exchange-key": Case(roles, lambda t: (t.peer, "0" * 64, "refuse"), 405),
    }


def draft(*more: int) -> Callable[[Town], tuple[object, ...]]:
    return lambda town: (town.draft.pk, *more)


def approved(*more: str) -> Callable[[Town], tuple[object, ...]]:
    return lambda town: (town.approval.type_id, *more)


def question(town: Town) -> tuple[object, ...]:
    return (town.filings["submitted"].pk, town.question.pk)


def campaign(*more: str) -> Callable[[Town], tuple[object, ...]]:
    return lambda town: (town.campaign.pk, *more)


def complaint(*more: str) -> Callable[[Town], tuple[object, ...]]:
    return lambda town: (town.complaint_id, *more)


def happened(key: str, *more: object) -> Callable[[Town], tuple[object, ...]]:
    return lambda town: (town.happened[key], *more)


def defect(*more: str) -> Callable[[Town], tuple[object, ...]]:
    return lambda town: (town.defect_id, *more)


def notice(*more: str) -> Callable[[Town], tuple[object, ...]]:
    return lambda town: (town.notice_id, *more)


def lesson(*more: str) -> Callable[[Town], tuple[object, ...]]:
    return lambda town: (town.lesson_id, *more)


def plan(*more: str) -> Callable[[Town], tuple[object, ...]]:
    return lambda town: (town.plan_id, *more)


def approval(*more: str) -> Callable[[Town], tuple[object, ...]]:
    return lambda town: (town.approval.number, *more)


def application(*more: str) -> Callable[[Town], tuple[object, ...]]:
    return lambda town: (town.application.pk, *more)


def public(town: Town) -> tuple[object, ...]:
    return ("starway", town.releases["released"].number)


def figures(space: str, roles: frozenset[Role]) -> dict[str, Case]:
    def of(*args: object, own: int = 200) -> Case:
        return Case(roles, lambda _town: args, own, each_its_own=True)

    return {
        f"{space}:figures": Case(roles),
        f"{space}:figure": of("test-roads"),
        f"{space}:figure-picture": of("test-roads"),
        f"{space}:figure-data": of("test-roads", "csv"),
        f"{space}:figures-report": of(2024),
    }


def catalogue(space: str, roles: frozenset[Role]) -> dict[str, Case]:
    """Return the pages of the bundled catalogue: the same for every organisation."""

    def of(*args: object) -> Case:
        return Case(roles, lambda _town: args, each_its_own=True)

    one = Case(roles, lambda town: (town.standard_id,), each_its_own=True)
    return {
        f"{space}:standards-targets": Case(roles),
        f"{space}:standards-compare": of("iov-security"),
        f"{space}:standards-export": of("csv"),
        f"{space}:standard": one,
    }


def analysed(roles: frozenset[Role]) -> Case:
    """One standard is everybody's; what an organisation wrote about it is its own."""
    return Case(roles, lambda town: (town.analysed_id,), each_its_own=True)


CASES = {
    "front": Case(OPEN, own=302),
    "login": Case(OPEN),
    "logout": Case(OPEN, own=405),
    "choose": Case(OPEN, own=302),
    "rulebook": Case(OPEN, own=302),
    "health": Case(OPEN),
    "feed": Case(OPEN, lambda _town: ("a-token-that-opens-nothing",), own=404),
    "stop-mail": Case(OPEN, lambda _town: ("a-token-that-opens-nothing",), own=404),
    "m:start": Case(MAKER),
    "m:work": Case(MAKER),
    "m:work-item": Case(MAKER, lambda town: ("submit", town.filings["draft"].pk)),
    "m:work-settings": Case(MAKER),
    "m:calendar": Case(MAKER),
    "m:obligations": Case(MAKER),
    "m:duty-evidence": Case(MAKER, lambda town: (town.duty_id,), own=404),
    "m:duty": Case(MAKER, lambda town: (town.duty_id,)),
    "m:reading": Case(frozenset({COMPLIANCE})),
    "m:log": Case(MAKER),
    **figures("m", MAKER),
    **figures("a", AUTHORITY),
    **figures("p", OPEN),
    "a:figure-enter": Case(AUTHORITY, lambda _town: ("test-roads",), each_its_own=True),
    "m:types": Case(MAKER),
    "m:type": Case(MAKER, lambda town: (town.world.type_id,)),
    "m:standards": Case(MAKER),
    **catalogue("m", MAKER),
    "m:standard-enter": Case(KEEPERS),
    "m:standards-import": Case(KEEPERS),
    "m:standards-map": Case(KEEPERS, lambda town: (town.standard_file,)),
    "m:standards-run": Case(KEEPERS, lambda town: (town.standard_run_id,)),
    "m:standards-analyses": Case(MAKER),
    "m:standard-analysis": analysed(KEEPERS),
    "a:standards-analyses": Case(AUTHORITY),
    "a:standard-analysis": analysed(MIIT),
    "m:standard-edit": Case(KEEPERS, lambda town: (town.own_standard_id,)),
    "m:standard-act": Case(KEEPERS, lambda town: (town.own_standard_id, "withdraw")),
    "a:standards": Case(AUTHORITY),
    **catalogue("a", AUTHORITY),
    "a:standard-enter": Case(MIIT),
    "a:standards-import": Case(MIIT),
    "a:standards-map": Case(MIIT, lambda _town: ("0" * 64,), own=404),
    "a:standards-run": Case(MIIT, lambda _town: (999_999,), own=404),
    "a:standard-edit": Case(MIIT, lambda town: (town.standard_id,), each_its_own=True),
    "a:standard-act": Case(MIIT, lambda _town: (999_999, "publish"), own=404),
    "p:standards": Case(OPEN),
    **catalogue("p", OPEN),
    "m:vehicles": Case(MAKER),
    "m:remedies": Case(FOLLOWERS),
    "m:remedy-contacts": Case(FOLLOWERS),
    "m:producer": Case(PRODUCER),
    "m:producer-new": Case(PRODUCER),
    "m:producer-act": Case(PRODUCER, lambda _town: (999_999, "file"), own=404),
    "m:remedy": Case(FOLLOWERS, lambda town: (town.filed_plan_id,)),
    "m:remedy-tell": Case(frozenset({Role.RECALL}), lambda _town: (999_999, "email"), own=405),
    "m:remedy-posted": Case(frozenset({Role.RECALL}), lambda _town: (999_999, 1), own=405),
    "m:remedy-report": Case(frozenset({Role.RECALL}), lambda town: (town.filed_plan_id, "stage")),
    "m:remedy-follow-ups": Case(FOLLOWERS, lambda town: (town.filed_plan_id,)),
    "m:remedy-effect": Case(FOLLOWERS, lambda town: (town.filed_plan_id,)),
    "m:remedy-effect-count": Case(FOLLOWERS, lambda town: (town.filed_plan_id,), own=405),
    "m:remedy-returned": Case(FOLLOWERS, lambda town: (town.filed_plan_id,)),
    "m:remedy-again": Case(FOLLOWERS, lambda _town: (999_999,), own=404),
    "m:remedy-completions": Case(FOLLOWERS, lambda town: (town.filed_plan_id,)),
    "m:remedy-letter": Case(FOLLOWERS, lambda _town: (999_999, 1), own=404),
    "o:recall": Case(OPEN, lambda _town: ("a-token-that-opens-nothing",), own=404),
    "m:vehicle": Case(MAKER, lambda town: (town.vehicle_id,)),
    "m:unknown": Case(MAKER),
    "m:finding": Case(MAKER, lambda town: (town.finding_id,)),
    "m:finding-act": Case(
        frozenset({HOMOLOGATION, COMPLIANCE}), lambda town: (town.finding_id, "explain")
    ),
    "m:finding-file": Case(MAKER, lambda town: (town.finding_id, "0" * 64), own=404),
    "m:finding-limit": Case(frozenset({COMPLIANCE})),
    "m:type-swin": Case(MAKER, lambda town: (town.world.type_id,)),
    "m:type-swin-export": Case(MAKER, lambda town: (town.world.type_id, "csv"), own=302),
    "m:type-conformity": Case(MAKER, lambda town: (town.world.type_id,)),
    "m:comparisons": Case(MAKER),
    "m:comparison": Case(MAKER, lambda town: (town.snapshot_id,)),
    "m:release-impact": Case(MAKER, release("released")),
    "m:approvals": Case(MAKER),
    "m:approval": Case(MAKER, approval()),
    "m:approval-change": Case(frozenset({HOMOLOGATION}), approval("product-change")),
    "m:approval-withdraw": Case(frozenset({HOMOLOGATION}), approval()),
    "m:approval-fulfil": Case(MAKER, approval("C-1")),
    "m:type-take-over": Case(frozenset({HOMOLOGATION}), lambda town: (town.world.type_id,)),
    "m:condition-file": Case(MAKER, approval("C-2")),
    "m:application-begin": Case(frozenset({HOMOLOGATION})),
    "m:application": Case(MAKER, application()),
    "m:application-section": Case(frozenset({HOMOLOGATION}), application("parameters")),
    "m:application-check": Case(frozenset({HOMOLOGATION}), application("parameters")),
    "m:application-document": Case(frozenset({HOMOLOGATION}), application()),
    "m:application-file": Case(MAKER, lambda town: (town.application.pk, town.report)),
    "m:application-detach": Case(
        frozenset({HOMOLOGATION}), lambda town: (town.application.pk, town.report), own=302
    ),
    "m:application-reason": Case(frozenset({HOMOLOGATION}), application()),
    "m:application-preview": Case(frozenset({HOMOLOGATION}), application()),
    "m:application-give-up": Case(frozenset({HOMOLOGATION}), application()),
    "m:releases": Case(MAKER),
    "m:releases-csv": Case(MAKER),
    "m:release-register": Case(frozenset({ENGINEER})),
    "m:release": Case(MAKER, release("released")),
    "m:release-change": Case(frozenset({ENGINEER}), release("draft")),
    "m:release-policy": Case(frozenset({ENGINEER}), release("draft")),
    "m:release-evidence": Case(frozenset({ENGINEER}), release("draft")),
    "m:release-answers": Case(frozenset({ENGINEER}), release("draft")),
    "m:release-file": Case(MAKER, lambda town: (town.releases["draft"].number, town.image)),
    "m:release-stops": Case(frozenset({COMPLIANCE}), release("signed"), own=404),
    "m:release-sign-anew": Case(frozenset({ENGINEER}), release("signed")),
    "m:release-act": Case(frozenset({ENGINEER, COMPLIANCE}), release("frozen", "withdraw")),
    "m:release-filing": Case(frozenset({HOMOLOGATION}), release("frozen", "activity")),
    "m:filings": Case(MAKER),
    "m:filing-prepare": Case(frozenset({HOMOLOGATION}), lambda _town: ("capability",)),
    "m:filing": Case(MAKER, filing("submitted")),
    "m:filing-archive": Case(MAKER, filing("submitted")),
    "m:drafts": Case(MAKER),
    "m:draft": Case(frozenset({HOMOLOGATION}), draft()),
    "m:draft-unite": Case(frozenset({HOMOLOGATION}), draft(1_000_000), own=302),
    "m:draft-attach": Case(frozenset({HOMOLOGATION}), draft()),
    "m:draft-detach": Case(
        frozenset({HOMOLOGATION}), lambda town: (town.draft.pk, town.attachment_id), own=302
    ),
    "m:draft-preview": Case(frozenset({HOMOLOGATION}), draft(), own=422),
    "m:draft-discard": Case(frozenset({HOMOLOGATION}), draft()),
    "m:filing-attest": Case(frozenset({COMPLIANCE}), filing("submitted"), own=404),
    "m:filing-attest-sign": Case(frozenset({COMPLIANCE}), filing("accepted"), own=404),
    "m:filing-amend": Case(frozenset({HOMOLOGATION}), filing("accepted"), own=302),
    "m:filing-receipt": Case(MAKER, filing("accepted")),
    "m:filing-receipt-file": Case(MAKER, filing("accepted")),
    "m:filing-file": Case(MAKER, lambda town: (town.filings["submitted"].pk, town.filed)),
    "m:filing-answer": Case(frozenset({HOMOLOGATION}), question),
    "m:filing-act": Case(frozenset({HOMOLOGATION}), filing("draft", "withdraw")),
    "m:campaigns": Case(MAKER),
    "m:campaign-plan": Case(frozenset({COMPLIANCE}), release("released")),
    "m:campaign": Case(MAKER, campaign()),
    "m:campaign-notice": Case(frozenset({COMPLIANCE}), campaign()),
    "m:campaign-vehicles": Case(MAKER, campaign()),
    "m:campaign-act": Case(frozenset({COMPLIANCE, ENGINEER}), campaign("stop")),
    "m:functions": Case(MAKER),
    "m:function-register": Case(MARKETING),
    "m:texts": Case(MAKER),
    "m:text-sorts": Case(MARKETING),
    "m:text-register": Case(MARKETING, lambda _town: ("in-car",)),
    "m:text": Case(MAKER, lambda town: (town.texts["public"],)),
    "m:text-write": Case(MARKETING, lambda town: (town.texts["draft"],)),
    "m:text-act": Case(
        MARKETING | {HOMOLOGATION, COMPLIANCE}, lambda town: (town.texts["draft"], "withdraw")
    ),
    "m:recall-notice": Case(RECALL_READERS, notice()),
    "m:recall-notice-act": Case(frozenset({COMPLIANCE}), notice("object")),
    "m:lessons": Case(RECALL_READERS),
    "m:lesson-write": Case(SAFETY | {COMPLIANCE}),
    "m:lesson": Case(RECALL_READERS, lesson()),
    "m:lesson-act": Case(RECALL_READERS, lesson("withdraw")),
    "m:lesson-parameter": Case(RECALL_READERS, lesson()),
    "a:cases": Case(AUTHORITY),
    "a:case": Case(AUTHORITY, lambda town: (town.world.type_id,)),
    # Of a manufacturer whose deployment is elsewhere: the town has none.
    "a:case-elsewhere": Case(AUTHORITY, lambda _town: ("nobody", "X1"), 404),
    "a:case-matter": Case(MIIT, lambda town: ("recall", town.filed_plan_id)),
    "a:case-looks": Case(AUTHORITY),
    "a:case-looks-export": Case(AUTHORITY),
    "a:case-rules": Case(AUTHORITY),
    "a:recalls": Case(SAMR),
    # Of a manufacturer elsewhere, of whom the town has none.
    "a:recall-filed": Case(SAMR, lambda _town: (1,), own=404),
    "a:recall": Case(SAMR, lambda town: (town.filed_plan_id,)),
    "a:recall-notices": Case(SAMR),
    "a:recall-notice-new": Case(SAMR),
    "a:recall-notice": Case(SAMR, notice()),
    "a:recall-notice-act": Case(SAMR, notice("order")),
    "a:recall-served": Case(SAMR, notice()),
    "a:recall-evidence": Case(SAMR, notice(), own=404),
    "a:lessons": Case(AUTHORITY),
    "a:lesson-write": Case(SAMR),
    "a:lesson": Case(frozenset({Role.MIIT_REVIEWER}), lesson()),
    "a:lesson-act": Case(frozenset({Role.MIIT_REVIEWER}), lesson("return")),
    "a:lesson-parameter": Case(frozenset({Role.MIIT_REVIEWER}), lesson()),
    "m:defects": Case(RECALL_READERS),
    "m:defect-open": Case(READERS | SAFETY | RECALL),
    "m:defect-sites": Case(RECALL_READERS),
    "m:defect-lock": Case(RECALL_READERS),
    "m:defect": Case(RECALL_READERS, defect()),
    "m:defect-act": Case(RECALL_READERS, defect("analyse")),
    "m:defect-reported": Case(SAFETY | {COMPLIANCE}, defect()),
    "m:stop-order": Case(RECALL | {COMPLIANCE}, lambda town: (town.order_id, "receive")),
    "m:stop-order-file": Case(RECALL_READERS, lambda town: (town.order_id, "0" * 64), own=404),
    "m:recalls": Case(RECALL_READERS),
    "m:recall-write": Case(RECALL, defect()),
    "m:recall": Case(RECALL_READERS, plan()),
    "m:recall-rewrite": Case(RECALL, plan()),
    "m:recall-scope": Case(RECALL_READERS, plan()),
    "m:recall-note": Case(RECALL | {COMPLIANCE}, plan(), own=405),
    "m:recall-amend": Case(RECALL, plan()),
    "m:recall-again": Case(RECALL | {COMPLIANCE}, plan()),
    "m:recall-act": Case(RECALL, plan("prepare")),
    "m:matrices": Case(STANDARD_READERS),
    "m:matrix": Case(STANDARD_READERS, approved()),
    "m:matrix-coming": Case(STANDARD_READERS, approved()),
    "m:matrix-file": Case(STANDARD_READERS, approved("csv")),
    "m:matrix-oscal": Case(STANDARD_READERS, approved()),
    "m:matrix-json": Case(STANDARD_READERS, approved("profile")),
    "m:matrix-cell": Case(STANDARD_READERS, approved("gb44495")),
    "m:matrix-state": Case(frozenset({HOMOLOGATION}), approved("un_markets")),
    "m:gap": Case(STANDARD_READERS, lambda town: (town.gap_id,), own=302),
    "m:evidence": Case(STANDARD_READERS),
    "m:evidence-cell": Case(STANDARD_READERS, lambda town: (town.evidence_id,), own=302),
    "m:evidence-file": Case(STANDARD_READERS, lambda town: (town.evidence_id,)),
    "m:evidence-act": Case(
        frozenset({HOMOLOGATION, COMPLIANCE}), lambda town: (town.evidence_id, "withdraw")
    ),
    "m:notices": Case(STANDARD_READERS),
    "m:notice-of-standard": Case(
        STANDARD_READERS, lambda town: (town.standard_notice_id,), own=302
    ),
    "m:notice-read": Case(
        frozenset({HOMOLOGATION, COMPLIANCE}), lambda town: (town.standard_notice_id,), own=405
    ),
    "m:changes": Case(STANDARD_READERS),
    "m:data": Case(DATA_READERS),
    "m:data-enter": Case(REGISTRAR),
    "m:data-statement": Case(REGISTRAR),
    "m:data-recipient": Case(REGISTRAR),
    "m:data-item": Case(DATA_READERS, lambda _town: ("speed",)),
    **{
        f"m:data-{page}": Case(REGISTRAR, lambda _town: ("speed",))
        for page in ("change", "notice", "consent")
    },
    "m:flows": Case(DATA_READERS),
    "m:flow-write": Case(REGISTRAR),
    "m:flow": Case(DATA_READERS, lambda town: (town.flow_id,)),
    "m:flow-rewrite": Case(REGISTRAR, lambda town: (town.flow_id,)),
    "m:flow-act": Case(DATA_READERS, lambda town: (town.flow_id, "approve")),
    "m:exports": Case(DATA_READERS),
    "m:export-ask": Case(REGISTRAR),
    "m:export-assessment": Case(REGISTRAR),
    "m:export-group": Case(frozenset({Role.COMPLIANCE_OFFICER})),
    "m:dataduty": Case(DATA_READERS),
    "m:dataduty-make": Case(REGISTRAR, own=405),
    "m:dataduty-risk": Case(REGISTRAR),
    "m:dataduty-report": Case(DATA_READERS, lambda town: (town.data_report_id,)),
    "m:dataduty-file": Case(DATA_READERS, lambda town: (town.data_report_id, "pdf")),
    "m:dataduty-filed": Case(REGISTRAR, lambda town: (town.data_report_id,)),
    "m:breaches": Case(DATA_READERS | {Role.SAFETY}),
    "m:breach-enter": Case(REGISTRAR | {Role.SAFETY}),
    "m:breach": Case(DATA_READERS | {Role.SAFETY}, lambda town: (town.breach_id,)),
    "m:rights": Case(DATA_READERS),
    "m:right-enter": Case(REGISTRAR),
    "m:right": Case(DATA_READERS, lambda town: (town.right_id,)),
    "m:right-act": Case(REGISTRAR, lambda town: (town.right_id, "carry-out")),
    "m:complaints": Case(READERS),
    "m:complaints-csv": Case(READERS),
    "m:complaint-enter": Case(SERVICE),
    "m:complaint": Case(READERS, complaint()),
    "m:complaint-act": Case(READERS, complaint("answer")),
    "m:complaint-message": Case(READERS, complaint(), own=405),
    "m:complaint-hand-over": Case(READERS, complaint(), own=405),
    "m:complaint-attach": Case(READERS, complaint(), own=405),
    "m:complaint-file": Case(READERS, complaint("0" * 64), own=404),
    "m:complaint-contact": Case(SERVICE, complaint(), own=405),
    "m:signals": Case(MAKER),
    "m:signal-counts": Case(SAFETY | {COMPLIANCE}),
    "m:signal-reports": Case(SAFETY | {COMPLIANCE}, own=404),
    "m:signal-report": Case(SAFETY | {COMPLIANCE}, lambda _town: (1,), own=404),
    "m:signal-alarms": Case(SAFETY | {COMPLIANCE}),
    "m:signal-alarm-levels": Case(SAFETY | {COMPLIANCE}),
    "m:signal-exposure": Case(SAFETY | {COMPLIANCE}),
    "m:imports": Case(SAFETY | {COMPLIANCE}),
    "m:import": Case(SAFETY | {COMPLIANCE}, lambda _town: (1,), own=404),
    "m:import-faults": Case(SAFETY | {COMPLIANCE}, lambda _town: (1,), own=404),
    "m:signal-levels": Case(READERS),
    "a:texts": Case(AUTHORITY),
    "a:text": Case(AUTHORITY, lambda town: (town.texts["public"],)),
    "a:reported": Case(AUTHORITY),
    "m:incidents": Case(INCIDENTS),
    "m:incident-levels": Case(INCIDENTS),
    "m:incident-enter": Case(SAFETY),
    "m:incident": Case(INCIDENTS, happened("incident")),
    "m:incident-act": Case(INCIDENTS, happened("incident", "qualify")),
    "m:incident-say": Case(SAFETY, happened("incident")),
    "m:incident-send": Case(INCIDENTS, happened("incident", "incident")),
    "m:incident-correct": Case(
        SAFETY, lambda town: (town.happened["incident"], town.happened["account"])
    ),
    "m:incident-line": Case(SAFETY, happened("incident"), own=405),
    "m:incident-file": Case(INCIDENTS, happened("incident", "0" * 64), own=404),
    "m:incident-report": Case(INCIDENTS, happened("report")),
    "m:incident-acknowledgement": Case(INCIDENTS, happened("miit"), own=404),
    "m:incident-answer": Case(INCIDENTS, happened("question")),
    "m:incident-defect": Case(INCIDENTS, happened("incident")),
    "m:incident-hold-place": Case(INCIDENTS, happened("incident")),
    "m:incident-hold": Case(INCIDENTS, happened("hold")),
    "m:incident-hold-act": Case(INCIDENTS, happened("hold", "propose-end")),
    "m:incident-exhibit": Case(INCIDENTS, happened("exhibit"), own=405),
    "m:incident-custody": Case(INCIDENTS, happened("hold"), own=405),
    "a:incidents": Case(AUTHORITY),
    "a:incident": Case(frozenset({Role.MIIT_REVIEWER}), happened("miit")),
    "a:incident-acknowledge": Case(AUTHORITY, happened("miit"), own=405),
    "a:incident-acknowledgement": Case(AUTHORITY, happened("miit"), own=404),
    "a:incident-ask": Case(AUTHORITY, happened("miit"), own=405),
    "a:complaints": Case(frozenset({Role.SAMR_REVIEWER})),
    "m:reports": Case(MAKER),
    "m:report": Case(MAKER, lambda town: (town.report_id,)),
    "m:report-document": Case(MAKER, lambda town: (town.report_id,)),
    "m:report-envelope": Case(MAKER, lambda town: (town.report_id,)),
    "m:report-attach-application": Case(
        frozenset({HOMOLOGATION}), lambda town: (town.report_id, town.application.pk), own=302
    ),
    "m:report-attach": Case(frozenset({ENGINEER}), lambda town: (town.report_id, "D-1"), own=302),
    "m:clients": Case(frozenset({COMPLIANCE})),
    "m:client-admit": Case(frozenset({COMPLIANCE})),
    "m:client": Case(frozenset({COMPLIANCE}), lambda town: (town.clients["m"],)),
    "m:client-rotate": Case(frozenset({COMPLIANCE}), lambda town: (town.clients["m"],)),
    "m:client-revoke": Case(frozenset({COMPLIANCE}), lambda town: (town.clients["m"],)),
    "t:reports": Case(frozenset({TESTER})),
    "t:report-enter": Case(frozenset({TESTER})),
    "t:report": Case(frozenset({TESTER}), lambda town: (town.report_id,)),
    "t:report-document": Case(frozenset({TESTER}), lambda town: (town.report_id,)),
    "t:report-envelope": Case(frozenset({TESTER}), lambda town: (town.report_id,)),
    "t:report-act": Case(frozenset({TESTER}), lambda town: (town.report_id, "revoke")),
    **exchange_cases("m", frozenset({COMPLIANCE}), own=200),
    **exchange_cases("a", AUTHORITY, own=404),  # the town's exchange is the manufacturer's
    **exchange_cases("t", frozenset({TESTER}), own=404),
    "t:clients": Case(frozenset({TESTER})),
    "t:client-admit": Case(frozenset({TESTER})),
    "t:client": Case(frozenset({TESTER}), lambda town: (town.clients["t"],)),
    "t:client-rotate": Case(frozenset({TESTER}), lambda town: (town.clients["t"],)),
    "t:client-revoke": Case(frozenset({TESTER}), lambda town: (town.clients["t"],)),
    "a:clients": Case(AUTHORITY),
    "a:client-admit": Case(AUTHORITY),
    "a:client": Case(frozenset({Role.MIIT_REVIEWER}), lambda town: (town.clients["a"],)),
    "a:client-rotate": Case(frozenset({Role.MIIT_REVIEWER}), lambda town: (town.clients["a"],)),
    "a:client-revoke": Case(frozenset({Role.MIIT_REVIEWER}), lambda town: (town.clients["a"],)),
    "a:queue": Case(AUTHORITY),
    "a:decided": Case(AUTHORITY),
    "a:countersigning": Case(AUTHORITY),
    "a:approvals": Case(AUTHORITY),
    "a:approval": Case(AUTHORITY, approval()),
    "a:condition-file": Case(AUTHORITY, approval("C-2")),
    "a:approval-act": Case(frozenset({Role.MIIT_REVIEWER}), approval("suspend")),
    "a:work": Case(AUTHORITY),
    "a:work-item": Case(
        frozenset({Role.MIIT_REVIEWER}), lambda town: ("review", town.filings["submitted"].pk)
    ),
    "a:work-settings": Case(AUTHORITY),
    "a:calendar": Case(AUTHORITY),
    "a:filing": Case(frozenset({Role.MIIT_REVIEWER}), filing("submitted")),
    "a:ask": Case(frozenset({Role.MIIT_REVIEWER}), filing("submitted"), own=302),
    "a:take-back": Case(frozenset({Role.MIIT_REVIEWER}), question, own=302),
    "a:note": Case(frozenset({Role.MIIT_REVIEWER}), filing("submitted"), own=302),
    "a:decide": Case(frozenset({Role.MIIT_REVIEWER}), filing("submitted"), own=302),
    "a:countersign": Case(frozenset({Role.MIIT_REVIEWER}), filing("accepted"), own=404),
    "a:file": Case(
        frozenset({Role.MIIT_REVIEWER}), lambda town: (town.filings["submitted"].pk, town.filed)
    ),
    "a:findings": Case(AUTHORITY),
    "a:finding": Case(AUTHORITY, lambda town: (town.finding_id,)),
    "a:finding-act": Case(AUTHORITY, lambda town: (town.finding_id, "settle")),
    "a:finding-file": Case(AUTHORITY, lambda town: (town.finding_id, "0" * 64), own=404),
    "a:types": Case(AUTHORITY),
    "a:type": Case(AUTHORITY, lambda town: (town.world.type_id,)),
    "a:vin": Case(AUTHORITY),
    "a:comparisons": Case(AUTHORITY),
    "a:comparison": Case(AUTHORITY, lambda town: (town.snapshot_id,)),
    "o:notice": Case(OPEN, lambda town: (town.tokens[0],)),
    "o:data": Case(OPEN, lambda town: (town.tokens[0],)),
    "o:data-copy": Case(OPEN, lambda town: (town.tokens[0],), own=404),
    "o:complaint": Case(OPEN, lambda town: (town.tokens[0],)),
    "o:incident": Case(OPEN, lambda town: (town.tokens[0],)),
    "p:types": Case(OPEN),
    "p:recalls": Case(OPEN),
    "p:recall": Case(OPEN, lambda _town: (999_999,), own=404),
    "p:recall-vin": Case(OPEN),
    "p:recall-figures": Case(OPEN),
    "p:recall-csv": Case(OPEN),
    "p:recall-json": Case(OPEN),
    "p:recall-feed": Case(OPEN),
    "p:type": Case(OPEN, lambda _town: ("starway", "ALPHA")),
    "p:lookup": Case(OPEN),
    "p:release": Case(OPEN, lambda town: (town.releases["released"].number,), own=302),
    "p:entry": Case(OPEN, lambda _town: (1,)),
    "p:entry-json": Case(OPEN, lambda _town: (1,)),
    "p:anchors": Case(OPEN),
    "p:checkpoint": Case(OPEN),
    "p:how": Case(OPEN),
    "p:approval": Case(OPEN, lambda town: ("starway", town.approval.number)),
    "p:law": Case(OPEN),
    "p:law-ask": Case(OPEN),
    "p:law-text": Case(OPEN),
    "p:law-rule": Case(OPEN, lambda _town: ("N45-06",)),
    "p:trace": Case(OPEN, public),
    "p:bundle": Case(OPEN, public),
    "log-checkpoint": Case(OPEN),
    "log-tile": Case(OPEN, lambda _town: ("0", "000", "1")),
    "log-entries": Case(OPEN, lambda _town: ("000", "1")),
}
# These take a name that every organisation has; a stranger sees their own page.
# An approval is public: every authority reads what the public reads of it; who supervises
# conformity reads everything.
NOT_ABOUT_ONE = {"m:filing-prepare", "m:text-register", "a:approval", "a:condition-file"}
# A form that is only ever sent answers nothing to somebody who merely looks.
ONLY_SENT = {
    "m:notice-read",
    *(f"m:complaint-{act}" for act in ("attach", "message", "hand-over", "contact")),
    *("m:incident-line", "m:incident-exhibit", "m:incident-custody"),
    *("a:incident-acknowledge", "a:incident-ask"),
    *("m:exchange-compare", "a:exchange-compare", "t:exchange-compare"),
    *("m:exchange-key", "a:exchange-key", "t:exchange-key"),
    *("m:exchange-line", "a:exchange-line", "t:exchange-line"),
    *("m:recall-note", "m:remedy-tell", "m:remedy-posted"),
    "m:remedy-effect-count",
}


def every_address(
    patterns: list[URLPattern | URLResolver] | None = None, space: str = ""
) -> Iterator[str]:
    for pattern in patterns if patterns is not None else get_resolver().url_patterns:
        if isinstance(pattern, URLResolver):
            inner = f"{space}{pattern.namespace}:" if pattern.namespace else space
            yield from every_address(pattern.url_patterns, inner)
        elif pattern.name:
            yield f"{space}{pattern.name}"
        else:
            yield space + str(pattern.pattern)


def test_every_address_has_a_line_in_the_table():
    pages = {name for name in every_address() if not name.startswith("api-")}
    assert pages == set(CASES)


@pytest.fixture
def ask(town: Town) -> Callable[[Client, str], int]:
    def asked(client: Client, name: str) -> int:
        case = CASES[name]
        address = "/health" if name == "health" else reverse(name, args=case.args(town))
        answer = client.get(address)
        if answer.streaming:
            b"".join(answer)  # a download holds its file open until it is read
        return answer.status_code

    return asked


def test_who_is_not_signed_in_is_led_to_the_sign_in_page_and_back(town, ask):
    wrong = {}
    for name, case in CASES.items():
        if case.roles:
            address = reverse(name, args=case.args(town))
            answer = Client().get(address)
            if (
                answer.status_code != 302
                or f"next={address.replace('/', '%2F')}" not in answer["Location"]
            ):
                wrong[name] = answer.status_code
    assert wrong == {}


def test_what_is_open_asks_for_no_account(town, ask):
    answers = {name: ask(Client(), name) for name, case in CASES.items() if not case.roles}
    assert answers == {name: case.own for name, case in CASES.items() if not case.roles}


@pytest.mark.parametrize("role", sorted(PERSONS))
def test_a_missing_role_is_refused(town, ask, role):
    client = town.client(role)
    refused = {n: ask(client, n) for n, c in CASES.items() if c.roles and not _may(c, role)}
    assert set(refused.values()) == {403}, refused


@pytest.mark.parametrize("role", sorted(PERSONS))
def test_who_may_sees_the_page(town, ask, role):
    client = town.client(role)
    answers = {n: ask(client, n) for n, c in CASES.items() if role in c.roles}
    assert answers == {n: CASES[n].own for n in answers}


@pytest.mark.parametrize("role", sorted(PERSONS))
def test_another_organisation_finds_nothing(town, ask, role):
    client = town.client(role, stranger=True)
    answers = {
        name: ask(client, name)
        for name, case in CASES.items()
        if role in case.roles and case.is_about(town) and name not in NOT_ABOUT_ONE | ONLY_SENT
    }
    assert set(answers.values()) <= {404}, answers


@pytest.mark.parametrize("role", sorted(MAKER | AUTHORITY | {TESTER}))
def test_another_organisations_lists_hold_nothing_of_ours(town, role):
    client = town.client(role, stranger=True)
    ours = [one.number for one in (*town.releases.values(), *town.filings.values())]
    for name, case in CASES.items():
        if role in case.roles and not case.is_about(town):
            content = client.get(reverse(name, args=case.args(town))).content.decode(
                "utf-8", "replace"
            )
            assert not [number for number in ours if f">{number}<" in content], name


def _may(case: Case, role: Role) -> bool:
    """A view lets both kinds of reviewers in; whose filing it is decides the query."""
    return role in (AUTHORITY if case.roles & AUTHORITY else case.roles)
