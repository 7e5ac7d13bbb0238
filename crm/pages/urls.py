"""Tools of every list, below /t/<slug>/lists/."""

from django.urls import path

from .views import tools

app_name = "pages"

urlpatterns = [
    path("lists/<str:kind>/columns/", tools.ListColumns.as_view(), name="columns"),
    path("lists/<str:kind>/views/", tools.ViewSave.as_view(), name="view_save"),
    path("lists/<str:kind>/views/<int:pk>/", tools.ViewChange.as_view(), name="view_change"),
    path("lists/<str:kind>/export/", tools.ListExport.as_view(), name="export"),
    path("lists/<str:kind>/bulk/<slug:verb>/", tools.ListBulk.as_view(), name="bulk"),
    path("lists/<str:kind>/pick/", tools.ListPick.as_view(), name="pick"),
]
