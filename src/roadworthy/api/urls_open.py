"""The API that asks for no account: the vehicle's screen, the public record, the rulebook."""

from django.urls import path

from roadworthy.api.v1 import api

urlpatterns = [path("v1/", api.urls)]
