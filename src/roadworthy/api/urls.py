"""The API by version, for every audience: for one machine and for development.

The parts share one prefix and no address; a host of one audience serves only its own.
"""

from django.urls import path

from roadworthy.api import authority, institution, manufacturer
from roadworthy.api.v1 import api

urlpatterns = [
    path("v1/", api.urls),
    path("v1/", manufacturer.api.urls),
    path("v1/", authority.api.urls),
    path("v1/", institution.api.urls),
]
