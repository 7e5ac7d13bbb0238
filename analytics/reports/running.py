"""A report becomes a file: at once, for a command, or as a job, for a page and a schedule."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from crm.audit.choices import Action
from crm.audit.trail import record
from crm.jobs import start_job
from crm.jobs.models import Job
from crm.tenancy.models import Membership

from .asking import Asked, Say, ask, build
from .choices import ReportFormat
from .content import Document
from .registry import Report
from .writing import write_report

MAKE_REPORT = "analytics.report"


def build_file(
    report: Report,
    membership: Membership,
    parameters: Mapping[str, Any],
    format: ReportFormat,
    path: Path,
    *,
    say: Say | None = None,
    now: datetime | None = None,
) -> Document:
    """Write the report for this member into a file, in the language that is on; returns what it says.

    Inside the tenant and outside a transaction. Raises PermissionDenied and the errors of `ask` and `write_report`.
    """
    options: dict[str, Any] = {"now": now} | ({"say": say} if say else {})
    with of_one_moment():
        asked = ask(report, membership, parameters, **options)
        document = build(asked)
        with timezone.override(asked.zone):
            rows = write_report(document, asked, format, path)
    if report.lists is not None:
        with transaction.atomic():
            record(Action.EXPORT, report.lists, rows=rows, format=format.value)
    return document


@contextmanager
def of_one_moment() -> Iterator[None]:
    """A transaction that sees the rows of one moment, so that the sums of a report agree while others go on working."""
    is_whole = not connection.in_atomic_block
    with transaction.atomic():
        if is_whole:
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        yield


def start_report(
    report: Report, membership: Membership, parameters: Mapping[str, str], format: ReportFormat, language: str
) -> Job:
    """Queue a job that makes it. Raises at once what would be refused later."""
    asked = ask(report, membership, parameters)
    return start_job(
        MAKE_REPORT,
        tenant=membership.tenant,
        user=membership.user,
        params={
            "report": report.key,
            "parameters": dict(parameters),
            "format": format.value,
            "language": language,
            "schedule_id": None,
        },
        title=title_of(asked),
    )


def title_of(asked: Asked) -> str:
    return " · ".join([str(asked.report), *asked.in_words()])


def file_name(document: Document, format: ReportFormat) -> str:
    # A slash would be read as a folder.
    return f"{document.title} {document.subtitle}.{format}".replace("/", "-")
