"""The Celery application: `celery -A crm worker`, `celery -A crm beat`. Its settings are the CELERY_ ones of Django's.

Tasks are wake-ups and nightly work. Long work that a person waits for is a job (docs/jobs.md).
"""

from __future__ import annotations

import os
from typing import Any

from celery import Celery
from celery.contrib.django.task import DjangoTask
from celery.signals import task_prerun, worker_shutting_down
from django.db import InterfaceError, OperationalError, close_old_connections

from crm.jobs import drain

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "crm.settings")

app = Celery("crm")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


class TenantTask(DjangoTask):
    """A task inside one tenant and one transaction: `task.delay(tenant_id=…, …)`, with ids as its other arguments.

    It may run twice, so what it does must not mind. Faults that pass by themselves are repeated.
    """

    abstract = True
    max_retries = 5

    def __call__(self, *args: Any, tenant_id: int, user_id: int | None = None, **kwargs: Any) -> Any:
        from crm.tenancy.context import tenant_atomic

        try:
            with tenant_atomic(tenant_id, user_id):
                return super().__call__(*args, **kwargs)
        except (OperationalError, InterfaceError) as error:
            raise self.retry(exc=error, countdown=5 * 2**self.request.retries) from error


@task_prerun.connect
def forget_dead_connections(task: Any = None, **kwargs: Any) -> None:
    """Connections are kept from task to task, so each task asks whether they still answer, as each request does."""
    if not task.request.is_eager and not task.request.called_directly:
        close_old_connections()


@worker_shutting_down.connect
def drain_jobs(**kwargs: Any) -> None:
    drain.begin()
