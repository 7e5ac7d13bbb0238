"""The real application with two empty pages more, to tell what the stack itself costs."""

import os

import django
from django.http import HttpRequest, HttpResponse
from django.urls import path

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "crm.settings")
django.setup()

from crm import tenant_urls, urls  # noqa: E402  # the settings come first
from crm.wsgi import application  # noqa: E402

__all__ = ["application"]


def empty(request: HttpRequest) -> HttpResponse:
    return HttpResponse("ok")


urls.urlpatterns.append(path("bench/empty/", empty))
# Below a tenant: session, person and membership are read, and a transaction knows its tenant.
tenant_urls.urlpatterns.append(path("bench/empty/", empty))
