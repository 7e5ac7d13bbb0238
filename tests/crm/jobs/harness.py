"""Real servers and workers that a test may kill."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar
from urllib.parse import quote

import redis
from django.conf import settings
from django.db import connection, transaction

from crm.embedded.redis_server import find_server
from crm.jobs.models import Job
from crm.tenancy.context import use_tenant

T = TypeVar("T")

LEASE_SECONDS = 3
SWEEP_SECONDS = 1


def wait_for(look: Callable[[], T], *, seconds: float = 30, every: float = 0.05) -> T:
    """The first true value of `look`; fails when there is none in time."""
    deadline = time.monotonic() + seconds
    while not (value := look()):
        assert time.monotonic() < deadline, f"not within {seconds} s"
        time.sleep(every)
    return value


def reread(job: Job) -> Job:
    with use_tenant(job.tenant_id), transaction.atomic():
        return Job.objects.get(pk=job.pk)


class RedisServer:
    """Keeps nothing on disk: after a kill it comes back empty."""

    def __init__(self, folder: Path):
        self.folder = folder
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self.process: subprocess.Popen | None = None

    def start(self) -> None:
        program, _version = find_server()
        options = ["--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
        self.process = subprocess.Popen(
            [program, *options, "--dir", str(self.folder)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        wait_for(self.answers, seconds=10)

    def answers(self) -> bool:
        try:
            with redis.Redis.from_url(self.url, socket_timeout=1) as client:
                return bool(client.ping())
        except redis.RedisError:
            return False

    def kill(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None


class CeleryProcess:
    """A worker or a beat as an operator starts it, in a process group of its own."""

    def __init__(self, folder: Path, redis_url: str, name: str, *arguments: str):
        self.log = folder / f"{name}.log"
        self.redis_url = redis_url
        self.arguments = arguments
        self.folder = folder
        self.process: subprocess.Popen | None = None

    def start(self) -> None:
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "celery", "-A", "crm", *self.arguments],
                env=self._environment(),
                stdout=log,
                stderr=log,
                start_new_session=True,
                cwd=settings.BASE_DIR,
            )

    def _environment(self) -> dict[str, str]:
        database = connection.settings_dict
        login = f"{quote(database['USER'])}:{quote(database['PASSWORD'], safe='')}"
        return os.environ | {
            "DATABASE_URL": (
                f"postgres://{login}@{quote(database['HOST'], safe='')}:{database['PORT']}/{database['NAME']}"
            ),
            "REDIS_URL": self.redis_url,
            "DATA_DIR": str(self.folder),
            "SECRET_KEY": "for this test",
            "DEBUG": "1",
            "JOB_LEASE_SECONDS": str(LEASE_SECONDS),
            "JOB_SWEEP_SECONDS": str(SWEEP_SECONDS),
        }

    @property
    def is_alive(self) -> bool:
        return self.process is not None and self.process.poll() is None

    @property
    def is_ready(self) -> bool:
        return self.is_alive and b" ready." in self.log.read_bytes()

    def kill(self) -> None:
        """kill -9 of the process and all its children."""
        if self.process is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
            self.process = None

    def drain(self, seconds: float) -> int:
        """Ask it to stop, as a service manager does; returns its exit status."""
        assert self.process is not None
        self.process.terminate()
        status = self.process.wait(timeout=seconds)
        self.process = None
        return status


def worker(folder: Path, redis_url: str, name: str = "worker", *, concurrency: int = 1) -> CeleryProcess:
    return CeleryProcess(
        folder,
        redis_url,
        name,
        "worker",
        f"--concurrency={concurrency}",
        "--loglevel=INFO",
        f"--hostname={name}@test",
        "--include=tests.crm.jobs.fault_jobs",
        "--without-gossip",
        "--without-mingle",
    )


def beat(folder: Path, redis_url: str) -> CeleryProcess:
    return CeleryProcess(folder, redis_url, "beat", "beat", "--loglevel=INFO", f"--pidfile={folder / 'beat.pid'}")


def child_of(job: Job) -> int:
    """The process id of the worker's child that runs the job."""
    return int(job.worker.rpartition(":")[2])
