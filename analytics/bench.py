"""Measures for `make bench`: the dashboard, the analysis of customers and how long it takes, and the first page of
whoever looks at figures."""

from __future__ import annotations

import time
from collections.abc import Iterable

from django.db import transaction

from crm.bench.data import LARGE
from crm.bench.registry import Figure, Section, measure
from crm.bench.samples import query
from crm.bench.site import HOME, OWN, Site, member
from crm.tenancy.context import use_tenant

from .models import CustomerRfm, RfmSummary
from .operations.rfm import compute_rfm
from .reports.bench import monthly_report

RFM_LIMIT = 60
MANAGER, ANALYST = f"sales-manager@{LARGE}.example", f"analyst@{LARGE}.example"


@measure("analytics")
def bench_analytics(site: Site) -> Iterable[Section]:
    dashboard, customers = f"{HOME}analytics/dashboards/", f"{HOME}analytics/customers/"
    everything, team, figures = site.browser(), site.browser(MANAGER), site.browser(ANALYST)
    pages = [
        ("dashboard, twelve months", everything, [dashboard]),
        ("dashboard, two years", everything, [query(dashboard, months="24")]),
        ("dashboard, three months, tickets by the week", everything, [query(dashboard, months="3")]),
        ("dashboard of a sales manager (scope team)", team, [dashboard]),
        ("home of an analyst", figures, [HOME]),
        ("customer analysis", everything, [customers]),
        ("customer analysis of a segment", everything, [query(customers, segment="champions")]),
        ("customer analysis by last purchase", everything, [query(customers, sort="-last_on")]),
        ("customer analysis of a representative (scope own)", site.browser(OWN), [customers]),
    ]
    # First, so that the analysis is there to be looked at.
    rfm = _rfm(site)
    yield Section(
        "Analytics",
        pages=[site.timed(browser, label, paths) for label, browser, paths in pages],
        figures=[rfm, monthly_report(site)],
    )


def _rfm(site: Site) -> Figure:
    """The whole tenant, from nothing: a later run writes only what has changed, and takes a third of it."""
    asking = member()
    with use_tenant(asking.tenant), transaction.atomic():
        for model in (CustomerRfm, RfmSummary):
            model.objects.all()._raw_delete("default")
    with use_tenant(asking.tenant), transaction.atomic():
        began = time.perf_counter()
        run = compute_rfm(tenant=asking.tenant)
    seconds = time.perf_counter() - began
    site.say(f"RFM: {seconds:.1f} s")
    figure = f"{seconds:.1f} s for {run.purchase_count:,} purchases of {run.customer_count:,} customers"
    return Figure("RFM of the whole tenant", figure, f"≤ {RFM_LIMIT} s", seconds > RFM_LIMIT)
