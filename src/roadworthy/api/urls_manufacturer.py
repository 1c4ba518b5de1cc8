"""The API as a host for this audience serves it."""

from django.urls import path, re_path

from roadworthy.api import errors
from roadworthy.api.manufacturer import api

urlpatterns = [path("v1/", api.urls), re_path("", errors.nowhere, name="api-nowhere")]
