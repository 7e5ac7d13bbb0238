from django.urls import include, path

from crm.pages.views import page_urls

from . import views

app_name = "jobs"
urlpatterns = [
    path(
        "jobs/",
        include(
            page_urls(
                "job",
                list=views.JobList,
                detail=views.JobDetail,
                actions={
                    "progress": views.JobProgress,
                    "result": views.JobResult,
                    "cancel": views.JobCancel,
                    "retry": views.JobRetry,
                },
            )
        ),
    )
]
