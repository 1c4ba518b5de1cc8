"""The authorities' pages."""

from django.urls import path

from roadworthy.portals.authority import views, work_views

app_name = "a"
urlpatterns = [
    path("", views.queue, name="queue"),
    path("agenda/", work_views.work, name="work"),
    path("agenda/settings/", work_views.work_settings, name="work-settings"),
    path("agenda/<str:kind>/<int:item_id>/", work_views.work_item, name="work-item"),
    path("calendar/", work_views.calendar, name="calendar"),
    path("decided/", views.decided, name="decided"),
    path("countersign/", views.countersigning, name="countersigning"),
    path("filings/<int:filing_id>/", views.filing, name="filing"),
    path("filings/<int:filing_id>/decide/", views.decide, name="decide"),
    path("filings/<int:filing_id>/countersign/", views.countersign, name="countersign"),
    path("filings/<int:filing_id>/files/<str:sha256>/", views.file, name="file"),
]
