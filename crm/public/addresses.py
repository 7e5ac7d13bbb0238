"""Addresses of public pages, whole, as they stand in mails and on other people's sites."""

from __future__ import annotations

from django.conf import settings
from django.urls import get_script_prefix, reverse, set_script_prefix

from crm.mail.messages import absolute_url
from crm.tenancy.models import Tenant

PUBLIC_URLCONF = "crm.public_urls"
LINK_URLCONF = "crm.link_urls"


def public_prefix(slug: str) -> str:
    return f"{settings.FORCE_SCRIPT_NAME or ''}/p/{slug}/"


def link_prefix(token: str) -> str:
    return f"{settings.FORCE_SCRIPT_NAME or ''}/e/{token}/"


def public_path(tenant: Tenant | str, name: str, *args: object, **kwargs: object) -> str:
    """The path of a page below /p/<slug>/, from anywhere."""
    slug = tenant if isinstance(tenant, str) else tenant.slug
    return _reverse_below(public_prefix(slug), PUBLIC_URLCONF, name, args, kwargs)


def link_path(token: str, name: str, *args: object, **kwargs: object) -> str:
    """The path of a page below /e/<token>/; `token` is what make_token returns."""
    return _reverse_below(link_prefix(token), LINK_URLCONF, name, args, kwargs)


def public_url(tenant: Tenant | str, name: str, *args: object, **kwargs: object) -> str:
    return absolute_url(public_path(tenant, name, *args, **kwargs))


def link_url(token: str, name: str, *args: object, **kwargs: object) -> str:
    return absolute_url(link_path(token, name, *args, **kwargs))


def _reverse_below(prefix: str, urlconf: str, name: str, args: tuple, kwargs: dict) -> str:
    outer = get_script_prefix()
    set_script_prefix(prefix)
    try:
        return reverse(name, urlconf=urlconf, args=args, kwargs=kwargs)
    finally:
        set_script_prefix(outer)
