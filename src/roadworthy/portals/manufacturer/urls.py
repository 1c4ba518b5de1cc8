"""The manufacturer's pages."""

from django.urls import path

from roadworthy.portals.manufacturer import (
    campaign_views,
    filing_views,
    fleet_views,
    release_views,
    release_writing,
    start_views,
    work_views,
)

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
    path("log/", start_views.log, name="log"),
    path("types/", fleet_views.types, name="types"),
    path("types/<int:type_id>/", fleet_views.type_page, name="type"),
    path("vehicles/", fleet_views.vehicles, name="vehicles"),
    path("vehicles/<int:vehicle_id>/", fleet_views.vehicle, name="vehicle"),
    path("unknown/", fleet_views.unknown, name="unknown"),
    path("releases/", release_views.releases, name="releases"),
    path("releases.csv", release_views.export, name="releases-csv"),
    path("register-release/", release_writing.register, name="release-register"),
    path("releases/<str:number>/", release_views.release, name="release"),
    path("releases/<str:number>/change/", release_writing.add_change, name="release-change"),
    path("releases/<str:number>/evidence/", release_writing.add_evidence, name="release-evidence"),
    path("releases/<str:number>/answers/", release_writing.answers, name="release-answers"),
    path("releases/<str:number>/files/<str:sha256>/", release_views.file, name="release-file"),
    path("releases/<str:number>/sign-anew/", release_writing.sign_anew, name="release-sign-anew"),
    path("releases/<str:number>/do/<str:action>/", release_writing.act, name="release-act"),
    path("releases/<str:number>/file/<str:kind>/", filing_views.prepare, name="release-filing"),
    path("filings/", filing_views.filings, name="filings"),
    path("filings/prepare/<str:kind>/", filing_views.prepare, name="filing-prepare"),
    path("filings/<int:filing_id>/", filing_views.filing, name="filing"),
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
