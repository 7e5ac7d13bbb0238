from __future__ import annotations

import tempfile
from pathlib import Path

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crm.jobs import JobContext, job

from .files import Format
from .operations import export_to, listing_for


@job("exports.build", title=_("Export"), time_limit=3600, max_attempts=3)
def build_export(ctx: JobContext, *, kind: str, query: str, columns: list[str], format: str) -> None:
    listing = listing_for(ctx.membership, kind, query, columns)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "export"
        export_to(path, listing, Format(format), ctx.progress)
        day = timezone.localdate().isoformat()
        ctx.attach_result(path, f"{listing.page.kinds_label}-{day}.{format}")
