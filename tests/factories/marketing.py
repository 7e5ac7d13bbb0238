"""Dull on purpose: valid, minimal, one tenant. Call them inside the tenant."""

from typing import Any

from crm.tenancy.models import Tenant
from customers.models import Customer
from marketing.choices import Result, SendState
from marketing.models import Campaign, CampaignResult, EmailTemplate, Segment, Send, Suppression

from . import make_customer


def rule(trait: str, operator: str, value: Any = None) -> dict[str, Any]:
    return {"trait": trait, "operator": operator} | ({} if value is None else {"value": value})


def conditions(*rules: dict[str, Any], match: str = "all") -> dict[str, Any]:
    return {"match": match, "rules": list(rules)}


def make_segment(tenant: Tenant, *rules: dict[str, Any], **fields) -> Segment:
    return tenant.segments.create(**({"name": "Everybody", "conditions": conditions(*rules)} | fields))


def make_template(tenant: Tenant, **fields) -> EmailTemplate:
    known = {
        "name": "Summer",
        "language": "en",
        "subject": "Summer at {{ tenant.name }}",
        "body": '<p>Dear {{ customer.name }}, <a href="https://acme.example/summer">look</a>.</p>',
    }
    return tenant.email_templates.create(**(known | fields))


def make_campaign(tenant: Tenant, **fields) -> Campaign:
    known = {
        "name": "Summer sale",
        "segment": fields.pop("segment", None) or make_segment(tenant),
        "template": fields.pop("template", None) or make_template(tenant),
    }
    return tenant.campaigns.create(**(known | fields))


def make_send(campaign: Campaign, customer: Customer | None = None, **fields) -> Send:
    customer = customer or make_customer(campaign.tenant, email="ann@river.example")
    return campaign.sends.create(customer=customer, **({"email": customer.email, "state": SendState.SENT} | fields))


def make_suppression(tenant: Tenant, **fields) -> Suppression:
    return tenant.suppressions.create(**({"email": "ann@river.example"} | fields))


def make_result(customer: Customer, **fields) -> CampaignResult:
    return customer.campaign_results.create(**({"ad": "Poster", "result": Result.SUCCESS} | fields))


def make_people(tenant: Tenant, number: int) -> list[Customer]:
    """Customers with an address each."""
    return [make_customer(tenant, name=f"Person {n:04}", email=f"p{n:04}@mail.example") for n in range(number)]
