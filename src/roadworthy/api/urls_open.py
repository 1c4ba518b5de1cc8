"""The API that asks for no account: the vehicle's screen, the public record, the rulebook."""

from django.urls import path, re_path

from roadworthy.api import errors
from roadworthy.api.v1 import api

urlpatterns = [path("v1/", api.urls), re_path("", errors.nowhere, name="api-nowhere")]
