"""The API as a host for this audience serves it."""

from django.urls import path

from roadworthy.api.authority import api

urlpatterns = [path("v1/", api.urls)]
