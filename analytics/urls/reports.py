from django.urls import URLPattern, URLResolver, include, path

from crm.pages.views import page_urls

from ..views import reports, schedules

urlpatterns: list[URLPattern | URLResolver] = [
    path("reports/", reports.ReportsPage.as_view(), name="reports"),
    path("reports/runs/", reports.RunList.as_view(), name="report_runs"),
    path(
        "reports/schedules/",
        include(
            page_urls(
                "schedule",
                list=schedules.ScheduleList,
                detail=schedules.ScheduleDetail,
                edit=schedules.ScheduleEdit,
                delete=schedules.ScheduleDelete,
                actions={"run": schedules.ScheduleRun},
            )
        ),
    ),
    path("reports/<slug:report>/", reports.ReportPage.as_view(), name="report"),
]
