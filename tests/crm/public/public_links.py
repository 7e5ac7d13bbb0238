from django.urls import path

from .public_pages import Machine, Row

urlpatterns = [path("", Row.as_view(), name="row"), path("machine/", Machine.as_view(), name="machine")]
handler404 = "crm.public.views.not_found"
handler403 = "crm.public.views.forbidden"
