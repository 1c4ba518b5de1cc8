"""The owner's page, behind the link in a notice."""

from django.urls import path

from roadworthy.portals.owner import complaint_views, incident_views, views

app_name = "o"
urlpatterns = [
    path("<str:token>/", views.notice, name="notice"),
    path("<str:token>/incident/", incident_views.incident, name="incident"),
    path("<str:token>/complaint/", complaint_views.complaint, name="complaint"),
]
