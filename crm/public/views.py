"""The base of pages without login, and what they say when they refuse."""

from __future__ import annotations

from typing import Any, ClassVar

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.functional import Promise
from django.views import View

from crm.tenancy.models import Tenant

from .tokens import Token


class PublicPage(View):
    """A page below /p/<slug>/: in the tenant, without a person. It shows what the app decides to be public.

    No policy is asked, so begin at what the address proves: a slug, a code in a form, a signed link.
    """

    template_name: ClassVar[str]
    title: ClassVar[str | Promise] = ""
    request: HttpRequest
    tenant: Tenant

    def setup(self, request: Any, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        self.tenant = request.tenant

    def get_title(self) -> str:
        return str(self.title)

    def get_context(self, **context: Any) -> dict[str, Any]:
        return {"page": self, "title": self.get_title()} | context

    def render(self, status: int = 200, template: str = "", **context: Any) -> HttpResponse:
        return render(self.request, template or self.template_name, self.get_context(**context), status=status)


class LinkPage(PublicPage):
    """A page below /e/<token>/, for tokens of one kind. `self.token` is signed, so its row is the one we meant."""

    kind: ClassVar[str]
    token: Token

    def setup(self, request: Any, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        self.token = request.token
        if self.token.kind != self.kind:
            raise Http404


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return render(request, "public/404.html", status=404)


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return render(request, "public/403.html", status=403)


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return render(request, "public/400.html", status=400)


def too_many(request: HttpRequest) -> HttpResponse:
    response = render(request, "public/429.html", status=429)
    response["Retry-After"] = "60"
    return response
