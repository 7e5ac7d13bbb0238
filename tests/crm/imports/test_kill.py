"""kill -9 in the middle of an import, and of undoing one: it goes on where it was, and doubles nothing."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from urllib.parse import quote

import pytest
from django.conf import settings
from django.db import connection, transaction

from crm.imports.models import Import, ImportRow
from crm.imports.operations import start_undo
from crm.jobs.choices import JobState
from crm.jobs.models import Job
from crm.tenancy.context import use_tenant
from customers.models import Customer, CustomerSearch
from tests.crm.jobs.harness import wait_for
from tests.factories import make_tenant

ROWS = 6_000
LEASE_SECONDS = 2


@pytest.fixture
def tenant(committed_db):
    return make_tenant("acme")


@pytest.fixture
def manage():
    """Run `manage.py` as an operator does, on the database of the tests; what is left running is ended."""
    started: list[subprocess.Popen] = []

    def manage(*arguments: str) -> subprocess.Popen:
        process = subprocess.Popen(
            [sys.executable, "manage.py", *arguments],
            cwd=settings.BASE_DIR,
            env=_environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        started.append(process)
        return process

    yield manage
    for process in started:
        process.kill()
        process.communicate()


def _environment() -> dict[str, str]:
    database = connection.settings_dict
    login = f"{quote(database['USER'])}:{quote(database['PASSWORD'], safe='')}"
    host = quote(database["HOST"], safe="")
    return os.environ | {
        "DATABASE_URL": f"postgres://{login}@{host}:{database['PORT']}/{database['NAME']}",
        "DATA_DIR": str(settings.DATA_DIR),
        "SECRET_KEY": "for this test",
        "DEBUG": "1",
        "JOB_LEASE_SECONDS": str(LEASE_SECONDS),
        "IMPORT_CHUNK_ROWS": "250",
    }


def work_on(job: Job) -> tuple[str, ...]:
    """The arguments that make one attempt at a job, as a worker would."""
    return "shell", "-c", f"from crm.jobs.runner import work_on; work_on({job.tenant_id}, {job.pk}, early=True)"


def kill_at(process: subprocess.Popen, is_time) -> None:
    wait_for(lambda: is_time() or process.poll() is not None, seconds=60, every=0.01)
    assert process.poll() is None, process.communicate()[1].decode()[-2000:]
    process.send_signal(signal.SIGKILL)
    process.wait()


def finish(manage, job: Job) -> Job:
    """Attempts until the job is done: the first may come while the dead process still has its lease."""

    def is_done() -> bool:
        process = manage(*work_on(job))
        _output, errors = process.communicate(timeout=120)
        assert process.returncode == 0, errors.decode()[-2000:]
        with transaction.atomic():
            job.refresh_from_db()
        return job.is_finished

    wait_for(is_done, seconds=120, every=0.5)
    return job


def state() -> Import:
    with transaction.atomic():
        return Import.objects.select_related("job").get()


def test_import_killed_again_and_again_brings_in_every_row_once(tenant, manage, tmp_path):
    path = tmp_path / "customers.csv"
    path.write_text("name,phone\n" + "".join(f"客户{number},{13000000000 + number}\n" for number in range(ROWS)))

    with use_tenant(tenant):
        process = manage("import_data", "--tenant=acme", "--kind=customers", "--match=phone", str(path))
        kill_at(process, lambda: started() and state().row_count >= 1_000)
        first = state()
        assert 1_000 <= first.row_count < ROWS
        with transaction.atomic():
            assert Customer.objects.count() == first.created_count == first.row_count

        def second_attempt():
            process = manage(*work_on(first.job))
            wait_for(lambda: state().row_count > first.row_count or process.poll() is not None, seconds=60, every=0.01)
            return process if process.poll() is None else None

        process = wait_for(second_attempt, seconds=60, every=0.5)
        kill_at(process, lambda: state().row_count >= first.row_count + 500)
        assert first.row_count < state().row_count < ROWS

        job = finish(manage, first.job)

        assert (job.state, job.attempts >= 3) == (JobState.SUCCEEDED, True)
        run = state()
        assert (run.row_count, run.created_count, run.failed_count) == (ROWS, ROWS, 0)
        with transaction.atomic():
            assert Customer.objects.count() == ROWS
            assert Customer.objects.values("phone").distinct().count() == ROWS
            assert CustomerSearch.objects.count() == ROWS
            assert ImportRow.objects.values("row_no").distinct().count() == ImportRow.objects.count() == ROWS


def test_undo_killed_in_the_middle_takes_everything_back(tenant, manage, tmp_path):
    path = tmp_path / "customers.csv"
    path.write_text("name,phone\n" + "".join(f"客户{number},{13000000000 + number}\n" for number in range(ROWS)))

    with use_tenant(tenant):
        process = manage("import_data", "--tenant=acme", "--kind=customers", str(path))
        _output, errors = process.communicate(timeout=120)
        assert process.returncode == 0, errors.decode()[-2000:]
        with transaction.atomic():
            job = start_undo(run=state(), membership=None, wake=False)
        process = manage(*work_on(job))
        kill_at(process, lambda: state().removed_count >= 250)
        assert 0 < state().removed_count < ROWS

        finish(manage, job)

        run = state()
        assert (run.removed_count, run.kept_count, run.undone_at is not None) == (ROWS, 0, True)
        with transaction.atomic():
            assert not Customer.objects.exists()
            assert not CustomerSearch.objects.exists()


def started() -> bool:
    with transaction.atomic():
        return Import.objects.exclude(job=None).exists()
