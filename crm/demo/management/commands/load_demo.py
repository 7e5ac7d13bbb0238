"""Fill the demo's tenants with invented data."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

from crm.demo import people
from crm.demo.registry import DemoTenant, fills
from crm.tenancy.context import use_tenant
from crm.tenancy.models import Tenant

CUSTOMERS = 400


class Command(BaseCommand):
    help = "Create the demo's tenants, logins and data. Run again, it adds what is missing and changes nothing else."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--tenant", metavar="SLUG", help="only this tenant: one of the demo, or one that exists")
        parser.add_argument("--customers", metavar="N", type=int, default=CUSTOMERS, help="customers of each tenant")
        parser.add_argument("--force", action="store_true", help="also where DEMO is off, as in production")

    def handle(self, *args: Any, tenant: str | None, customers: int, force: bool, **options: Any) -> None:
        if not (settings.DEMO or settings.DEBUG or force):
            raise CommandError(
                "This is no demo (DEMO is off): everybody knows the password of the demo's logins. "
                "Set DEMO=1 or give --force if you mean it."
            )
        if customers < 0:
            raise CommandError("--customers is a number from 0 on.")
        known = set(people.COMPANIES)
        if tenant and tenant not in known and not Tenant.objects.filter(slug=tenant).exists():
            raise CommandError(f"There is no tenant “{tenant}”. The demo's are {' and '.join(sorted(known))}.")
        with transaction.atomic():
            people.create_operator()
        for slug in [tenant] if tenant else sorted(known):
            self.fill(slug, customers)

    def fill(self, slug: str, customers: int) -> None:
        with transaction.atomic():
            tenant = people.create_company(slug)
            members = people.create_people(tenant)
        demo = DemoTenant(tenant=tenant, people=members, now=timezone.now(), customers=customers, say=self.stdout.write)
        with use_tenant(tenant):
            for fill in fills():
                fill(demo)
        self.stdout.write(f"{tenant.slug}: {tenant.name}")
