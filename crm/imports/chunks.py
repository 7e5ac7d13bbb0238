"""Rows of the file, made ready for the database in chunks, one chunk ahead of it.

The thread that reads and converts works while the server works on the chunk before; the server's work happens in
another process, so both cores are busy. No query is made here.
"""

from __future__ import annotations

import queue
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from .faults import Fault, Invalid
from .plan import Plan
from .reader import Source

VALUE_KEPT = 500  # characters of a refused cell that are shown again
_NEEDS_ESCAPE = re.compile(r"[\\\t\n\r]")
_ESCAPES = {"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"}


@dataclass
class Chunk:
    """`payload` is what COPY reads, one line per row: row_no, then the staged columns; an empty value is NULL."""

    rows: int = 0
    first_row: int = 0
    last_row: int = 0
    payload: bytes = b""
    faults: list[tuple[int, str, str, str]] = field(default_factory=list)  # row_no, field, code, value
    notes: list[tuple[int, str, str, str]] = field(default_factory=list)  # the same, of cells that are left out


def chunks(source: Source, plan: Plan, *, after_row: int = 0, size: int) -> Iterator[Chunk]:
    cells_of_row = [(cell.position, cell.name, cell.convert, cell.forgiving) for cell in plan.cells]
    made = [(one.positions, one.compute) for one in plan.made]
    words = plan.kind.search.words if plan.with_words and plan.kind.search else None
    word_positions, tenant_id, width = plan.word_positions, plan.tenant_id, plan.width
    tabs = len(plan.staged)

    chunk = Chunk()
    lines: list[str] = []
    for row_no, cells in source.rows():
        if row_no <= after_row:
            continue
        if chunk.rows == size:
            chunk.payload = "".join(lines).encode()
            yield chunk
            chunk, lines = Chunk(), []
        if not chunk.rows:
            chunk.first_row = row_no
        chunk.rows += 1
        chunk.last_row = row_no
        if len(cells) > width:
            chunk.faults.append((row_no, "", Fault.TOO_MANY_CELLS, " | ".join(cells[width:])[:VALUE_KEPT]))
            continue
        values = []
        good = True
        for position, name, convert, forgiving in cells_of_row:
            cell = cells[position]
            if cell:
                try:
                    values.append(convert(cell))
                except Invalid as error:
                    (chunk.notes if forgiving else chunk.faults).append((row_no, name, error.code, cell[:VALUE_KEPT]))
                    values.append("")
                    good = good and forgiving
            else:
                values.append("")
        if not good:
            continue
        given = values
        values = [str(row_no), *given]
        for positions, compute in made:
            sources = [given[position] for position in positions]
            values.append(compute(*sources) if all(sources) else "")
        if words:
            values.append(words(tenant_id, *[given[position] for position in word_positions]))
        line = "\t".join(values)
        if line.count("\t") != tabs or "\\" in line or "\n" in line or "\r" in line:
            line = "\t".join([_NEEDS_ESCAPE.sub(lambda match: _ESCAPES[match[0]], value) for value in values])
        lines.append(line + "\n")
    if chunk.rows:
        chunk.payload = "".join(lines).encode()
        yield chunk


@contextmanager
def read_ahead(produced: Iterator[Chunk]) -> Iterator[Iterator[Chunk]]:
    """The same chunks, made by a thread that stays one ahead. Leaving the block stops it."""
    ready: queue.Queue[Chunk | BaseException | None] = queue.Queue(maxsize=1)
    stop = threading.Event()

    def offer(item: Chunk | BaseException | None) -> bool:
        while not stop.is_set():
            try:
                ready.put(item, timeout=0.2)
            except queue.Full:
                continue
            return True
        return False

    def work() -> None:
        try:
            for chunk in produced:
                if not offer(chunk):
                    return
            offer(None)
        except BaseException as error:  # handed over: it is raised where the chunks are used
            offer(error)

    def receive() -> Iterator[Chunk]:
        while (item := ready.get()) is not None:
            if isinstance(item, BaseException):
                raise item
            yield item

    thread = threading.Thread(target=work, name="import reader", daemon=True)
    thread.start()
    try:
        yield receive()
    finally:
        stop.set()
        thread.join(timeout=30)
