"""The parts of the benchmark. Each returns rows for the table of docs/benchmarks.md."""

from __future__ import annotations

import tempfile
import time
from dataclasses import asdict
from pathlib import Path
from random import Random
from typing import Any

from crm.demo.bulk import settle
from crm.exports.files import Format
from crm.exports.operations import export_to, listing_for
from crm.imports.bench import PeakMemory, bench_import
from crm.imports.models import Import
from crm.imports.registry import import_kinds
from crm.tenancy.context import tenant_atomic, use_tenant
from crm.tenancy.models import Tenant
from crm.tenancy.operations import create_tenant

from .browser import Answer, Browser, filled
from .data import LARGE
from .measure import CLIENTS, load
from .registry import Measure
from .samples import PAGES, Search, Seen, next_page, query, searches, walk
from .site import HOME, OWN, Say, Site, member

Rows = list[dict[str, Any]]


def one_client(site: Site) -> dict[str, Rows]:
    """Whole requests of one client: the pages, and every sort of search."""
    browser, random = site.browser(), Random(7)  # noqa: S311  # the same choice each time
    seen = _look_around(site, browser, PAGES)
    own = site.browser(OWN)
    details = [f"{HOME}customers/{number}/" for number in random.sample(seen.ids, 60)]
    pages = [
        ("empty view", browser, ["/bench/empty/"]),
        ("empty page of a tenant: session, membership, transaction", browser, [f"{HOME}bench/empty/"]),
        ("home", browser, [HOME]),
        ("list, 50 rows", browser, [f"{HOME}customers/"]),
        ("list of a representative (scope own)", own, [f"{HOME}customers/"]),
        ("list filtered by stage and level", browser, [query(f"{HOME}customers/", stage="active", level="a")]),
        ("list filtered by owner and stage", browser, [query(f"{HOME}customers/", owner="me", stage="engaged")]),
        ("list sorted by name", browser, [query(f"{HOME}customers/", sort="name")]),
        (f"page after {PAGES:,} pages", browser, [seen.last]),
        ("detail with timeline", browser, details),
        ("form of a new customer", browser, [f"{HOME}customers/new/"]),
    ]
    rows = [asdict(site.timed(one, label, paths)) for label, one, paths in pages]
    sorts = searches(seen, random)
    return {
        "pages": rows,
        "searches": [asdict(site.timed(browser, sort.label, _search_paths(sort, "search/"))) for sort in sorts],
        "own": [asdict(site.timed(own, sort.label, _search_paths(sort, "search/"))) for sort in sorts],
        "rest": [
            asdict(site.timed(browser, sort.label, _search_paths(sort, "search/", part="rest"))) for sort in sorts
        ],
        "lists": [asdict(site.timed(browser, sort.label, _search_paths(sort, "customers/"))) for sort in sorts],
    }


def _look_around(site: Site, browser: Browser, pages: int) -> Seen:
    seen = walk(browser, f"{HOME}customers/", pages, site.say)
    for number in seen.ids[:: max(1, len(seen.ids) // 200)]:
        seen.note_reach(browser.get(f"{HOME}customers/{number}/").text)
    return seen


def _search_paths(sort: Search, page: str, **more: str) -> list[str]:
    return [query(HOME + page, q=text, **more) for text in sort.texts]


def eight_clients(site: Site) -> dict[str, Rows]:
    browsers = [site.browser() for _ in range(CLIENTS)]
    seen = _look_around(site, browsers[0], PAGES // 10)
    random = Random(8)  # noqa: S311  # the same choice each time
    texts = [text for sort in searches(seen, random) for text in sort.texts]
    random.shuffle(texts)
    # Each browser begins somewhere else in the list and goes on from there.
    here = [f"{HOME}customers/" for _ in browsers]

    def list_page(browser: Browser, number: int) -> Answer:
        place = number % CLIENTS
        answer = browser.get(here[place])
        here[place] = next_page(f"{HOME}customers/", answer.text) or f"{HOME}customers/"
        return answer

    def find(browser: Browser, number: int) -> Answer:
        return browser.get(query(f"{HOME}search/", q=texts[number % len(texts)]))

    forms = [filled(browser.get(f"{HOME}customers/new/").text) for browser in browsers]

    def create(browser: Browser, number: int) -> Answer:
        fields = forms[number % CLIENTS] | {"name": f"新客户{number}贸易有限公司", "phone": f"139{number:08d}"}
        return browser.post(f"{HOME}customers/new/", fields)

    works = [
        load(site.pid, "list pages, 50 rows each", browsers, list_page),
        load(site.pid, "searches, all sorts mixed", browsers, find),
        load(site.pid, "customers created", browsers, create, good=302),
    ]
    for row in works:
        site.say(f"{row.label}: {row.per_second:.0f}/s, p95 {row.p95:.0f} ms, {row.errors} errors")
    return {"load": [asdict(row) for row in works]}


def import_file(rows: int, say: Say) -> dict[str, Rows]:
    """A file of so many customers into a tenant that is empty before and after."""
    slug = f"{LARGE}-import"
    tenant = Tenant.objects.filter(slug=slug).first() or create_tenant(slug=slug, name=slug)
    try:
        result = bench_import(tenant, rows)
    finally:
        _empty(tenant)
    say(f"import: {result['rows_per_second']} rows/s, {result['peak_memory_mb']} MB")
    return {"import": [result]}


def _empty(tenant: Tenant) -> None:
    model = import_kinds["customers"].model
    with tenant_atomic(tenant):
        model._default_manager.all()._raw_delete("default")
        Import.objects.all().delete()
    settle(model)


def export_file(say: Say) -> dict[str, Rows]:
    asking = member()
    found = []
    with tempfile.TemporaryDirectory() as folder, use_tenant(asking.tenant, asking.user):
        for format in (Format.CSV, Format.XLSX):
            started = time.perf_counter()
            memory = PeakMemory()
            with memory:
                rows = export_to(Path(folder) / "export", listing_for(asking, "customers"), format)
            seconds = time.perf_counter() - started
            found.append(
                {
                    "format": format.value,
                    "rows": rows,
                    "seconds": round(seconds, 1),
                    "rows_per_second": round(rows / seconds),
                    "peak_memory_mb": memory.peak_mb,
                }
            )
            say(f"export {format.value}: {rows / seconds:,.0f} rows/s, {memory.peak_mb} MB")
    return {"export": found}


def of_app(app: str, measure: Measure, site: Site) -> dict[str, Rows]:
    """What an app measures of itself."""
    return {f"app {app}": [asdict(section) for section in measure(site)]}
