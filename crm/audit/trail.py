"""What the product says to the trail, and asks of it. Changes of rows need nothing: the database sees them."""

from __future__ import annotations

import json
from typing import Any

from django.db import connection
from django.db.models import Model

from .choices import BY_THE_DATABASE, Action
from .models import AuditEntry
from .querysets import AuditEntryQuerySet


def record(action: Action, about: Model | type[Model] | None = None, *, rows: int = 1, **detail: Any) -> None:
    """Write what no changed row shows, in the tenant and transaction at hand: a sign-in, an export of so many rows.

    `detail` is shown to administrators as it is: numbers and short words, no personal data.
    """
    if action in BY_THE_DATABASE:
        raise ValueError(f"{action} is written by the database alone.")
    kind = about._meta.label_lower if about is not None else ""
    object_id = about.pk if isinstance(about, Model) else None
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT audit_event(%s, %s, %s, %s, %s)",
            [str(action), kind, object_id, rows, json.dumps(detail, ensure_ascii=False)],
        )


def history(obj: Model, limit: int = 50) -> AuditEntryQuerySet:
    """The latest entries about one record, newest first. Whoever may see the record may see them."""
    return AuditEntry.objects.about(obj).for_list()[:limit]
