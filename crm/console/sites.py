"""Django's admin, twice: the operator's at /admin/ for the platform, the administrator's at /t/<slug>/admin/.

They share no model. Neither signs anybody in: that is the accounts' work, with second factors and throttling.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import update_wrapper
from typing import Any, cast

from django.contrib import admin
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import SimpleTemplateResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from crm.access.roles import Role
from crm.accounts.models import User
from crm.pages.request import MemberRequest
from crm.tenancy.context import use_person
from crm.tenancy.urls import platform_reverse


class ConsoleSite(admin.AdminSite):
    enable_nav_sidebar = True

    def admin_view(self, view: Any, cacheable: bool = False) -> Any:
        inner = super().admin_view(view, cacheable)

        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if not request.user.is_authenticated:
                return redirect_to_login(request.get_full_path())
            if not self.has_permission(request):
                # Asking them to sign in, as Django does, would lead signed-in people in a circle.
                raise PermissionDenied
            response = self.work(inner, request, *args, **kwargs)
            if isinstance(response, SimpleTemplateResponse):
                # Django would render it after the view's transaction, where row-level security shows nothing.
                response.render()
            return response

        return update_wrapper(guarded, view)

    def work(self, view: Callable[..., HttpResponse], request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return view(request, *args, **kwargs)

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        if request.user.is_authenticated:
            return redirect(reverse("admin:index"))
        return redirect_to_login(reverse("admin:index"))

    # Redirects, where Django's own answer with a page: it takes both.

    def logout(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        return redirect(platform_reverse("account_logout"))

    def password_change(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        return redirect(platform_reverse("account_change_password"))

    def password_change_done(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        return redirect(reverse("admin:index"))


class OperatorSite(ConsoleSite):
    """Tenants, people, memberships, teams, invitations. It knows no table of tenants' data."""

    site_title = site_header = _("Platform administration")
    index_title = _("Tenants and people")

    def has_permission(self, request: HttpRequest) -> bool:
        return request.user.is_active and request.user.is_staff

    def work(self, view: Callable[..., HttpResponse], request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        # What an operator changes of a tenant is in that tenant's audit trail, with the operator's name.
        with use_person(cast(User, request.user)):
            return view(request, *args, **kwargs)


class TenantSite(ConsoleSite):
    """All records of the tenant, inside its row-level security. What is done here is in the audit trail."""

    site_title = site_header = _("All records")
    index_title = _("All records of this tenant")
    index_template = "admin/tenant_index.html"

    def has_permission(self, request: HttpRequest) -> bool:
        membership = getattr(request, "membership", None)
        return membership is not None and membership.has_role(Role.ADMIN)

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        return super().each_context(request) | {
            "site_header": cast(MemberRequest, request).tenant.name,
            "site_url": reverse("home"),
        }


operator_site = OperatorSite(name="admin")
tenant_site = TenantSite(name="admin")
