from django.urls import include, path

from crm.pages.views import page_urls

from ..views import pipelines as views

urlpatterns = [
    path(
        "settings/pipelines/",
        include(
            page_urls(
                "pipeline",
                list=views.PipelineList,
                detail=views.PipelineDetail,
                edit=views.PipelineEdit,
                delete=views.PipelineDelete,
                actions={"up": views.PipelineUp, "down": views.PipelineDown},
            )
        ),
    ),
    path(
        "settings/stages/",
        include(
            page_urls(
                "stage",
                detail=views.StageDetail,
                edit=views.StageEdit,
                delete=views.StageDelete,
                actions={"up": views.StageUp, "down": views.StageDown},
            )
        ),
    ),
    path(
        "settings/lost-reasons/",
        include(
            page_urls(
                "lostreason",
                list=views.LostReasonList,
                detail=views.LostReasonDetail,
                edit=views.LostReasonEdit,
                delete=views.LostReasonDelete,
                actions={"up": views.LostReasonUp, "down": views.LostReasonDown},
            )
        ),
    ),
]
