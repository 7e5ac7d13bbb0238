"""What is computed every night, computed now. Prints one JSON object."""

from __future__ import annotations

import json
import time
from argparse import ArgumentParser, ArgumentTypeError
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import translation

from crm.jobs import run_job, start_job
from crm.jobs.choices import JobState
from crm.pages.days import check_day
from crm.tenancy.commands import named_tenant
from crm.tenancy.context import use_tenant
from crm.tenancy.models import Tenant

from ...models import AnalyticsRun, RfmSummary
from ...operations.rfm import RFM

ALL = "all"
# {what the command calls it: the kind of job}
KINDS = {AnalyticsRun.RFM: RFM}


class Command(BaseCommand):
    help = "Compute what customers' records do not say by themselves. Prints one JSON object."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("job", metavar="JOB", choices=[*KINDS, ALL], help=", ".join([*KINDS, ALL]))
        parser.add_argument("--tenant", required=True, metavar="SLUG")
        parser.add_argument(
            "--as-of", type=_day, metavar="YYYY-MM-DD", help="the day that counts as today; what came later is left out"
        )

    def handle(self, *args: Any, job: str, tenant: str, as_of: date | None, **options: Any) -> None:
        found = named_tenant(tenant)
        said: dict[str, Any] = {"tenant": tenant, "job": job}
        started = time.perf_counter()
        with translation.override(found.language), use_tenant(found):
            for name in KINDS if job == ALL else [job]:
                said[name] = self._compute(found, name, as_of)
        said["seconds"] = round(time.perf_counter() - started, 2)
        self.stdout.write(json.dumps(said, ensure_ascii=False))

    def _compute(self, tenant: Tenant, name: str, as_of: date | None) -> dict[str, Any]:
        """As a job, so that a worker finishes what this process cannot, should it be killed."""
        params = {"as_of": as_of.isoformat()} if as_of else {}
        with transaction.atomic():
            job = start_job(KINDS[name], tenant=tenant, params=params, wake=False)
        job = run_job(job)
        if job.state != JobState.SUCCEEDED:
            raise CommandError(job.error or job.error_detail or str(JobState(job.state).label))
        with transaction.atomic():
            return _figures(AnalyticsRun.objects.get(name=name))


def _figures(run: AnalyticsRun) -> dict[str, Any]:
    segments = RfmSummary.objects.all().by_segment()
    return {
        "as_of": run.as_of.isoformat() if run.as_of else None,
        "customers": run.customer_count,
        "purchases": run.purchase_count,
        "lines_in_other_currencies": run.foreign_count,
        "segments": {name: figures.customers for name, figures in sorted(segments.items())},
    }


def _day(text: str) -> date:
    day = date.fromisoformat(text)
    try:
        check_day(day)
    except ValidationError as error:
        raise ArgumentTypeError(error.messages[0]) from error
    return day
