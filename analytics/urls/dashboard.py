from django.urls import URLPattern, URLResolver, path

from ..views.dashboard import DashboardPage

urlpatterns: list[URLPattern | URLResolver] = [path("dashboards/", DashboardPage.as_view(), name="dashboard")]
