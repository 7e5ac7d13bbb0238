"""Measures for `make bench`: the dashboard, and the first page of whoever looks at figures."""

from __future__ import annotations

from collections.abc import Iterable

from crm.bench.data import LARGE
from crm.bench.registry import Section, measure
from crm.bench.samples import query
from crm.bench.site import HOME, Site

MANAGER, ANALYST = f"sales-manager@{LARGE}.example", f"analyst@{LARGE}.example"


@measure("analytics")
def bench_analytics(site: Site) -> Iterable[Section]:
    dashboard = f"{HOME}analytics/dashboards/"
    everything, team, figures = site.browser(), site.browser(MANAGER), site.browser(ANALYST)
    pages = [
        ("dashboard, twelve months", everything, [dashboard]),
        ("dashboard, two years", everything, [query(dashboard, months="24")]),
        ("dashboard, three months, tickets by the week", everything, [query(dashboard, months="3")]),
        ("dashboard of a sales manager (scope team)", team, [dashboard]),
        ("home of an analyst", figures, [HOME]),
    ]
    yield Section("Analytics", pages=[site.timed(browser, label, paths) for label, browser, paths in pages])
