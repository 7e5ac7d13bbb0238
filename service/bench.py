"""Measures for `make bench`: queues, tickets and the search in them."""

from __future__ import annotations

from collections.abc import Iterable
from random import Random

from django.db import transaction

from crm.bench.registry import Section, measure
from crm.bench.samples import query
from crm.bench.site import HOME, Site, member
from crm.tenancy.context import use_tenant

from .choices.tickets import TicketStatus
from .filters.tickets import WORK
from .models import Queue, Ticket

TICKETS = f"{HOME}service/tickets/"
AGENT = "support@bench.example"


@measure("service")
def bench_service(site: Site) -> Iterable[Section]:
    browser, agent = site.browser(), site.browser(AGENT)
    queue, tickets, words = _known()
    pages = [
        ("all tickets", browser, [TICKETS]),
        ("tickets of an agent", agent, [TICKETS]),
        ("queue of a team", agent, [query(TICKETS, queue=str(queue))]),
        *((f"tickets to be done: {show}", agent, [query(TICKETS, show=show)]) for show, _label in WORK),
        (
            "open tickets of a queue by priority",
            agent,
            [query(TICKETS, queue=str(queue), status=str(TicketStatus.OPEN.value))],
        ),
        ("tickets whose target is missed", agent, [query(TICKETS, missed="yes")]),
        ("tickets of a word", agent, [query(TICKETS, q=word) for word in words]),
        ("ticket with its thread", agent, [f"{TICKETS}{pk}/" for pk in tickets]),
        ("form of a new ticket", agent, [f"{TICKETS}new/"]),
    ]
    yield Section("Service", pages=[site.timed(one, label, paths) for label, one, paths in pages])


def _known() -> tuple[int, list[int], list[str]]:
    """The largest queue, some of the newest tickets of it, and words of their subjects."""
    asking = member()
    random = Random(9)  # noqa: S311  # the same choice each time
    with use_tenant(asking.tenant, asking.user), transaction.atomic():
        newest = list(Ticket.objects.order_by("-pk").values_list("pk", "queue_id", "subject")[:2_000])
        queues = [queue for _pk, queue, _subject in newest]
        queue = max(Queue.objects.values_list("pk", flat=True), key=queues.count)
        chosen = random.sample([row for row in newest if row[1] == queue], 40)
    return queue, [pk for pk, _queue, _subject in chosen], sorted({subject[:4] for _pk, _queue, subject in chosen})
