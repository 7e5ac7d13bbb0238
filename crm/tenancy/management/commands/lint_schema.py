from __future__ import annotations

import json
import sys

from django.core.management.base import BaseCommand
from django.db import connection

from crm.tenancy.lints.catalogue_lint import lint_catalogue


class Command(BaseCommand):
    help = "Check the migrated database against the rules of docs/tenancy.md: keys, row-level security, references."

    def add_arguments(self, parser):
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args, **options):
        with connection.cursor() as cursor:
            report = lint_catalogue(cursor)
        if options["json"]:
            self.stdout.write(json.dumps(report.as_dict(), ensure_ascii=False, indent=2))
        else:
            self.stdout.write("\n".join(report.lines()))
        if report.violations:
            sys.exit(1)
