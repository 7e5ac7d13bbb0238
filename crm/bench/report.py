"""docs/benchmarks.md, written from the kept results, so that parts may be measured anew on their own."""

from __future__ import annotations

import json
import platform
import subprocess
from collections.abc import Iterable, Sequence
from datetime import date
from importlib.metadata import version
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection

from crm.embedded.tuning import GB, Machine

Results = dict[str, Any]
_SERVER_SETTINGS = ("shared_buffers", "fsync", "synchronous_commit", "full_page_writes", "random_page_cost", "jit")


def keep(new: Results, waiting: float) -> Results:
    """Add new results to those kept from earlier runs; return all. `waiting` is the load before it began."""
    path = Path(settings.DATA_DIR) / "results.json"
    known: Results = json.loads(path.read_text()) if path.exists() else {}
    known |= new | {"machine": [*describe_machine(), _say_load(waiting)]}
    path.write_text(json.dumps(known, ensure_ascii=False, indent=1))
    return known


def describe_machine() -> list[str]:
    machine = Machine.this()
    with connection.cursor() as cursor:
        cursor.execute("SHOW server_version")
        (postgres,) = cursor.fetchone()
        cursor.execute(
            "SELECT name || '=' || current_setting(name) FROM unnest(%s::text[]) AS name", [list(_SERVER_SETTINGS)]
        )
        server_settings = ", ".join(setting for (setting,) in cursor.fetchall())
    return [
        f"{_processor()}, {machine.cores} cores, {machine.memory / GB:.0f} GB, {platform.system()} "
        f"{platform.release()}; clients, web server and database share it",
        f"PostgreSQL {postgres} ({server_settings}), row-level security on",
        f"Python {platform.python_version()}, Django {version('django')}, granian {version('granian')}: "
        "2 processes of 4 threads, DEBUG off",
        f"measured on {date.today().isoformat()} at commit {_commit()}",
    ]


def _say_load(waiting: float) -> str:
    busy = "; **the machine was busy with other work, so times are too long**" if waiting > 1 else ""
    return f"load average of the five minutes before: {waiting:.1f}{busy}"


def _processor() -> str:
    lines = Path("/proc/cpuinfo").read_text().splitlines() if Path("/proc/cpuinfo").exists() else []
    models = (line.partition(": ")[2] for line in lines if line.startswith("model name"))
    return next(models, platform.machine())


def _commit() -> str:
    git = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"],  # noqa: S607  # wherever git is
        cwd=settings.BASE_DIR,
        capture_output=True,
        text=True,
        check=False,
    )
    return git.stdout.strip() or "unknown"


def write(results: Results) -> Path:
    path = Path(settings.BASE_DIR) / "docs" / "benchmarks.md"
    path.write_text("\n".join(_document(results)) + "\n", encoding="utf-8")
    return path


def _document(results: Results) -> Iterable[str]:
    yield "# Benchmarks\n"
    yield (
        "Written by `make bench`; do not edit. One tenant of 1,000,000 customers among 200 tenants with 1,500,000;\n"
        "it has as many deals and tickets, and 5,000,000 lines of purchases. Whole requests over HTTP through the\n"
        "real server, session and row-level security included.\n"
    )
    yield from (f"* {line}" for line in results["machine"])
    yield ""
    if "pages" in results:
        yield from _timed("One client: pages", results["pages"])
        yield from _ratio(results["pages"])
        yield from _timed("One client: search page, a member who sees everything", results["searches"])
        yield from _timed("The same for a representative who sees 400,000 of the million", results["own"])
        if "rest" in results:
            yield from _timed("What follows on the search page by itself: the kinds of the other apps", results["rest"])
        yield from _timed("One client: the list of customers narrowed by the search box", results["lists"])
    if "load" in results:
        yield from _load(results["load"])
    if "import" in results or "export" in results:
        yield from _files(results)
    for name, sections in results.items():
        if name.startswith("app "):
            for section in sections:
                yield from _section(section)


def _section(section: dict[str, Any]) -> Iterable[str]:
    if section["pages"]:
        yield from _timed(section["title"], section["pages"], section["limit"])
    else:
        yield f"## {section['title']}\n"
    if section["figures"]:
        yield "| work | measured | target |"
        yield "| --- | ---: | ---: |"
        for row in section["figures"]:
            mark = " **missed**" if row["is_missed"] else ""
            yield f"| {row['work']} | {row['figure']}{mark} | {row['target']} |"
        yield ""


def _timed(title: str, rows: Sequence[dict[str, Any]], limit: int = 60) -> Iterable[str]:
    yield f"## {title}\n"
    yield (
        f"Target: p95 at most {limit} ms, at most 12 statements. "
        "CPU is of the web server + the database, per request.\n"
    )
    yield "| request | p50 ms | p95 ms | statements | CPU ms | errors |"
    yield "| --- | ---: | ---: | ---: | ---: | ---: |"
    for row in rows:
        statements = row["statements"] if row["statements"] >= 0 else "–"
        mark = " **over**" if row["p95"] > limit or row["statements"] > 12 else ""
        times = f"{row['p50']:.1f} | {row['p95']:.1f}{mark}"
        yield f"| {row['label']} | {times} | {statements} | {row['cpu']} | {row['errors']} |"
    yield ""


def _ratio(rows: Sequence[dict[str, Any]]) -> Iterable[str]:
    view, page = rows[0], rows[1]
    yield (
        f"An empty page of a tenant takes {page['p50'] / view['p50']:.1f} times an empty view on the same server "
        "(target: at most 3).\n"
    )


_LOAD_TARGETS = (100, 40, 60)


def _load(rows: Sequence[dict[str, Any]]) -> Iterable[str]:
    yield "## Eight clients at once\n"
    yield "| work | per second | target | p50 ms | p95 ms | CPU ms | errors |"
    yield "| --- | ---: | ---: | ---: | ---: | ---: | ---: |"
    for row, target in zip(rows, _LOAD_TARGETS, strict=True):
        yield (
            f"| {row['label']} | {row['per_second']:.0f} | {target} | {row['p50']:.0f} | {row['p95']:.0f} "
            f"| {row['cpu']} | {row['errors']} |"
        )
    yield ""


def _files(results: Results) -> Iterable[str]:
    yield "## Files\n"
    yield "| work | rows | rows/s | target | seconds | peak memory MB |"
    yield "| --- | ---: | ---: | ---: | ---: | ---: |"
    for row in results.get("import", []):
        yield _file("import of a CSV file, with search and matching by telephone", row, "5,500, ≤ 400 MB")
    for row in results.get("export", []):
        yield _file(f"export as {row['format'].upper()}", row, "50,000" if row["format"] == "csv" else "–")
    yield ""


def _file(label: str, row: dict[str, Any], target: str) -> str:
    return (
        f"| {label} | {row['rows']:,} | {row['rows_per_second']:,} | {target} | {row['seconds']} "
        f"| {row['peak_memory_mb']} |"
    )
