"""Measures for `make bench`: board, deals, purchases, a move on the board, and the PDF of a quote."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass
from random import Random
from statistics import quantiles

from django.db import transaction

from crm.bench.browser import Browser
from crm.bench.registry import Figure, Section, measure
from crm.bench.samples import query
from crm.bench.site import HOME, OWN, Site, member
from crm.tenancy.context import use_tenant

from .models import Deal, Pipeline, Quote, Transaction
from .operations.sending import print_quote

MOVES = 120
MOVE_LIMIT = 50
QUOTES = 10


@measure("sales")
def bench_sales(site: Site) -> Iterable[Section]:
    browser, own = site.browser(), site.browser(OWN)
    numbers = _numbers()
    sales = f"{HOME}sales/"
    pages = [
        ("board", browser, [f"{sales}board/"]),
        ("board of a representative (scope own)", own, [f"{sales}board/"]),
        ("board of one person", browser, [query(f"{sales}board/", owner="me")]),
        ("list of deals", browser, [f"{sales}deals/"]),
        ("list of deals of a representative", own, [f"{sales}deals/"]),
        ("list of open deals by amount", browser, [query(f"{sales}deals/", status="open", sort="-amount")]),
        ("list of deals of a stage", browser, [query(f"{sales}deals/", stage=str(numbers.stage))]),
        ("deal", browser, [f"{sales}deals/{pk}/" for pk in numbers.deals]),
        (
            "customer with the cards of all apps",
            browser,
            [f"{HOME}customers/{pk}/?cards=1" for pk in numbers.customers],
        ),
        ("list of leads", browser, [f"{sales}leads/"]),
        ("list of quotes", browser, [f"{sales}quotes/"]),
        ("quote", browser, [f"{sales}quotes/{pk}/" for pk in numbers.quotes]),
        ("list of purchases", browser, [f"{sales}transactions/"]),
        ("list of products", browser, [f"{sales}products/"]),
    ]
    timed = [site.timed(one, label, paths) for label, one, paths in pages]
    yield Section("Sales", pages=timed, figures=[_moves(site, browser), _quotes(site)])


@dataclass(frozen=True)
class _Numbers:
    deals: list[int]
    customers: list[int]
    quotes: list[int]
    stage: int
    # Open deals of one pipeline, and the open stages they can go to.
    movable: list[int]
    stages: list[int]


def _numbers() -> _Numbers:
    asking = member()
    random = Random(9)  # noqa: S311  # the same choice each time
    with use_tenant(asking.tenant, asking.user), transaction.atomic():
        pipeline = Pipeline.objects.order_by("position")[:1].get()
        stages = list(pipeline.stages.filter(kind="open").order_by("position").values_list("pk", flat=True))
        newest = Deal.objects.filter(pipeline=pipeline, status="open").order_by("-pk")
        bought = list(Transaction.objects.order_by("-pk").values_list("customer_id", flat=True)[:2_000])
        some = lambda rows: random.sample(list(rows), min(60, len(rows)))
        return _Numbers(
            deals=some(Deal.objects.order_by("-pk").values_list("pk", flat=True)[:5_000]),
            customers=some(sorted(set(bought))),
            quotes=some(Quote.objects.order_by("-pk").values_list("pk", flat=True)[:2_000]),
            stage=stages[0],
            movable=list(newest.values_list("pk", flat=True)[:MOVES]),
            stages=stages,
        )


def _moves(site: Site, browser: Browser) -> Figure:
    """Cards go from stage to stage, each answer read in full."""
    numbers = _numbers()
    page = browser.get(f"{HOME}sales/board/").text
    token = page.partition('name="csrf-token" content="')[2].partition('"')[0]
    times = []
    refused = 0
    for place, pk in enumerate(numbers.movable):
        stage = numbers.stages[place % len(numbers.stages)]
        fields = {"stage": str(stage), "seen_in": "", "above": "", "csrfmiddlewaretoken": token}
        answer = browser.post(f"{HOME}sales/board/{pk}/move/", fields)
        refused += answer.status != 200
        times.append(answer.milliseconds)
    cuts = quantiles(times, n=100, method="inclusive")
    site.say(f"moves: p50 {cuts[49]:.1f} ms, p95 {cuts[94]:.1f} ms, {refused} refused")
    figure = f"p50 {cuts[49]:.1f} ms, p95 {cuts[94]:.1f} ms, {refused} refused"
    return Figure("a move on the board", figure, f"p95 ≤ {MOVE_LIMIT} ms", cuts[94] > MOVE_LIMIT or refused > 0)


def _quotes(site: Site) -> Figure:
    """The processor's time for a quote's PDF, after the first one, which reads the fonts."""
    asking = member()
    with use_tenant(asking.tenant, asking.user), transaction.atomic():
        quotes = list(Quote.objects.select_related("customer", "contact").order_by("-pk")[: QUOTES + 1])
        print_quote(quote=quotes.pop(), tenant=asking.tenant)
        began = time.process_time()
        sizes = [len(print_quote(quote=quote, tenant=asking.tenant)) for quote in quotes]
    seconds = (time.process_time() - began) / len(quotes)
    site.say(f"PDF of a quote: {seconds:.2f} s CPU")
    figure = f"{seconds:.2f} s CPU, {sum(sizes) / len(sizes) / 1024:.0f} KB"
    return Figure("PDF of a quote", figure, "≤ 1 s CPU", seconds > 1)
