from django.urls import include, path

from crm.pages.views import page_urls

from . import views

app_name = "imports"
urlpatterns = [
    path(
        "imports/",
        include(
            page_urls(
                "import",
                list=views.ImportList,
                create=views.ImportUpload,
                detail=views.ImportDetail,
                delete=views.ImportDelete,
                actions={
                    "columns": views.ImportColumns,
                    "reading": views.ImportReading,
                    "options": views.ImportOptions,
                    "confirm": views.ImportConfirm,
                    "undo": views.ImportUndo,
                },
            )
        ),
    )
]
