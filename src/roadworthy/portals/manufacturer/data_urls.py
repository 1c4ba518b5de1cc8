"""The manufacturer's pages about data: the register, flows, exports, requests, leaks, duties."""

from django.urls import path

from roadworthy.portals.manufacturer import (
    data_views,
    duty_views,
    export_views,
    flow_views,
    rights_views,
)

urlpatterns = [
    path("data/", data_views.items, name="data"),
    path("data/enter/", data_views.enter, name="data-enter"),
    path("data/company/", data_views.statement, name="data-statement"),
    path("data/recipients/enter/", data_views.recipient, name="data-recipient"),
    path("data/items/<str:code>/", data_views.item, name="data-item"),
    path("data/items/<str:code>/change/", data_views.change, name="data-change"),
    path("data/items/<str:code>/notice/", data_views.notice, name="data-notice"),
    path("data/items/<str:code>/consent/", data_views.consent, name="data-consent"),
    path("data/flows/", flow_views.flows, name="flows"),
    path("data/flows/declare/", flow_views.write, name="flow-write"),
    path("data/flows/<int:flow_id>/", flow_views.flow, name="flow"),
    path("data/flows/<int:flow_id>/rewrite/", flow_views.rewrite, name="flow-rewrite"),
    path("data/flows/<int:flow_id>/do/<str:action>/", flow_views.act, name="flow-act"),
    path("data/exports/", export_views.exports, name="exports"),
    path("data/exports/ask/", export_views.ask, name="export-ask"),
    path("data/exports/assessment/", export_views.assessment, name="export-assessment"),
    path("data/exports/group/", export_views.group, name="export-group"),
    path("data/duties/", duty_views.duties, name="dataduty"),
    path("data/duties/report/", duty_views.make, name="dataduty-make"),
    path("data/duties/risks/enter/", duty_views.risk, name="dataduty-risk"),
    path("data/duties/report/<int:report_id>/", duty_views.report, name="dataduty-report"),
    path("data/duties/report/<int:report_id>/filed/", duty_views.filed, name="dataduty-filed"),
    path(
        "data/duties/report/<int:report_id>.<str:form>",
        duty_views.document,
        name="dataduty-file",
    ),
    path("data/breaches/", duty_views.breach_list, name="breaches"),
    path("data/breaches/enter/", duty_views.breach_enter, name="breach-enter"),
    path("data/breaches/<int:breach_id>/", duty_views.breach, name="breach"),
    path("data/rights/", rights_views.requests, name="rights"),
    path("data/rights/enter/", rights_views.enter, name="right-enter"),
    path("data/rights/<int:request_id>/", rights_views.right, name="right"),
    path("data/rights/<int:request_id>/do/<str:action>/", rights_views.act, name="right-act"),
]
