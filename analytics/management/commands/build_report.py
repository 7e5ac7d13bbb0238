"""A report of a tenant as a file: what the page and a schedule make, from the command line."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone, translation

from crm.errors import CrmError
from crm.tenancy.commands import administrator_of, named_member, named_tenant
from crm.tenancy.context import use_tenant

from ...reports.choices import ReportFormat
from ...reports.registry import find_report
from ...reports.running import build_file


class Command(BaseCommand):
    help = "Build a report. With --as it says what that member may see, else what an administrator may."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--tenant", required=True, metavar="SLUG")
        parser.add_argument("--report", required=True, metavar="KEY")
        parser.add_argument("--format", required=True, choices=ReportFormat.values)
        parser.add_argument("--out", required=True, type=Path, metavar="FILE")
        parser.add_argument(
            "--param", action="append", default=[], metavar="k=v", help="what the report is asked for: month=2026-10"
        )
        parser.add_argument("--as", dest="email", metavar="EMAIL", help="with the rights of this member")
        parser.add_argument(
            "--language", choices=[code for code, _name in settings.LANGUAGES], help="default: the tenant's"
        )

    def handle(self, *args: Any, tenant: str, report: str, format: str, out: Path, **options: Any) -> None:
        found = named_tenant(tenant)
        email = options["email"]
        membership = named_member(found, email) if email else administrator_of(found)
        zone = timezone.override(found.time_zone)
        with (
            translation.override(options["language"] or found.language),
            zone,
            use_tenant(found, membership.user_id),
        ):
            try:
                document = build_file(
                    find_report(report), membership, _parameters(options["param"]), ReportFormat(format), out
                )
            except PermissionDenied:
                raise CommandError(f"{options['email']} may not ask for this report.") from None
            except (CrmError, OSError) as error:
                raise CommandError(str(error)) from error
        self.stdout.write(f"{document.title}, {document.subtitle}: written to {out}")


def _parameters(pairs: list[str]) -> dict[str, str]:
    parameters = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not equals or not name.strip():
            raise CommandError(f"“{pair}” is no parameter: write it like month=2026-10.")
        parameters[name.strip()] = value.strip()
    return parameters
