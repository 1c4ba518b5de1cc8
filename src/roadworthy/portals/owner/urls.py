"""The owner's page, behind the link in a notice."""

from django.urls import path

from roadworthy.portals.owner import views

app_name = "o"
urlpatterns = [
    path("<str:token>/", views.notice, name="notice"),
]
