"""What Prometheus reads. Labels are routes, kinds and outcomes: few, and never a tenant or a person.

Each process writes its numbers into a file of its own in METRICS_DIR; whoever answers /metrics adds them up. The folder
belongs to one run: `fresh_start` empties it before web server and workers start.
"""

from __future__ import annotations

import os
import platform
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest, multiprocess, values
from prometheus_client.core import GaugeMetricFamily, Metric

_FOLDER = "PROMETHEUS_MULTIPROC_DIR"


def _process_name() -> str:
    """A worker's child takes the file of the one before it, so that recycling children does not pile up files."""
    pool = sys.modules.get("billiard.process")
    index = getattr(pool.current_process(), "index", None) if pool else None
    place = f"{os.getppid()}-{index}" if index is not None else str(os.getpid())
    # Containers that share the folder have numbers of their own.
    return f"{platform.node()}-{place}"


def _use_folder(folder: Path) -> bool:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        return False
    os.environ.setdefault(_FOLDER, str(folder))
    return os.access(os.environ[_FOLDER], os.W_OK)


# Must come before the first metric is made. Where nothing can be written, each process knows only its own numbers.
if _use_folder(Path(settings.METRICS_DIR)):
    values.ValueClass = values.MultiProcessValue(process_identifier=_process_name)

REQUESTS = Histogram(
    "crm_request_seconds",
    "Time to the answer of a request.",
    ["route", "method", "status"],
    buckets=(0.005, 0.01, 0.02, 0.04, 0.06, 0.1, 0.2, 0.5, 1, 2, 5, 10),
)
STATEMENTS = Histogram(
    "crm_request_statements",
    "SQL statements of a request.",
    ["route"],
    buckets=(0, 2, 4, 6, 8, 10, 12, 16, 24, 48),
)
OUTAGES = Counter("crm_outages_total", "Requests refused because a server was gone.", ["server"])
TASKS = Histogram(
    "crm_task_seconds",
    "Time of a task in a worker.",
    ["task", "state"],
    buckets=(0.01, 0.05, 0.1, 0.5, 1, 5, 15, 60, 300, 1800, 3600),
)


class QueueCollector:
    """What waits now, asked when somebody looks."""

    def collect(self) -> Iterator[Metric]:
        from crm.jobs import broker, health

        waiting = broker.waiting()
        if waiting is not None:
            yield GaugeMetricFamily("crm_queue_messages", "Messages that no worker has taken yet.", value=waiting)
        unfinished = GaugeMetricFamily("crm_jobs_unfinished", "Jobs that wait or run.", labels=["kind"])
        for kind, count in health.unfinished_by_kind().items():
            unfinished.add_metric([kind], count)
        yield unfinished
        since = health.seconds_since_sweep()
        if since is not None:
            yield GaugeMetricFamily(
                "crm_jobs_sweep_age_seconds", "Since the sweeper last ended its round.", value=since
            )


def exposition() -> bytes:
    registry = CollectorRegistry()
    if values.ValueClass is not values.MutexValue:
        multiprocess.MultiProcessCollector(registry)
    else:
        for metric in (REQUESTS, STATEMENTS, OUTAGES, TASKS):
            registry.register(metric)
    registry.register(_Tolerant(QueueCollector()))
    return generate_latest(registry)


class _Tolerant:
    """While the database or Redis is gone, the numbers of the processes are still worth reading."""

    def __init__(self, collector: Any):
        self._collector = collector

    def collect(self) -> Iterator[Metric]:
        from crm.health.outage import is_outage

        try:
            yield from list(self._collector.collect())
        except Exception as error:
            if not is_outage(error):
                raise


def fresh_start() -> None:
    """Forget the numbers of processes that ran before. Only while neither web server nor worker runs."""
    folder = Path(os.environ.get(_FOLDER, settings.METRICS_DIR))
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True, exist_ok=True)
