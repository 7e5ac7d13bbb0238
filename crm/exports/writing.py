"""Rows into a file that a spreadsheet opens: streaming, with nothing in it that could start a formula."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from crm.pages.columns import Cell

from .csv_files import write_csv
from .files import Format
from .sheets import write_xlsx


def write_file(
    path: Path,
    format: Format,
    heading: Sequence[object],
    rows: Iterable[Sequence[Cell]],
    progress: Callable[[int], None] = lambda done: None,
) -> int:
    """Write the file; returns the number of rows. `progress` is told now and then."""
    write = write_csv if format == Format.CSV else write_xlsx
    return write(path, [str(title) for title in heading], rows, progress)
