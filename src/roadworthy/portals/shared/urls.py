"""What every host serves: the front door, sign-in, the choice of a role, the rulebook."""

from django.urls import path

from roadworthy.portals.shared import agenda_views, views

urlpatterns = [
    path("", views.front, name="front"),
    path("login/", views.login, name="login"),
    path("logout/", views.logout, name="logout"),
    path("choose/", views.choose, name="choose"),
    path("feeds/<str:token>.ics", agenda_views.feed, name="feed"),
    path("stop-mail/<str:token>/", agenda_views.stop_mail, name="stop-mail"),
    path("rulebook/", views.rulebook, name="rulebook"),
]
