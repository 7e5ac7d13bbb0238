"""Addresses across the border between the platform (`/`) and a tenant (`/t/<slug>/`)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.urls import get_script_prefix, reverse, set_script_prefix

if TYPE_CHECKING:
    from .models import Tenant

TENANT_URLCONF = "crm.tenant_urls"


def tenant_prefix(slug: str) -> str:
    return f"{settings.FORCE_SCRIPT_NAME or ''}/t/{slug}/"


def tenant_reverse(tenant: Tenant | str, name: str, *args, **kwargs) -> str:
    """The address of a tenant's page, from anywhere: a platform page, a task, a mail."""
    slug = tenant if isinstance(tenant, str) else tenant.slug
    return _reverse_below(tenant_prefix(slug), TENANT_URLCONF, name, args, kwargs)


def platform_reverse(name: str, *args, **kwargs) -> str:
    return _reverse_below(f"{settings.FORCE_SCRIPT_NAME or ''}/", settings.ROOT_URLCONF, name, args, kwargs)


def _reverse_below(prefix: str, urlconf: str, name: str, args, kwargs) -> str:
    outer = get_script_prefix()
    set_script_prefix(prefix)
    try:
        return reverse(name, urlconf=urlconf, args=args, kwargs=kwargs)
    finally:
        set_script_prefix(outer)
