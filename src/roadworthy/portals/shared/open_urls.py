"""What a host without sign-in serves besides its own pages: the front door and the rulebook."""

from django.urls import path

from roadworthy.portals.shared import views

urlpatterns = [
    path("", views.front, name="front"),
    path("rulebook/", views.rulebook, name="rulebook"),
]
