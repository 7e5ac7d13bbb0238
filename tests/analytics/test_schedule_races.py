"""Two workers look for what is due at the same moment, with real connections."""

from __future__ import annotations

import threading
from datetime import UTC, datetime

from django.db import connection

from analytics.operations.schedules import run_due
from crm.access.roles import Role
from crm.jobs.models import Job
from crm.tenancy.context import tenant_atomic, use_tenant
from tests.factories import make_member, make_tenant
from tests.factories.schedules import make_schedule

MONDAY = datetime(2026, 3, 2, 8, tzinfo=UTC)


def test_of_two_who_look_one_runs_it(committed_db):
    tenant = make_tenant("acme")
    boss = make_member(tenant, "boss@acme.example", Role.ADMIN)
    with tenant_atomic(tenant):
        for _number in range(3):
            make_schedule(boss, due_at=MONDAY)
    together, counts, faults = threading.Barrier(2, timeout=30), [], []

    def look() -> None:
        try:
            together.wait()
            with use_tenant(tenant):
                counts.append(run_due(tenant=tenant, now=MONDAY))
        except BaseException as fault:
            faults.append(fault)
        finally:
            connection.close()

    threads = [threading.Thread(target=look) for _number in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)

    assert faults == []
    assert sum(counts) == 3
    with tenant_atomic(tenant):
        assert Job.objects.count() == 3
