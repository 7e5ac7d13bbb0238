"""What a new tenant begins with: a segment everybody can write to, and a mail to change."""

from __future__ import annotations

from typing import Any

from django.utils import translation
from django.utils.translation import gettext as _

from crm.segmentable import Conditions, Rule, find
from crm.segmentable.traits import Operator
from crm.tenancy.models import Tenant

from .models import EmailTemplate, Segment


def create_defaults(*, tenant: Tenant, **signal: Any) -> None:
    """In the tenant's language. Called inside the tenant and its transaction."""
    with_email = find("customers.email")
    assert with_email is not None
    with translation.override(tenant.language):
        Segment.objects.create(
            name=_("Customers with an e-mail address"),
            conditions=Conditions("all", (Rule(with_email, str(Operator.FILLED)),)).as_json(),
        )
        EmailTemplate.objects.create(
            name=_("Newsletter"),
            language=tenant.language,
            subject=_("News from {{ tenant.name }}"),
            body=_(
                "Dear {{ customer.contact|customer }},\n\n"
                "here is what is new with us.\n\n"
                "Kind regards\n{{ sender.name }}"
            ),
        )
