"""The authorities' pages."""

from django.urls import path

from roadworthy.portals.authority import approval_views, asking, views

app_name = "a"
urlpatterns = [
    path("", views.queue, name="queue"),
    path("decided/", views.decided, name="decided"),
    path("countersign/", views.countersigning, name="countersigning"),
    path("approvals/", approval_views.index, name="approvals"),
    path("approvals/<str:number>/", approval_views.approval, name="approval"),
    path("approvals/<str:number>/do/<str:action>/", approval_views.act, name="approval-act"),
    path("filings/<int:filing_id>/", views.filing, name="filing"),
    path("filings/<int:filing_id>/ask/", asking.ask, name="ask"),
    path(
        "filings/<int:filing_id>/questions/<int:question_id>/take-back/",
        asking.take_back,
        name="take-back",
    ),
    path("filings/<int:filing_id>/notes/", asking.note, name="note"),
    path("filings/<int:filing_id>/decide/", views.decide, name="decide"),
    path("filings/<int:filing_id>/countersign/", views.countersign, name="countersign"),
    path("filings/<int:filing_id>/files/<str:sha256>/", views.file, name="file"),
]
