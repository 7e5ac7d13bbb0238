"""The import of the web page, from the command line. The last line printed is one JSON object."""

from __future__ import annotations

import json
import shutil
import tempfile
import time
from argparse import ArgumentParser
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import translation

from crm.errors import CrmError
from crm.imports import mapping, operations
from crm.imports.error_files import write_errors
from crm.imports.models import Import
from crm.imports.pipeline import Counts, counts_of, plan_of, run_import
from crm.imports.reader import ReadOptions, open_source
from crm.imports.registry import OnMatch
from crm.imports.text import ENCODINGS
from crm.jobs import run_job
from crm.jobs.choices import JobState
from crm.tenancy.commands import named_member, named_tenant
from crm.tenancy.context import use_tenant
from crm.tenancy.models import Membership, Tenant


@dataclass
class Result:
    counts: Counts
    seconds: float
    errors_file: str | None

    def as_json(self) -> str:
        counts = self.counts
        return json.dumps(
            {
                "rows": counts.rows,
                "created": counts.created,
                "updated": counts.updated,
                "skipped": counts.skipped,
                "failed": counts.failed,
                "seconds": round(self.seconds, 2),
                "rows_per_second": round(counts.rows / self.seconds) if self.seconds else 0,
                "errors_file": self.errors_file,
            },
            ensure_ascii=False,
        )


class Command(BaseCommand):
    help = "Import a CSV, TSV, XLSX, XLS or ODS file. Prints a JSON object as its last line."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE")
        parser.add_argument("--tenant", required=True, metavar="SLUG")
        parser.add_argument("--kind", required=True, metavar="KIND")
        parser.add_argument(
            "--map",
            action="append",
            default=[],
            metavar="COLUMN=FIELD",
            help="fill FIELD from the column with this heading or number, whatever is suggested; an empty FIELD leaves "
            "the column out",
        )
        parser.add_argument("--dry-run", action="store_true", help="do everything, then take it back")
        parser.add_argument(
            "--as", dest="email", metavar="EMAIL", help="with the rights of this member, who becomes owner"
        )
        parser.add_argument(
            "--match", default="", metavar="KEY", help="how known records are told: phone, email, name, …"
        )
        parser.add_argument("--on-match", choices=OnMatch.values, default=OnMatch.UPDATE.value)
        parser.add_argument("--encoding", default="", choices=("", *ENCODINGS))
        parser.add_argument("--delimiter", default="")
        parser.add_argument("--sheet", default="")
        parser.add_argument("--header-row", type=int, help="line of the heading; 0 when there is none")
        parser.add_argument("--month-first", action="store_true", help="03/04/2026 is the fourth of March")

    def handle(self, *args: Any, file: Path, tenant: str, **options: Any) -> None:
        found = named_tenant(tenant)
        if not file.is_file():
            raise CommandError(f"There is no file “{file}”.")
        try:
            with translation.override(found.language), use_tenant(found):
                membership = named_member(found, options["email"]) if options["email"] else None
                with use_tenant(found, membership.user if membership else None):
                    bring_in = self._try_out if options["dry_run"] else self._bring_in
                    result = bring_in(found, membership, file, options)
        except CrmError as error:
            raise CommandError(str(error)) from error
        if result.counts.noted:
            noted = f"{result.counts.noted:,} rows came in without a cell"
            self.stdout.write(f"{noted}; the errors file says which and why.")
        self.stdout.write(result.as_json())

    def _bring_in(self, tenant: Tenant, membership: Membership | None, file: Path, options: dict[str, Any]) -> Result:
        """As a job, so that a worker finishes what this process cannot, should it be killed."""
        started = time.perf_counter()
        with transaction.atomic():
            run = operations.begin_import(
                tenant=tenant,
                membership=membership,
                kind=options["kind"],
                source=file,
                name=file.name,
                reading=_reading(options),
            )
            _choose(run, membership, options)
            job = operations.start_import(run=run, membership=membership, wake=False)
        job = run_job(job)
        seconds = time.perf_counter() - started
        if job.state != JobState.SUCCEEDED:
            raise CommandError(job.error or job.error_detail or str(JobState(job.state).label))
        with transaction.atomic():
            counts = counts_of(Import.objects.get(pk=run.pk))
            kept = _errors_path(file) if job.result else None
            if kept is not None and job.result is not None:
                with job.result.open() as source, kept.open("wb") as target:
                    shutil.copyfileobj(source, target)
        return Result(counts, seconds, str(kept) if kept else None)

    def _try_out(self, tenant: Tenant, membership: Membership | None, file: Path, options: dict[str, Any]) -> Result:
        started = time.perf_counter()
        kind = operations.find_kind(options["kind"], membership)
        source = open_source(file, _reading(options))
        kept = None
        with transaction.atomic():
            run = tenant.imports.create(
                kind=kind.kind,
                file_name=file.name,
                columns=source.columns,
                reading=source.options.as_json(),
                mapping=mapping.suggest(kind.fields_for(membership), source.columns),
                user=membership.user if membership else None,
            )
            _choose(run, membership, options)
            run = Import.objects.select_related("tenant").get(pk=run.pk)
            plan_of(run, source.columns, membership)
            counts = run_import(run, membership=membership, path=file)
            if counts.failed or counts.noted:
                kept = _errors_path(file)
                write_errors(run, source, kept)
            transaction.set_rollback(True)
        return Result(counts, time.perf_counter() - started, str(kept) if kept else None)


def _reading(options: dict[str, Any]) -> ReadOptions:
    delimiter = options["delimiter"].replace("\\t", "\t")
    return ReadOptions(
        encoding=options["encoding"],
        delimiter=delimiter,
        sheet=options["sheet"],
        header_row=options["header_row"],
    )


def _choose(run: Import, membership: Membership | None, options: dict[str, Any]) -> None:
    columns = mapping.override_with(run.declaration, run.mapping, mapping.from_pairs(options["map"], run.columns))
    key = options["match"]
    if key and key not in {one.name for one in run.declaration.keys}:
        known = ", ".join(one.name for one in run.declaration.keys)
        raise CommandError(f"Records of this kind are not told by “{key}”. Known: {known}.")
    operations.choose(
        run=run,
        columns=columns,
        match_key=key,
        on_match=OnMatch(options["on_match"]),
        month_first=options["month_first"],
        own=membership is not None,
    )


def _errors_path(file: Path) -> Path:
    """Beside the file, or in a folder of its own where that cannot be written to."""
    beside = file.with_name(f"{file.stem}.errors.csv")
    try:
        beside.touch()
    except OSError:
        return Path(tempfile.mkdtemp(prefix="import-")) / beside.name
    return beside
