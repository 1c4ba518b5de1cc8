"""The owner's page, behind the link in a notice."""

from django.urls import path

from roadworthy.portals.owner import (
    complaint_views,
    data_views,
    incident_views,
    recall_views,
    views,
)

app_name = "o"
urlpatterns = [
    path("recall/<str:token>/", recall_views.recall, name="recall"),
    path("<str:token>/", views.notice, name="notice"),
    path("<str:token>/incident/", incident_views.incident, name="incident"),
    path("<str:token>/data/", data_views.data, name="data"),
    path("<str:token>/data.json", data_views.copy, name="data-copy"),
    path("<str:token>/complaint/", complaint_views.complaint, name="complaint"),
]
