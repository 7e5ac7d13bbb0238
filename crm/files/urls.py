from django.urls import path

from . import views

app_name = "files"
urlpatterns = [path("files/<int:pk>/", views.FileDownload.as_view(), name="file_download")]
