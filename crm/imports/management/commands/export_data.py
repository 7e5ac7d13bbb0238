"""A list of a tenant as a file: CSV or XLSX, by the file's ending."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone, translation

from crm.errors import CrmError
from crm.exports.files import Format
from crm.exports.operations import export_to, listing_for
from crm.pages.registry import list_pages
from crm.tenancy.commands import administrator_of, named_member, named_tenant
from crm.tenancy.context import use_tenant


class Command(BaseCommand):
    help = "Write all records of a kind, with every column of its list, into a CSV or XLSX file."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--tenant", required=True, metavar="SLUG")
        parser.add_argument("--kind", required=True, metavar="KIND")
        parser.add_argument("--out", required=True, type=Path, metavar="FILE")
        parser.add_argument("--as", dest="email", metavar="EMAIL", help="with the rights of this member")
        parser.add_argument("--query", default="", help="filters and order as in the address of the list: stage=active")

    def handle(self, *args: Any, tenant: str, kind: str, out: Path, **options: Any) -> None:
        found = named_tenant(tenant)
        try:
            format = Format(out.suffix.lstrip(".").lower())
        except ValueError:
            raise CommandError("The file's ending must be .csv or .xlsx.") from None
        email = options["email"]
        membership = named_member(found, email) if email else administrator_of(found)
        columns = list(list_pages[kind].table.columns) if kind in list_pages else []
        zone = timezone.override(found.time_zone)
        with translation.override(found.language), zone, use_tenant(found, membership.user_id):
            try:
                rows = export_to(out, listing_for(membership, kind, options["query"], columns), format)
            except (CrmError, OSError) as error:
                raise CommandError(str(error)) from error
        self.stdout.write(f"{rows} rows written to {out}")
