"""The test institutions' pages."""

from django.urls import path

from roadworthy.domains.organisations.roles import Role
from roadworthy.portals.institution import views
from roadworthy.portals.shared import client_views, exchange_views

app_name = "t"
urlpatterns = [
    path("", views.reports, name="reports"),
    path("enter/", views.enter, name="report-enter"),
    path("reports/<int:report_id>/", views.report, name="report"),
    path("reports/<int:report_id>/document/", views.document, name="report-document"),
    path("reports/<int:report_id>/envelope/", views.envelope, name="report-envelope"),
    path("reports/<int:report_id>/do/<str:action>/", views.act, name="report-act"),
    *client_views.urls(Role.TEST_ENGINEER, base="institution/base.html"),
    *exchange_views.urls(Role.TEST_ENGINEER, base="institution/base.html"),
]
