"""What is removed by itself once a night: drafts that nobody went on with, and the files of imports that are over.

What an import brought in, its errors and what undoing needs stay: only the file of the customer's goes.
"""

from __future__ import annotations

import logging
from datetime import timedelta

from django.conf import settings
from django.utils import timezone

from crm.errors import ImportIsRunning
from crm.files.operations import remove_file
from crm.tenancy.models import Tenant

from .models import Import
from .operations import discard

log = logging.getLogger(__name__)

# More would make one long transaction; the rest goes the next night.
MOST_AT_ONCE = 500


def clean_imports(*, tenant: Tenant) -> None:
    before = timezone.now() - timedelta(days=settings.IMPORT_KEEP_DAYS)
    old = tenant.imports.filter(created_at__lt=before, file__isnull=False).select_related("file", "job")
    removed = sum(_clean(run) for run in old.order_by("pk")[:MOST_AT_ONCE])
    if removed:
        log.info("Removed the files of %s old imports", removed)


def _clean(run: Import) -> bool:
    if run.is_draft:
        try:
            discard(run=run)
        except ImportIsRunning:
            # Somebody has come back to it this moment.
            return False
        return True
    if run.is_over and run.file is not None:
        remove_file(run.file)
        return True
    return False
