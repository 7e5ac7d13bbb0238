"""The rows that were not imported, or not wholly, as a file to correct and upload again.

It has all columns of the file, then the reason.
"""

from __future__ import annotations

import csv
from itertools import groupby
from pathlib import Path

from django.utils.translation import gettext as _

from crm.exports.files import neutral
from crm.i18n.labels import labelled

from .models import Import, RowError
from .reader import Source


def write_errors(run: Import, source: Source, path: Path) -> int:
    """Returns the number of rows. Inside a transaction: the errors come through a server-side cursor."""
    labels = {one.name: str(one.label) for one in run.declaration.fields}
    errors = run.row_errors.order_by("row_no", "id").iterator(chunk_size=5_000)
    reasons = ((row_no, _reasons(some, labels)) for row_no, some in groupby(errors, key=lambda error: error.row_no))
    wanted = next(reasons, None)
    count = 0
    with path.open("w", encoding="utf-8-sig", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow([*map(neutral, source.columns), _("Line"), _("What is wrong")])
        for row_no, cells in source.rows():
            if wanted is None:
                break
            if row_no == wanted[0]:
                writer.writerow([*map(neutral, cells[: len(source.columns)]), row_no, wanted[1]])
                wanted = next(reasons, None)
                count += 1
    return count


def _reasons(errors: object, labels: dict[str, str]) -> str:
    return " ".join(reason(error, labels) for error in errors)  # type: ignore[attr-defined]


def reason(error: RowError, labels: dict[str, str]) -> str:
    """ "E-mail: This is not an e-mail address, such as name@example.com."""
    words = str(error.get_code_display())
    said = labelled(labels.get(error.field, error.field), words) if error.field else words
    return _("Imported without it. %(reason)s") % {"reason": said} if error.row_came_in else said
