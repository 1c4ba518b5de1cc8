"""The main pages in a real browser: both languages, both themes, wide and narrow.

No serious violation that axe-core knows, nothing wider than the window, no complaint of the
browser (a breach of the content security policy is one).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest

from roadworthy.domains.insight import tasks as insight
from roadworthy.domains.organisations.roles import Role
from roadworthy.domains.standards import bundle
from tests.e2e.conftest import Site
from tests.e2e.looking import SETTINGS, Looking
from tests.portals.town import Town

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db]


@dataclass(frozen=True)
class Look:
    """A page to look at."""

    name: str
    role: Role | None
    path: Callable[[Town], str]


def at(path: str) -> Callable[[Town], str]:
    return lambda _town: path


def catalogued(path: str) -> Callable[[Town], str]:
    def after_loading(_town: Town) -> str:
        bundle.load(at=datetime.now(UTC))
        return path

    return after_loading


def counted(path: str) -> Callable[[Town], str]:
    def after_writing(town: Town) -> str:
        insight.write_facts(town.home)
        return path

    return after_writing


LOOKS = (
    Look("figures", None, counted("/p/figures/")),
    Look("figure", Role.SAMR_REVIEWER, counted("/a/figures/ota-filings/?by=manufacturer")),
    Look("standards", None, catalogued("/p/standards/?framework=iov-security/2022")),
    Look("targets", Role.MIIT_REVIEWER, catalogued("/a/standards/targets/")),
    Look("login", None, at("/login/")),
    Look("rulebook", None, at("/rulebook/")),
    Look("not-found", None, at("/nowhere/")),
    Look("start", Role.COMPLIANCE_OFFICER, at("/m/")),
    Look("releases", Role.RELEASE_ENGINEER, at("/m/releases/")),
    Look("releases-none", Role.RELEASE_ENGINEER, at("/m/releases/?search=zzz&label=routine")),
    Look("release-draft", Role.RELEASE_ENGINEER, at("/m/releases/D-1/")),
    Look("release-frozen", Role.RELEASE_ENGINEER, at("/m/releases/F-1/")),
    Look("release", Role.COMPLIANCE_OFFICER, at("/m/releases/R-2025.1/")),
    Look("register", Role.RELEASE_ENGINEER, at("/m/register-release/")),
    Look("answers", Role.RELEASE_ENGINEER, at("/m/releases/D-1/answers/")),
    Look("change", Role.RELEASE_ENGINEER, at("/m/releases/D-1/change/")),
    Look("sign", Role.RELEASE_ENGINEER, at("/m/releases/F-1/do/sign/")),
    Look("filings", Role.HOMOLOGATION, at("/m/filings/")),
    Look("filing", Role.HOMOLOGATION, lambda town: f"/m/filings/{town.filings['draft'].pk}/"),
    Look("prepare", Role.HOMOLOGATION, at("/m/releases/F-1/file/activity/")),
    Look("draft", Role.HOMOLOGATION, lambda town: f"/m/filings/drafts/{town.draft.pk}/"),
    Look("obligations", Role.COMPLIANCE_OFFICER, at("/m/obligations/")),
    Look("work", Role.HOMOLOGATION, at("/m/agenda/?whose=all")),
    Look("calendar", Role.HOMOLOGATION, at("/m/calendar/?month=2025-06&whose=all")),
    Look("duty", Role.HOMOLOGATION, lambda town: f"/m/obligations/{town.duty_id}/"),
    Look("campaigns", Role.COMPLIANCE_OFFICER, at("/m/campaigns/")),
    Look("campaign", Role.COMPLIANCE_OFFICER, lambda town: f"/m/campaigns/{town.campaign.pk}/"),
    Look("plan", Role.COMPLIANCE_OFFICER, at("/m/campaigns/plan/R-2025.1/")),
    Look("matrix", Role.HOMOLOGATION, lambda town: f"/m/requirements/{town.approval.type_id}/"),
    Look(
        "matrix-cell",
        Role.HOMOLOGATION,
        lambda town: f"/m/requirements/{town.approval.type_id}/at/gbt40429/",
    ),
    Look("types", Role.HOMOLOGATION, at("/m/types/")),
    Look("vehicles", Role.HOMOLOGATION, at("/m/vehicles/")),
    Look("vehicle", Role.HOMOLOGATION, lambda town: f"/m/vehicles/{town.vehicle_id}/"),
    Look("findings", Role.COMPLIANCE_OFFICER, at("/m/unknown/")),
    Look("finding", Role.COMPLIANCE_OFFICER, lambda town: f"/m/unknown/{town.finding_id}/"),
    Look("swin", Role.HOMOLOGATION, lambda town: f"/m/types/{town.world.type_id}/swin/"),
    Look("impact", Role.HOMOLOGATION, at("/m/releases/F-1/impact/")),
    Look("log", Role.COMPLIANCE_OFFICER, at("/m/log/")),
    Look("approvals", Role.HOMOLOGATION, at("/m/approvals/")),
    Look("approval", Role.HOMOLOGATION, lambda town: f"/m/approvals/{town.approval.number}/"),
    Look("application", Role.HOMOLOGATION, lambda town: f"/m/applications/{town.application.pk}/"),
    Look(
        "application-functions",
        Role.HOMOLOGATION,
        lambda town: f"/m/applications/{town.application.pk}/write/functions/",
    ),
    Look("approval-open", None, lambda town: f"/p/starway/approvals/{town.approval.number}/"),
    Look("report", Role.RELEASE_ENGINEER, lambda town: f"/m/reports/{town.report_id}/"),
    Look("clients", Role.COMPLIANCE_OFFICER, at("/m/clients/")),
    Look("client-admit", Role.COMPLIANCE_OFFICER, at("/m/clients/admit/")),
    Look("own-reports", Role.TEST_ENGINEER, at("/t/")),
    Look("report-enter", Role.TEST_ENGINEER, at("/t/enter/")),
    Look("own-report", Role.TEST_ENGINEER, lambda town: f"/t/reports/{town.report_id}/"),
    Look("text", Role.MARKETING, lambda town: f"/m/texts/{town.texts['draft']}/"),
    Look("text-register", Role.MARKETING, at("/m/texts/register/description/")),
    Look("complaint", Role.AFTER_SALES, lambda town: f"/m/complaints/{town.complaint_id}/"),
    Look("signals", Role.AFTER_SALES, at("/m/signals/?by=version")),
    Look("complaints-samr", Role.SAMR_REVIEWER, at("/a/complaints/")),
    Look("defect", Role.COMPLIANCE_OFFICER, lambda town: f"/m/defects/{town.defect_id}/"),
    Look("recall-plan", Role.RECALL, lambda town: f"/m/recalls/{town.plan_id}/"),
    Look("type-public", None, at("/p/types/starway/ALPHA/")),
    Look("case", Role.SAMR_REVIEWER, lambda town: f"/a/cases/{town.world.type_id}/"),
    Look(
        "case-open",
        Role.SAMR_REVIEWER,
        lambda town: f"/a/cases/ota-filing/{town.filings['submitted'].pk}/",
    ),
    Look("queue", Role.MIIT_REVIEWER, at("/a/")),
    Look("incident", Role.SAFETY, lambda town: f"/m/incidents/{town.happened['incident']}/"),
    Look("incident-review", Role.MIIT_REVIEWER, lambda t: f"/a/incidents/{t.happened['miit']}/"),
    Look("review", Role.MIIT_REVIEWER, lambda town: f"/a/filings/{town.filings['submitted'].pk}/"),
    Look("finding-review", Role.MIIT_REVIEWER, lambda town: f"/a/findings/{town.finding_id}/"),
    Look("type-review", Role.MIIT_REVIEWER, lambda town: f"/a/types/{town.world.type_id}/"),
    Look("forbidden", Role.MIIT_REVIEWER, at("/m/releases/")),
)


@pytest.mark.parametrize("language", SETTINGS)
def test_pages_are_sound_and_can_be_used_by_everybody(site: Site, language: str) -> None:
    wrong: dict[str, object] = {}
    for role in dict.fromkeys(look.role for look in LOOKS):
        context, page = site.open(role, language=language)
        looking = Looking(page, language, SETTINGS[language])
        for look in LOOKS:
            if look.role == role:
                looking.at(look.name, site.url + look.path(site.town))
        wrong |= looking.wrong
        context.close()
    assert wrong == {}
