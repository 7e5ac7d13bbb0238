from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from django.db import transaction
from django.http import QueryDict

from crm.accounts.models import User
from crm.audit.choices import Action
from crm.audit.trail import record
from crm.errors import CrmError, ExportNotAllowed, UnknownFormat, UnknownKind
from crm.jobs import start_job
from crm.jobs.models import Job
from crm.pages.listing import Listing
from crm.pages.registry import list_pages
from crm.tenancy.models import Membership, Tenant

from .files import Format
from .rows import export_rows
from .writing import write_file

# (rows done, rows in all)
Progress = Callable[[int, int], None]


def start_export(*, kind: str, query: str, columns: Sequence[str], format: str, tenant: Tenant, user: User) -> Job:
    """Queue a job that writes the list of `kind`, as the address's `query` filters and sorts it, into a file.

    Raises UnknownKind and UnknownFormat at once; what the person may export is judged when the job runs.
    """
    _page(kind)
    return start_job(
        "exports.build",
        tenant=tenant,
        user=user,
        params={"kind": kind, "query": query, "columns": list(columns), "format": _format(format).value},
    )


def listing_for(membership: Membership, kind: str, query: str = "", columns: Sequence[str] = ()) -> Listing:
    """The list as the page shows it to this member. Raises ExportNotAllowed, and what a bad filter raises."""
    page = _page(kind).for_member(membership)
    if not page.policy.allows(membership, "export"):
        raise ExportNotAllowed()
    listing = page.listing(QueryDict(query), list(columns))
    if listing.problems:
        raise CrmError(listing.problems[0])
    return listing


def export_to(path: Path, listing: Listing, format: Format, progress: Progress = lambda done, total: None) -> int:
    """Write the listing into a file and note it in the audit trail; returns the number of rows."""
    with transaction.atomic():
        total = listing.rows.count()
        heading = [column.label for column in listing.table.shown]
        progress(0, total)
        count = write_file(path, format, heading, export_rows(listing), lambda done: progress(done, total))
        record(Action.EXPORT, listing.page.model, rows=count, format=format.value)
    progress(count, count)
    return count


def _page(kind: str):
    if kind not in list_pages:
        raise UnknownKind(name=kind, kinds=", ".join(sorted(list_pages)))
    return list_pages[kind]


def _format(name: str) -> Format:
    try:
        return Format(name)
    except ValueError:
        raise UnknownFormat() from None
