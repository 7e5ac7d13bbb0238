"""Dull on purpose: valid, minimal, one tenant. Call them inside the tenant."""

from crm.access.roles import Role
from crm.accounts.models import User
from crm.tenancy.models import Membership, Team, Tenant
from customers.models import Activity, Contact, Customer, Tag

PASSWORD = "guanxi-test-2026"


def make_tenant(slug: str = "acme", **fields) -> Tenant:
    fields = {"name": slug.title(), "language": "en", "currency": "USD", "time_zone": "UTC"} | fields
    return Tenant.objects.create(slug=slug, **fields)


def make_user(email: str, **fields) -> User:
    return User.objects.create_user(email, PASSWORD, **({"language": "en"} | fields))


def make_member(tenant: Tenant, email: str, *roles: Role, team: Team | None = None, **fields) -> Membership:
    user = User.objects.filter(email=email).first() or make_user(email)
    return Membership.objects.create(tenant=tenant, user=user, roles=list(roles), team=team, **fields)


def make_customer(tenant: Tenant, **fields) -> Customer:
    name = fields.setdefault("name", "Blue River Ltd")
    fields.setdefault("name_sort", name.lower())
    return tenant.customers.create(**fields)


def make_contact(customer: Customer, **fields) -> Contact:
    name = fields.setdefault("name", "Ann Lee")
    fields.setdefault("name_sort", name.lower())
    return customer.contacts.create(**fields)


def make_activity(customer: Customer, **fields) -> Activity:
    return customer.activities.create(**({"text": "Called about the offer."} | fields))


def make_tag(tenant: Tenant, **fields) -> Tag:
    return tenant.tags.create(**({"name": "VIP"} | fields))
