"""Measure the product on a million customers and write docs/benchmarks.md."""

from __future__ import annotations

import os
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management import BaseCommand, CommandError, call_command
from django.utils import translation

from crm.bench import plans, report, run
from crm.bench.data import BASE, LARGE, Size, build
from crm.bench.registry import measures
from crm.bench.site import ADMIN, site
from crm.tenancy.models import Membership, Tenant

# These are the customers' and need no more; then comes what each further app measures of itself.
PARTS = ("pages", "load", "import", "export")


class Command(BaseCommand):
    help = "Measure the product on a million customers and write docs/benchmarks.md."
    # The database may have to be made first.
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parts = [*PARTS, *measures()]
        parser.add_argument("--only", choices=parts, action="append", help="this part; may be given several times")
        parser.add_argument("--customers", type=int, default=Size.customers, help="of the large tenant")
        parser.add_argument("--others", type=int, default=Size.customers_of_others, help="customers of the 199 others")
        parser.add_argument("--import-rows", type=int, default=1_000_000)
        parser.add_argument(
            "--plans", metavar="PATH", action="append", help="only show the plans of this address' page"
        )
        parser.add_argument("--as", metavar="EMAIL", default=ADMIN, dest="email", help="who asks for --plans")

    def handle(self, *args: Any, only: list[str] | None, **options: Any) -> None:
        # Before this command has added its own.
        waiting = os.getloadavg()[1]
        call_command("migrate", interactive=False, verbosity=0)
        size = Size(customers=options["customers"], customers_of_others=options["others"])
        build(size, self.say, BASE if only and set(only) <= set(PARTS) else None)
        if options["plans"]:
            for path in options["plans"]:
                self.show_plans(path, options["email"])
            return
        call_command("collectstatic", interactive=False, verbosity=0)
        results: report.Results = {}
        with translation.override("en"):
            for part in [*PARTS, *measures()]:
                if only is None or part in only:
                    results = report.keep(self.measure(part, options["import_rows"]), waiting)
        self.say(f"written: {report.write(results).relative_to(Path.cwd())}")

    def measure(self, part: str, import_rows: int) -> report.Results:
        self.say(f"— {part}")
        if part == "import":
            return run.import_file(import_rows, self.say)
        if part == "export":
            return run.export_file(self.say)
        with site(self.say) as running:
            if part in PARTS:
                return run.one_client(running) if part == "pages" else run.eight_clients(running)
            return run.of_app(part, measures()[part], running)

    def show_plans(self, path: str, email: str) -> None:
        tenant = Tenant.objects.get(slug=LARGE)
        member = Membership.objects.filter(tenant=tenant, user__email=email).first()
        if member is None:
            raise CommandError(f"{email} is not a member of {tenant}.")
        for plan in plans.explain(plans.statements_of(path, email), tenant, member.user_id):
            self.say(f"{plan}\n")

    def say(self, text: str) -> None:
        self.stdout.write(text)
        self.stdout.flush()
