"""A person's own pages, outside any tenant: home, tenants, profile."""

from __future__ import annotations

from typing import Any, cast

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from crm.accounts.models import User
from crm.tenancy.models import Membership

from ..forms import ProfileForm


@require_safe
@login_required
def home(request: HttpRequest) -> HttpResponse:
    return redirect("tenants")


@require_safe
@login_required
def tenant_list(request: HttpRequest) -> HttpResponse:
    """Choose a tenant. Who belongs to one only is there already; an operator of none has the platform's admin."""
    memberships = list(_memberships(request))
    if len(memberships) == 1 and not request.user.is_staff:
        return redirect(memberships[0].tenant.get_absolute_url())
    return render(request, "accounts/tenant_list.html", {"memberships": memberships})


@require_safe
@login_required
def account(request: HttpRequest) -> HttpResponse:
    return redirect("account_profile")


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def profile(request: HttpRequest) -> HttpResponse:
    form = ProfileForm(request.POST or None, instance=request.user)
    if request.method != "POST" or not form.is_valid():
        if request.method == "POST":
            # What was refused must not show as this person's name in the page's frame.
            _person(request).refresh_from_db()
        memberships = _memberships(request)
        return render(request, "accounts/profile.html", {"form": form, "memberships": memberships})
    user = form.save()
    translation.activate(user.language)
    messages.success(request, _("Your profile was saved."))
    return _remember_language(redirect("account_profile"), user.language)


def _person(request: HttpRequest) -> User:
    """Whoever asks is signed in: the decorators have seen to it."""
    return cast(User, request.user)


def _memberships(request: HttpRequest) -> QuerySet[Membership]:
    return (
        Membership.objects.active()
        .filter(user=_person(request))
        .select_related("tenant", "team")
        .order_by("tenant__name", "tenant__slug")
    )


def _remember_language(response: HttpResponse, language: str) -> HttpResponse:
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        language,
        max_age=settings.LANGUAGE_COOKIE_AGE,
        secure=settings.LANGUAGE_COOKIE_SECURE,
        httponly=settings.LANGUAGE_COOKIE_HTTPONLY,
        samesite=cast(Any, settings.LANGUAGE_COOKIE_SAMESITE),
    )
    return response
