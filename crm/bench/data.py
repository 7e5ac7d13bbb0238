"""The installation that is measured: one large tenant among 200. Built once and kept."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone

from crm.demo.people import create_people
from crm.demo.registry import DemoTenant, fills
from crm.tenancy.context import use_tenant
from crm.tenancy.models import Membership, Tenant
from crm.tenancy.operations import create_tenant

LARGE = "bench"
# The apps whose part of the demo the measures of the frame need.
BASE = ("crm", "customers")


@dataclass(frozen=True)
class Size:
    """`others` have `customers_of_others` customers altogether, the larger of them ten times the smaller ones."""

    customers: int = 1_000_000
    others: int = 199
    customers_of_others: int = 500_000

    def of_other(self, number: int) -> int:
        weight = 10 if number % 10 == 0 else 1
        weights = sum(10 if place % 10 == 0 else 1 for place in range(self.others))
        return self.customers_of_others * weight // weights


def build(size: Size, say: Callable[[str], None], apps: Collection[str] | None = None) -> Tenant:
    """Bring the tenants up to size; what is there stays. Returns the large one.

    That one has what all apps make up, or the given ones; the others are there for their customers' rows.
    """
    large, people = _tenant(LARGE, None)
    _fill(large, people, size.customers, say, apps)
    for number in range(size.others):
        tenant, _people = _tenant(f"{LARGE}-{number:03d}", people)
        _fill(tenant, people, size.of_other(number), lambda line: None, BASE)
        if number % 20 == 19:
            say(f"{number + 1} of {size.others} further tenants")
    return large


def _tenant(slug: str, people: dict | None) -> tuple[Tenant, dict]:
    """The tenant and its people, who are the same everywhere: two thousand passwords would take minutes to hash."""
    with transaction.atomic():
        tenant = Tenant.objects.filter(slug=slug).first() or create_tenant(
            slug=slug, name=slug, language="zh-hans", currency="CNY", time_zone="Asia/Shanghai"
        )
        if people is None:
            return tenant, dict(create_people(tenant))
        known = set(Membership.objects.filter(tenant=tenant).values_list("user_id", flat=True))
        roles = {m.user_id: m.roles for m in Membership.objects.filter(tenant__slug=LARGE)}
        Membership.objects.bulk_create(
            Membership(tenant=tenant, user=user, roles=roles[user.pk])
            for user in people.values()
            if user.pk not in known
        )
    return tenant, people


def _fill(
    tenant: Tenant, people: dict, customers: int, say: Callable[[str], None], apps: Collection[str] | None
) -> None:
    demo = DemoTenant(tenant=tenant, people=people, now=timezone.now(), customers=customers, say=say)
    with use_tenant(tenant):
        for fill in fills():
            if apps is None or fill.__module__.partition(".")[0] in apps:
                fill(demo)
