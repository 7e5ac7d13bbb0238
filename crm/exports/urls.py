from django.urls import path

from .views import ExportList

app_name = "exports"
urlpatterns = [path("exports/", ExportList.as_view(), name="export_list")]
