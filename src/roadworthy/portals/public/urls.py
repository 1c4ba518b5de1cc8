"""The public record."""

from django.urls import path

from roadworthy.portals.public import (
    approval_views,
    law_views,
    log_pages,
    recall_data,
    recall_views,
    type_views,
    views,
)
from roadworthy.portals.shared import figure_views, standard_views

app_name = "p"
urlpatterns = [
    path("", views.lookup, name="lookup"),
    path("releases/<str:number>/", views.by_number, name="release"),
    path("checkpoint/", log_pages.checkpoint, name="checkpoint"),
    path("entries/<int:index>/", log_pages.entry, name="entry"),
    path("entries/<int:index>.json", log_pages.entry_json, name="entry-json"),
    path("anchors.json", log_pages.anchors, name="anchors"),
    path("verify/", log_pages.how, name="how"),
    path("types/", type_views.types, name="types"),
    path("types/<slug:manufacturer>/<str:code>/", type_views.vehicle_type, name="type"),
    *standard_views.urls("p", "public/base.html", readers=()),
    path("recalls/", recall_views.recalls, name="recalls"),
    path("recalls/<int:recall_id>/", recall_views.recall, name="recall"),
    path("recalls/vin/", recall_views.by_vin, name="recall-vin"),
    path("recalls/statistics/", recall_views.figures, name="recall-figures"),
    path("recalls/data.csv", recall_data.as_csv, name="recall-csv"),
    path("recalls/data.json", recall_data.as_json, name="recall-json"),
    path("recalls/feed/", recall_data.newest, name="recall-feed"),
    *figure_views.urls("p", "public/base.html"),
    # Before the releases: no manufacturer's short name is "law".
    path("law/", law_views.register, name="law"),
    path("law/ask/", law_views.ask, name="law-ask"),
    path("law/text/", law_views.text, name="law-text"),
    path("law/<str:rule_id>/", law_views.rule, name="law-rule"),
    path("<slug:manufacturer>/approvals/<str:number>/", approval_views.approval, name="approval"),
    path("<slug:manufacturer>/<str:number>/", views.trace, name="trace"),
    path("<slug:manufacturer>/<str:number>/proof.bundle", views.bundle, name="bundle"),
]
