"""Jobs for the fault tests; the worker under test loads this module. Each row is written twice over: a tag, whose name
is unique, and a customer, whose name is not. A step done twice would show as a fault or as a double."""

from __future__ import annotations

import os
import signal
import time

from django.db import transaction

from crm.jobs import JobContext, job


@job("tests.write_rows", title="Write rows", time_limit=60, backoff=1)
def write_rows(ctx: JobContext, *, rows: int, pause: float = 0.05) -> None:
    for row in range(ctx.checkpoint.get("next", 0), rows):
        name = f"row {row:03}"
        with transaction.atomic():
            ctx.tenant.tags.create(name=name)
            ctx.tenant.customers.create(name=name, name_sort=name)
            ctx.checkpoint["next"] = row + 1
            ctx.progress(row + 1, rows)
            ctx.save_checkpoint()
        time.sleep(pause)
        ctx.progress(row + 1, rows)


@job("tests.kill_worker", title="Kill the worker", max_attempts=2)
def kill_worker(ctx: JobContext) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


@job("tests.overstay", title="Take too long", time_limit=1)
def overstay(ctx: JobContext) -> None:
    time.sleep(30)


@job("tests.touch", title="Touch")
def touch(ctx: JobContext) -> None:
    with transaction.atomic():
        ctx.tenant.tags.create(name=f"job {ctx.job_id}")
        ctx.save_checkpoint()
