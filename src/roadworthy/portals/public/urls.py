"""The public record."""

from django.urls import path

from roadworthy.portals.public import views

app_name = "p"
urlpatterns = [
    path("", views.lookup, name="lookup"),
    path("checkpoint/", views.checkpoint, name="checkpoint"),
    path("verify/", views.how, name="how"),
    path("<slug:manufacturer>/<str:number>/", views.trace, name="trace"),
    path("<slug:manufacturer>/<str:number>/proof.bundle", views.bundle, name="bundle"),
]
