"""The API by version."""

from django.urls import path

from roadworthy.api.v1 import api

urlpatterns = [path("v1/", api.urls)]
