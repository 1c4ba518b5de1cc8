"""The authorities' pages."""

from django.urls import path

from roadworthy.domains.organisations.roles import Role
from roadworthy.portals.authority import (
    approval_views,
    asking,
    case_views,
    finding_views,
    incident_views,
    notice_views,
    recall_views,
    reported_views,
    telling_views,
    views,
    work_views,
)
from roadworthy.portals.authority import figure_views as own_figures
from roadworthy.portals.shared import (
    client_views,
    exchange_views,
    figure_views,
    lesson_views,
    standard_views,
)
from roadworthy.portals.shared.access import AUTHORITY

app_name = "a"
urlpatterns = [
    path("", views.queue, name="queue"),
    path("agenda/", work_views.work, name="work"),
    path("agenda/settings/", work_views.work_settings, name="work-settings"),
    path("agenda/<str:kind>/<int:item_id>/", work_views.work_item, name="work-item"),
    path("calendar/", work_views.calendar, name="calendar"),
    path("cases/", case_views.index, name="cases"),
    path("cases/looks/", case_views.looks, name="case-looks"),
    path("cases/looks.csv", case_views.export, name="case-looks-export"),
    path("cases/rules/", case_views.rules, name="case-rules"),
    path("cases/of/<slug:manufacturer>/<str:code>/", case_views.named_case, name="case-elsewhere"),
    path("cases/<int:type_id>/", case_views.case, name="case"),
    path("cases/<slug:kind>/<int:matter_id>/", case_views.matter, name="case-matter"),
    path("decided/", views.decided, name="decided"),
    path("countersign/", views.countersigning, name="countersigning"),
    path("texts/", telling_views.texts, name="texts"),
    path("texts/<int:text_id>/", telling_views.text, name="text"),
    path("complaints/", telling_views.complaint_totals, name="complaints"),
    path("reports/", reported_views.reported, name="reported"),
    path("incidents/", incident_views.index, name="incidents"),
    path("incidents/<int:copy_id>/", incident_views.incident, name="incident"),
    path(
        "incidents/<int:copy_id>/acknowledge/",
        incident_views.acknowledge,
        name="incident-acknowledge",
    ),
    path(
        "incidents/<int:copy_id>/acknowledgement.json",
        incident_views.acknowledgement,
        name="incident-acknowledgement",
    ),
    path("incidents/<int:copy_id>/ask/", incident_views.ask, name="incident-ask"),
    path("approvals/", approval_views.index, name="approvals"),
    path("approvals/<str:number>/", approval_views.approval, name="approval"),
    path(
        "approvals/<str:number>/conditions/<str:key>/file/",
        approval_views.condition_file,
        name="condition-file",
    ),
    path("approvals/<str:number>/do/<str:action>/", approval_views.act, name="approval-act"),
    path("filings/<int:filing_id>/", views.filing, name="filing"),
    path("filings/<int:filing_id>/ask/", asking.ask, name="ask"),
    path(
        "filings/<int:filing_id>/questions/<int:question_id>/take-back/",
        asking.take_back,
        name="take-back",
    ),
    path("filings/<int:filing_id>/notes/", asking.note, name="note"),
    path("filings/<int:filing_id>/decide/", views.decide, name="decide"),
    path("filings/<int:filing_id>/countersign/", views.countersign, name="countersign"),
    path("filings/<int:filing_id>/files/<str:sha256>/", views.file, name="file"),
    path("findings/", finding_views.found, name="findings"),
    path("findings/<int:finding_id>/", finding_views.finding, name="finding"),
    path("findings/<int:finding_id>/do/<str:act>/", finding_views.act, name="finding-act"),
    path("findings/<int:finding_id>/files/<str:sha256>/", finding_views.file, name="finding-file"),
    path("recalls/", recall_views.recalls, name="recalls"),
    path("recalls/filed/<int:filing_id>/", recall_views.recall_filed, name="recall-filed"),
    path("recalls/<int:plan_id>/", recall_views.recall, name="recall"),
    path("recall-notices/", notice_views.notices, name="recall-notices"),
    path("recall-notices/new/", notice_views.issue, name="recall-notice-new"),
    path("recall-notices/<int:notice_id>/", notice_views.notice, name="recall-notice"),
    path(
        "recall-notices/<int:notice_id>/do/<str:act>/",
        notice_views.act,
        name="recall-notice-act",
    ),
    path("recall-notices/<int:notice_id>/received/", notice_views.served, name="recall-served"),
    path("recall-notices/<int:notice_id>/evidence/", notice_views.evidence, name="recall-evidence"),
    path("figures/<slug:key>/enter/", own_figures.enter, name="figure-enter"),
    *figure_views.urls("a", "authority/base.html", AUTHORITY),
    *lesson_views.urls(
        "a", "authority/base.html", readers=AUTHORITY, writers=(Role.SAMR_REVIEWER,)
    ),
    *standard_views.urls(
        "a", "authority/base.html", readers=AUTHORITY, writers=(Role.MIIT_REVIEWER,)
    ),
    path("types/", finding_views.types, name="types"),
    path("types/<int:type_id>/", finding_views.type_page, name="type"),
    path("vehicle-by-vin/", finding_views.by_vin, name="vin"),
    path("conformity/", finding_views.comparisons, name="comparisons"),
    path("conformity/<int:snapshot_id>/", finding_views.comparison, name="comparison"),
    *client_views.urls(*AUTHORITY, base="authority/base.html"),
    *exchange_views.urls(*AUTHORITY, base="authority/base.html"),
]
