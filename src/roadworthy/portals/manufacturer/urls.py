"""The manufacturer's pages."""

from django.urls import path

from roadworthy.domains.organisations.roles import Role
from roadworthy.portals.manufacturer import (
    access_views,
    application_views,
    campaign_views,
    complaint_views,
    conformity_views,
    draft_views,
    filing_parts,
    filing_views,
    finding_views,
    fleet_views,
    function_views,
    hold_views,
    incident_views,
    reading_views,
    release_views,
    release_writing,
    remedy_views,
    report_views,
    signal_views,
    start_views,
    stop_views,
    text_views,
    work_views,
)
from roadworthy.portals.shared import client_views

app_name = "m"
urlpatterns = [
    path("", start_views.start, name="start"),
    path("agenda/", work_views.work, name="work"),
    path("agenda/settings/", work_views.work_settings, name="work-settings"),
    path("agenda/<str:kind>/<int:item_id>/", work_views.work_item, name="work-item"),
    path("calendar/", work_views.calendar, name="calendar"),
    path("obligations/", start_views.obligations, name="obligations"),
    path("obligations/<int:duty_id>/", work_views.duty, name="duty"),
    path("obligations/<int:duty_id>/evidence/", work_views.duty_evidence, name="duty-evidence"),
    path("obligations/reading/", reading_views.reading, name="reading"),
    path("log/", start_views.log, name="log"),
    path("types/", fleet_views.types, name="types"),
    path("types/<int:type_id>/", fleet_views.type_page, name="type"),
    path("functions/", function_views.functions, name="functions"),
    path("functions/register/", function_views.register, name="function-register"),
    path("texts/", text_views.texts, name="texts"),
    path("texts/register/", text_views.sorts, name="text-sorts"),
    path("texts/register/<str:channel>/", text_views.register, name="text-register"),
    path("texts/<int:text_id>/", text_views.text, name="text"),
    path("texts/<int:text_id>/write/", text_views.write, name="text-write"),
    path("texts/<int:text_id>/do/<str:action>/", text_views.act, name="text-act"),
    path("complaints/", complaint_views.complaints, name="complaints"),
    path("complaints.csv", complaint_views.export, name="complaints-csv"),
    path("complaints/enter/", complaint_views.enter, name="complaint-enter"),
    path("complaints/<int:complaint_id>/", complaint_views.complaint, name="complaint"),
    path(
        "complaints/<int:complaint_id>/do/<str:action>/", complaint_views.act, name="complaint-act"
    ),
    path(
        "complaints/<int:complaint_id>/message/", complaint_views.message, name="complaint-message"
    ),
    path(
        "complaints/<int:complaint_id>/hand-over/",
        complaint_views.hand_over,
        name="complaint-hand-over",
    ),
    path(
        "complaints/<int:complaint_id>/contact/", complaint_views.contact, name="complaint-contact"
    ),
    path("complaints/<int:complaint_id>/attach/", complaint_views.attach, name="complaint-attach"),
    path(
        "complaints/<int:complaint_id>/files/<str:sha256>/",
        complaint_views.file,
        name="complaint-file",
    ),
    path("incidents/", incident_views.index, name="incidents"),
    path("incidents/enter/", incident_views.enter, name="incident-enter"),
    path("incidents/levels/", incident_views.levels, name="incident-levels"),
    path("incidents/reports/<int:report_id>/", incident_views.report, name="incident-report"),
    path("incidents/questions/<int:question_id>/", incident_views.answer, name="incident-answer"),
    path("incidents/holds/<int:hold_id>/", hold_views.hold, name="incident-hold"),
    path("incidents/holds/<int:hold_id>/custody.zip", hold_views.export, name="incident-custody"),
    path(
        "incidents/holds/<int:hold_id>/do/<str:action>/", hold_views.act, name="incident-hold-act"
    ),
    path("incidents/exhibits/<int:exhibit_id>/", hold_views.exhibit, name="incident-exhibit"),
    path("incidents/<int:incident_id>/", incident_views.incident, name="incident"),
    path("incidents/<int:incident_id>/say/", incident_views.say, name="incident-say"),
    path("incidents/<int:incident_id>/do/<str:action>/", incident_views.act, name="incident-act"),
    path(
        "incidents/<int:incident_id>/send/<str:series>/", incident_views.send, name="incident-send"
    ),
    path(
        "incidents/<int:incident_id>/accounts/<int:account_id>/",
        incident_views.correct,
        name="incident-correct",
    ),
    path("incidents/<int:incident_id>/write/", hold_views.line, name="incident-line"),
    path("incidents/<int:incident_id>/defect/", hold_views.defect, name="incident-defect"),
    path("incidents/<int:incident_id>/hold/", hold_views.place, name="incident-hold-place"),
    path("incidents/<int:incident_id>/files/<str:sha256>/", hold_views.file, name="incident-file"),
    path("signals/", signal_views.signals_page, name="signals"),
    path("signals/levels/", signal_views.levels, name="signal-levels"),
    path("approvals/", access_views.index, name="approvals"),
    path("approvals/<str:number>/", access_views.approval, name="approval"),
    path(
        "approvals/<str:number>/change/<str:matter>/", access_views.change, name="approval-change"
    ),
    path("types/<int:type_id>/take-over/", access_views.take_over, name="type-take-over"),
    path(
        "approvals/<str:number>/conditions/<str:key>/file/",
        access_views.condition_file,
        name="condition-file",
    ),
    path("approvals/<str:number>/give-back/", access_views.withdraw, name="approval-withdraw"),
    path(
        "approvals/<str:number>/conditions/<str:key>/", access_views.fulfil, name="approval-fulfil"
    ),
    path("applications/begin/", application_views.begin, name="application-begin"),
    path("applications/<int:application_id>/", application_views.application, name="application"),
    path(
        "applications/<int:application_id>/write/<str:name>/",
        application_views.section,
        name="application-section",
    ),
    path(
        "applications/<int:application_id>/check/<str:name>/",
        application_views.check,
        name="application-check",
    ),
    path(
        "applications/<int:application_id>/document/",
        application_views.document,
        name="application-document",
    ),
    path(
        "applications/<int:application_id>/document/<str:sha256>/",
        application_views.file,
        name="application-file",
    ),
    path(
        "applications/<int:application_id>/document/<str:sha256>/remove/",
        application_views.detach,
        name="application-detach",
    ),
    path(
        "applications/<int:application_id>/reason/",
        application_views.reason,
        name="application-reason",
    ),
    path(
        "applications/<int:application_id>/preview/",
        application_views.preview,
        name="application-preview",
    ),
    path(
        "applications/<int:application_id>/give-up/",
        application_views.give_up,
        name="application-give-up",
    ),
    path("remedies/", remedy_views.recalls_running, name="remedies"),
    path("remedies/contacts/", remedy_views.contacts, name="remedy-contacts"),
    path("remedies/<int:plan_id>/", remedy_views.recall, name="remedy"),
    path("remedies/<int:plan_id>/tell/<str:channel>/", remedy_views.tell, name="remedy-tell"),
    path(
        "remedies/<int:plan_id>/posted/<int:mailing_id>/",
        remedy_views.posted,
        name="remedy-posted",
    ),
    path("remedies/<int:plan_id>/report/<str:kind>/", remedy_views.report, name="remedy-report"),
    path("remedies/<int:plan_id>/follow-ups/", remedy_views.follow_ups, name="remedy-follow-ups"),
    path(
        "remedies/<int:plan_id>/completions/", remedy_views.completions, name="remedy-completions"
    ),
    path(
        "remedies/<int:plan_id>/letters/<int:vehicle_id>/",
        remedy_views.letter,
        name="remedy-letter",
    ),
    path("vehicles/", fleet_views.vehicles, name="vehicles"),
    path("vehicles/<int:vehicle_id>/", fleet_views.vehicle, name="vehicle"),
    path("types/<int:type_id>/swin/", conformity_views.swin, name="type-swin"),
    path(
        "types/<int:type_id>/swin.<str:form>", conformity_views.swin_export, name="type-swin-export"
    ),
    path("types/<int:type_id>/conformity/", conformity_views.standing, name="type-conformity"),
    path("conformity/", conformity_views.comparisons, name="comparisons"),
    path("conformity/<int:snapshot_id>/", conformity_views.comparison, name="comparison"),
    path("unknown/", finding_views.unknown, name="unknown"),
    path("unknown/set-limit/", finding_views.set_limit, name="finding-limit"),
    path("unknown/<int:finding_id>/", finding_views.finding, name="finding"),
    path("unknown/<int:finding_id>/do/<str:act>/", finding_views.act, name="finding-act"),
    path("unknown/<int:finding_id>/files/<str:sha256>/", finding_views.file, name="finding-file"),
    path("releases/<str:number>/impact/", conformity_views.release_impact, name="release-impact"),
    path("releases/", release_views.releases, name="releases"),
    path("releases.csv", release_views.export, name="releases-csv"),
    path("register-release/", release_writing.register, name="release-register"),
    path("releases/<str:number>/", release_views.release, name="release"),
    path("releases/<str:number>/change/", release_writing.add_change, name="release-change"),
    path("releases/<str:number>/evidence/", release_writing.add_evidence, name="release-evidence"),
    path("releases/<str:number>/answers/", release_writing.answers, name="release-answers"),
    path("releases/<str:number>/files/<str:sha256>/", release_views.file, name="release-file"),
    path("releases/<str:number>/sign-anew/", release_writing.sign_anew, name="release-sign-anew"),
    path("releases/<str:number>/stops/", stop_views.stops, name="release-stops"),
    path("releases/<str:number>/do/<str:action>/", release_writing.act, name="release-act"),
    path("releases/<str:number>/file/<str:kind>/", filing_views.prepare, name="release-filing"),
    path("reports/", report_views.reports, name="reports"),
    path("reports/<int:report_id>/", report_views.report, name="report"),
    path("reports/<int:report_id>/document/", report_views.document, name="report-document"),
    path("reports/<int:report_id>/envelope/", report_views.envelope, name="report-envelope"),
    path("reports/<int:report_id>/attach/<str:number>/", report_views.attach, name="report-attach"),
    path(
        "reports/<int:report_id>/attach-to-application/<int:application_id>/",
        report_views.attach_to_application,
        name="report-attach-application",
    ),
    *client_views.urls(Role.COMPLIANCE_OFFICER, base="manufacturer/base.html"),
    path("filings/", filing_views.filings, name="filings"),
    path("filings/prepare/<str:kind>/", filing_views.prepare, name="filing-prepare"),
    path("filings/drafts/", draft_views.drafts, name="drafts"),
    path("filings/drafts/<int:draft_id>/", draft_views.draft, name="draft"),
    path(
        "filings/drafts/<int:draft_id>/texts/<int:text_id>/", draft_views.unite, name="draft-unite"
    ),
    path("filings/drafts/<int:draft_id>/attach/", draft_views.attach, name="draft-attach"),
    path(
        "filings/drafts/<int:draft_id>/detach/<int:attachment_id>/",
        draft_views.detach,
        name="draft-detach",
    ),
    path("filings/drafts/<int:draft_id>/preview/", draft_views.preview, name="draft-preview"),
    path("filings/drafts/<int:draft_id>/discard/", draft_views.discard, name="draft-discard"),
    path("filings/<int:filing_id>/amend/", draft_views.amend, name="filing-amend"),
    path("filings/<int:filing_id>/receipt/", filing_parts.receipt, name="filing-receipt"),
    path(
        "filings/<int:filing_id>/receipt.json",
        filing_parts.receipt_file,
        name="filing-receipt-file",
    ),
    path("filings/<int:filing_id>/files/<str:sha256>/", filing_parts.file, name="filing-file"),
    path(
        "filings/<int:filing_id>/answer/<int:question_id>/",
        filing_parts.answer,
        name="filing-answer",
    ),
    path("filings/<int:filing_id>/", filing_views.filing, name="filing"),
    path("filings/<int:filing_id>/archive/", filing_views.archive, name="filing-archive"),
    path("filings/<int:filing_id>/do/<str:action>/", filing_views.act, name="filing-act"),
    path("campaigns/", campaign_views.campaigns, name="campaigns"),
    path("campaigns/plan/<str:number>/", campaign_views.plan, name="campaign-plan"),
    path("campaigns/<int:campaign_id>/", campaign_views.campaign, name="campaign"),
    path("campaigns/<int:campaign_id>/notice/", campaign_views.notice, name="campaign-notice"),
    path(
        "campaigns/<int:campaign_id>/vehicles/", campaign_views.vehicles, name="campaign-vehicles"
    ),
    path("campaigns/<int:campaign_id>/do/<str:act>/", campaign_views.act, name="campaign-act"),
]
