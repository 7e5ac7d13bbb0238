"""What a text to a customer may be filled with."""

from __future__ import annotations

from typing import Any

from django.db.models import OuterRef, Subquery
from django.utils.translation import gettext_lazy as _

from crm.placeholders import Placeholder, register

from .models import Contact


def _main_contact() -> dict[str, Any]:
    of_customer = Contact.objects.filter(tenant_id=OuterRef("tenant_id"), customer_id=OuterRef("pk"))
    return {"main_contact": Subquery(of_customer.filter(is_primary=True).values("name")[:1])}


register(
    Placeholder("customer.name", _("Customer name"), lambda at: at["customer"].name, _("Blue River Ltd")),
    Placeholder(
        "customer.contact",
        _("Name of their main contact"),
        # Of a customer that was read with `reading`.
        lambda at: at["customer"].main_contact,
        _("Ann Lee"),
        annotates=_main_contact,
    ),
    Placeholder("customer.city", _("Their city"), lambda at: at["customer"].city, _("Seattle")),
    Placeholder(
        "customer.industry", _("Industry of the customer"), lambda at: at["customer"].industry, _("Electronics")
    ),
    Placeholder(
        "customer.owner",
        _("Name of their representative"),
        lambda at: at["customer"].owner or "",
        _("Sarah Collins"),
        joins=("owner",),
    ),
)
