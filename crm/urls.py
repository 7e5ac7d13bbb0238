"""The platform: what lives outside any tenant. Tenants are mounted by crm.tenancy.middleware."""

from django.urls import URLPattern, URLResolver, include, path

urlpatterns: list[URLPattern | URLResolver] = []
