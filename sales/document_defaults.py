"""What a new tenant writes quotes with."""

from django.utils.translation import gettext, override

from crm.tenancy.models import Tenant

from .models import QuoteSettings


def add_quote_settings(tenant: Tenant, **signal: object) -> None:
    with override(tenant.language):
        terms = gettext("Prices hold until the day given above. Payment within 30 days of the invoice.")
    # In China prices between firms are told with their tax.
    QuoteSettings.objects.create(is_tax_included=tenant.language == "zh-hans", terms=terms)
