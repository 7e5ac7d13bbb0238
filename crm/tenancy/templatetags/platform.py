from django import template

from crm.tenancy.urls import platform_reverse, tenant_reverse

register = template.Library()
register.simple_tag(platform_reverse, name="platform_url")
register.simple_tag(tenant_reverse, name="tenant_url")
