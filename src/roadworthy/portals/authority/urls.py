"""The authorities' pages."""

from django.urls import path

from roadworthy.portals.authority import views
from roadworthy.portals.shared import client_views
from roadworthy.portals.shared.access import AUTHORITY

app_name = "a"
urlpatterns = [
    path("", views.queue, name="queue"),
    path("decided/", views.decided, name="decided"),
    path("countersign/", views.countersigning, name="countersigning"),
    path("filings/<int:filing_id>/", views.filing, name="filing"),
    path("filings/<int:filing_id>/decide/", views.decide, name="decide"),
    path("filings/<int:filing_id>/countersign/", views.countersign, name="countersign"),
    path("filings/<int:filing_id>/files/<str:sha256>/", views.file, name="file"),
    *client_views.urls(*AUTHORITY, base="authority/base.html"),
]
