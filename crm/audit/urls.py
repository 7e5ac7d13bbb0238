from django.urls import include, path

from crm.pages.views import page_urls

from . import views

app_name = "audit"
urlpatterns = [
    path("", include(page_urls("entry", list=views.AuditList, detail=views.AuditDetail))),
    path("<str:kind>/<int:pk>/", views.RecordHistory.as_view(), name="history"),
]
