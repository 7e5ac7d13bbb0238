"""Measures for `make bench`: counting segments, making a list of recipients, and sending to a sink."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from random import Random
from statistics import quantiles
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.crypto import get_random_string

from crm.bench.registry import Figure, Section, measure
from crm.bench.site import HOME, Site, member
from crm.jobs.models import Job
from crm.segmentable import Conditions, read_conditions
from crm.tenancy.context import use_tenant
from crm.tenancy.models import Membership
from customers.models import Customer, Tag

from .counting import reach_of
from .models import Campaign, EmailTemplate, Segment, Send
from .models.segments import fitting
from .operations import schedule_campaign
from .snapshot import begin_sending

SHUTDOWN_SECONDS = 20
COUNT_LIMIT = 80
PAGES = {"list of campaigns": "campaigns", "list of segments": "segments", "list of templates": "templates"}
MAILS_PER_SECOND = 200


@measure("marketing")
def bench_marketing(site: Site) -> Iterable[Section]:
    browser = site.browser()
    pages = [(name, [f"{HOME}marketing/{path}/"]) for name, path in PAGES.items()]
    timed = [site.timed(browser, label, paths) for label, paths in pages]
    asking = member()
    counts, recipients, campaign = bench_segments(asking), bench_recipients(asking), bench_campaign(asking)
    for row in (counts, recipients, campaign):
        site.say(", ".join(f"{key} {value}" for key, value in row.items()))
    yield Section(
        "Marketing", pages=timed, figures=[_of_counts(counts), _of_recipients(recipients), _of_mails(campaign)]
    )


def _of_counts(row: dict[str, Any]) -> Figure:
    figure = f"p50 {row['p50_ms']} ms, p95 {row['p95_ms']} ms, {row['estimated']} of {row['counts']} estimated"
    return Figure(
        "count of a segment of three conditions", figure, f"p95 ≤ {COUNT_LIMIT} ms", row["p95_ms"] > COUNT_LIMIT
    )


def _of_recipients(row: dict[str, Any]) -> Figure:
    figure = f"{row['recipients']:,} in {row['seconds']} s, {row['rows_per_second']:,} a second"
    return Figure("list of a campaign's recipients", figure)


def _of_mails(row: dict[str, Any]) -> Figure:
    speed = row["mails_per_second"]
    figure = f"{speed:,} a second, {row['worker_cpu_ms_per_mail']} ms CPU each, {row['states']}"
    work = f"{row['mails']:,} mails of a campaign by {row['workers']} workers to a local sink"
    return Figure(work, figure, f"≥ {MAILS_PER_SECOND} a second", speed < MAILS_PER_SECOND)


def three_conditions(number: int, seed: int = 7) -> Iterator[Conditions]:
    """Choices as people make them: three of the traits, drawn by chance, joined by all or (each fifth) any."""
    random = Random(seed)  # noqa: S311  # no secret: the same choices each time
    cities = list(Customer.objects.order_by().values_list("city", flat=True)[:2_000])
    industries = list(Customer.objects.order_by().exclude(industry="").values_list("industry", flat=True)[:2_000])
    tags = list(Tag.objects.values_list("pk", flat=True))
    one_or_two = lambda values: random.sample(values, random.choice((1, 2)))
    draw = {
        "customers.stage": lambda: ("in", one_or_two(["prospect", "engaged", "active", "lapsed"])),
        "customers.level": lambda: (random.choice(("in", "not_in")), one_or_two(["a", "b", "c"])),
        "customers.kind": lambda: ("in", [random.choice(("company", "person"))]),
        "customers.source": lambda: ("in", random.sample(["website", "event", "referral", "phone"], 2)),
        "customers.city": lambda: ("is", random.choice(cities)),
        "customers.industry": lambda: ("is", random.choice(industries)),
        "customers.tag": lambda: (random.choice(("is", "is_not")), random.choice(tags)),
        "customers.last_contact": lambda: (random.choice(("within", "not_within")), random.choice((7, 30, 90, 365))),
        "customers.created": lambda: (random.choice(("within", "not_within")), random.choice((30, 90, 365))),
        "customers.email": lambda: ("filled", None),
        "customers.owner": lambda: ("empty", None),
    }
    for place in range(number):
        rules: list[dict[str, Any]] = []
        for trait in random.sample(sorted(draw), 3):
            operator, value = draw[trait]()
            rules.append({"trait": trait, "operator": operator} | ({} if value is None else {"value": value}))
        yield read_conditions({"match": "any" if place % 5 == 4 else "all", "rules": rules})


def bench_segments(member: Membership, number: int = 200) -> dict[str, Any]:
    """How long a count takes, told to a member of a tenant, and how many had to be estimated."""
    times, estimates = [], 0
    with use_tenant(member.tenant, member.user):
        with transaction.atomic():
            asked = list(three_conditions(number))
        for conditions in asked:
            with transaction.atomic():
                began = time.perf_counter()
                reach = reach_of(fitting(conditions, member))
                times.append((time.perf_counter() - began) * 1000)
                estimates += reach.is_estimate
    cuts = quantiles(times, n=100)
    return {
        "counts": number,
        "p50_ms": round(cuts[49], 1),
        "p95_ms": round(cuts[94], 1),
        "worst_ms": round(max(times), 1),
        "estimated": estimates,
    }


def bench_recipients(member: Membership) -> dict[str, Any]:
    """Make the list of recipients of everybody who can be written to, and take it back."""
    with use_tenant(member.tenant, member.user):
        campaign = _scheduled(member, {"match": "all", "rules": [{"trait": "customers.email", "operator": "filled"}]})
        began = time.perf_counter()
        with transaction.atomic():
            begun = begin_sending(campaign_id=campaign.pk, membership=member)
        seconds = time.perf_counter() - began
        assert begun is not None
        _remove(campaign)
    return {
        "recipients": begun.recipient_count,
        "seconds": round(seconds, 1),
        "rows_per_second": round(begun.recipient_count / seconds),
    }


def bench_campaign(member: Membership, mails: int = 10_000, workers: int = 2) -> dict[str, Any]:
    """Send so many mails by worker processes to a sink on this machine; from the first claim to the last answer."""
    with use_tenant(member.tenant, member.user):
        with transaction.atomic():
            # Some segment of about that size: the oldest customers with an address.
            reachable = Customer.objects.exclude(email="").order_by("created_at", "pk")
            last = reachable.values_list("created_at", flat=True)[mails - 1]
        day = timezone.localdate(last).isoformat()
        rules = [{"trait": "customers.created", "operator": "until", "value": day}]
        campaign = _scheduled(member, {"match": "all", "rules": rules})
        with transaction.atomic():
            begun = begin_sending(campaign_id=campaign.pk, membership=member)
        assert begun is not None
        with _sink() as url:
            seconds, cpu = _work(member, campaign, url, workers)
        with transaction.atomic():
            states = Send.objects.by_state(campaign.pk)
        _remove(campaign)
    return {
        "mails": begun.recipient_count,
        "states": states,
        "workers": workers,
        "seconds": round(seconds, 1),
        "mails_per_second": round(begun.recipient_count / seconds),
        "worker_cpu_ms_per_mail": round(cpu / begun.recipient_count * 1000, 2),
    }


def _scheduled(member: Membership, conditions: dict[str, Any]) -> Campaign:
    name = f"bench {get_random_string(8)}"
    with transaction.atomic():
        segment = Segment.objects.create(name=name, conditions=conditions)
        template = EmailTemplate.objects.create(
            name=name,
            language=member.tenant.language,
            subject="{{ customer.name }}",
            body='<p>Dear {{ customer.name }},</p><p>see <a href="https://www.example/offer">the offer</a>.</p>' * 5,
        )
        campaign = Campaign.objects.create(name=name, segment=segment, template=template)
        return schedule_campaign(campaign=campaign, membership=member)


def _remove(campaign: Campaign) -> None:
    with transaction.atomic():
        Job.objects.filter(params__campaign_id=campaign.pk).delete()
        Campaign.objects.filter(pk=campaign.pk)._raw_delete("default")
        Segment.objects.filter(name=campaign.name).delete()
        EmailTemplate.objects.filter(name=campaign.name).delete()


def _work(member: Membership, campaign: Campaign, url: str, workers: int) -> tuple[float, float]:
    """Have `workers` processes send; returns seconds and the processor seconds of all of them."""
    with transaction.atomic():
        jobs = list(Job.objects.unfinished().filter(kind="marketing.send", params__campaign_id=campaign.pk)[:workers])
    before = os.times()
    began = time.perf_counter()
    running = [_worker(member.tenant_id, job.pk, url) for job in jobs]
    for process in running:
        process.wait()
    after = os.times()
    cpu = after.children_user + after.children_system - before.children_user - before.children_system
    return time.perf_counter() - began, cpu


_PROGRAM = """
import django
django.setup()
from crm.jobs.runner import work_on
from crm.tenancy.context import use_tenant
from marketing import sending
sending.TURN_SECONDS = 3600
work_on({tenant}, {job}, early=True)
"""


def _worker(tenant_id: int, job_id: int, url: str) -> subprocess.Popen[bytes]:
    database = settings.DATABASES["default"]
    program = _PROGRAM.format(tenant=int(tenant_id), job=int(job_id))
    login = f"{database['USER']}:{database['PASSWORD']}"
    environment = os.environ | {
        "EMAIL_URL": url,
        "DJANGO_SETTINGS_MODULE": "crm.settings",
        "DATABASE_URL": f"postgres://{login}@{database['HOST']}:{database['PORT']}/{database['NAME']}",
    }
    # A fixed program of ours, with two numbers in it.
    return subprocess.Popen([sys.executable, "-c", program], env=environment, cwd=settings.BASE_DIR)  # noqa: S603


@contextmanager
def _sink() -> Iterator[str]:
    """A mail server that takes everything and keeps nothing. Installed with the embedded servers."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    address = f"127.0.0.1:{port}"
    command = [sys.executable, "-m", "aiosmtpd", "--nosetuid", "--listen", address, "--class", "aiosmtpd.handlers.Sink"]
    process = subprocess.Popen(command)  # noqa: S603  # a fixed command
    try:
        _wait_for(port)
        yield f"smtp://{address}"
    finally:
        process.terminate()
        process.wait(SHUTDOWN_SECONDS)


def _wait_for(port: int) -> None:
    deadline = time.monotonic() + SHUTDOWN_SECONDS
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)
        else:
            return
