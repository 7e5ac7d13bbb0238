"""What a new tenant sells with."""

from django.utils.translation import override

from crm.tenancy.models import Tenant

from .operations.pipelines import create_defaults


def add_defaults(tenant: Tenant, **signal: object) -> None:
    with override(tenant.language):
        create_defaults()
