"""Servers that really stop, under a web server and a worker as an operator starts them."""

from __future__ import annotations

import http.cookiejar
import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
import pytest
from django.conf import settings

from crm.embedded.servers import Server, start_postgres
from tests.crm.jobs.harness import RedisServer, wait_for
from tests.database import clone_test_database

EMAIL, PASSWORD = "admin@acme.example", "guanxi-test-2026"
SET_UP = f"""
from crm.access.roles import Role
from crm.accounts.models import User
from crm.tenancy.models import Membership, Tenant
tenant = Tenant.objects.create(slug="acme", name="Acme", language="en")
user = User.objects.create_user("{EMAIL}", "{PASSWORD}", language="en")
Membership.objects.create(tenant=tenant, user=user, roles=[Role.ADMIN])
"""


@dataclass
class Answer:
    status: int
    headers: dict[str, str]
    text: str


@dataclass
class Browser:
    port: int
    cookies: http.cookiejar.CookieJar = field(default_factory=http.cookiejar.CookieJar)

    def __post_init__(self):
        self.opener = urllib.request.build_opener(
            urllib.request.ProxyHandler({}), urllib.request.HTTPCookieProcessor(self.cookies)
        )

    def get(self, path: str, data: dict[str, str] | None = None) -> Answer:
        url = f"http://localhost:{self.port}{path}"
        request = urllib.request.Request(url, urllib.parse.urlencode(data).encode() if data else None)
        try:
            response = self.opener.open(request, timeout=30)
        except urllib.error.HTTPError as error:
            response = error
        with response:
            return Answer(
                response.status, {k.lower(): v for k, v in response.headers.items()}, response.read().decode()
            )

    def sign_in(self) -> None:
        token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', self.get("/accounts/login/").text)[1]
        self.get("/accounts/login/", {"login": EMAIL, "password": PASSWORD, "csrfmiddlewaretoken": token})
        assert self.get("/t/acme/customers/").status == 200


@dataclass
class Stack:
    """A web server, a worker, PostgreSQL and Redis, all its own."""

    folder: Path
    postgres: Server
    redis: RedisServer
    environment: dict[str, str]
    port: int
    processes: list[subprocess.Popen] = field(default_factory=list)

    @property
    def web(self) -> subprocess.Popen:
        return self.processes[0]

    def start(self, *command: str) -> subprocess.Popen:
        with (self.folder / f"{command[0]}.log").open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", *command], env=self.environment, cwd=settings.BASE_DIR, stdout=log, stderr=log
            )
        self.processes.append(process)
        return process

    def start_web(self) -> None:
        self.start(
            *("granian", "--interface", "wsgi", "--host", "127.0.0.1", "--port", str(self.port), "--http", "1"),
            *(
                "--no-ws",
                "--workers",
                "1",
                "--blocking-threads",
                "4",
                "--workers-kill-timeout",
                "10",
                "crm.wsgi:application",
            ),
        )

    def restart_postgres(self) -> None:
        self.postgres = start_postgres(self.folder, fast=True)

    def stop(self) -> None:
        for process in self.processes:
            process.terminate()
        for process in self.processes:
            process.wait(timeout=30)
        self.redis.kill()
        self.postgres.stop()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture(scope="module")
def stack(tmp_path_factory, django_db_setup, django_db_blocker) -> Iterator[Stack]:
    folder = tmp_path_factory.mktemp("stack")
    folder.chmod(0o755)
    postgres = start_postgres(folder, fast=True)
    with django_db_blocker.unblock():
        urls = clone_test_database(postgres.url, "guanxi")
    redis = RedisServer(folder)
    redis.start()
    kept = {key: value for key, value in os.environ.items() if key in ("PATH", "HOME", "LANG", "VIRTUAL_ENV")}
    environment = kept | {
        "DATABASE_URL": urls.app,
        "DATABASE_OWNER_URL": urls.owner,
        "REDIS_URL": redis.url,
        "DATA_DIR": str(folder),
        "DEBUG": "1",
        "SECRET_KEY": "only-for-this-test",
    }
    stack = Stack(folder, postgres, redis, environment, free_port())
    try:
        subprocess.run(
            [sys.executable, "manage.py", "shell", "-v", "0", "-c", SET_UP],
            env=environment, cwd=settings.BASE_DIR, check=True,
        )  # fmt: skip
        stack.start_web()
        stack.start("celery", "-A", "crm", "worker", "--concurrency", "1")
        yield stack
    finally:
        stack.stop()


@pytest.fixture
def browser(stack) -> Browser:
    browser = Browser(stack.port)
    wait_for(lambda: ready(browser)["ready"], seconds=40)
    browser.sign_in()
    return browser


def ready(browser: Browser) -> dict[str, bool]:
    try:
        return json.loads(browser.get("/readyz").text)
    except OSError:
        return {"ready": False}


def test_postgresql_stops_and_comes_back(stack, browser):
    assert browser.get("/t/acme/customers/").status == 200

    stack.postgres.stop()
    refused = [browser.get("/t/acme/customers/") for _ in range(3)]

    assert {answer.status for answer in refused} == {503}
    page = refused[0]
    assert "系统暂时无法使用" in page.text
    assert "Not available just now" in page.text
    assert "Traceback" not in page.text
    assert page.headers["retry-after"] == "5"
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert len(page.headers["x-request-id"]) == 32
    assert browser.get("/healthz").status == 200
    assert ready(browser) == {"ready": False, "database": False, "redis": True, "worker": True, "draining": False}

    stack.restart_postgres()

    # Every thread of the server had a connection that died.
    assert [browser.get("/t/acme/customers/").status for _ in range(8)] == [200] * 8
    assert ready(browser)["database"]


def test_redis_is_killed_and_comes_back(stack, browser):
    stack.redis.kill()
    try:
        statuses = {browser.get("/t/acme/customers/").status for _ in range(3)}
        said = ready(browser)
    finally:
        stack.redis.start()

    # Pages need it for nothing that cannot wait.
    assert statuses == {200}
    assert (said["ready"], said["database"], said["redis"]) == (False, True, False)
    # The worker finds the new one by itself.
    wait_for(lambda: ready(browser)["ready"], seconds=60)


def test_a_running_request_is_finished_when_the_server_is_told_to_stop(stack, browser):
    answers: list[Answer] = []
    asking = threading.Thread(target=lambda: answers.append(browser.get("/t/acme/customers/")))
    with psycopg.connect(stack.environment["DATABASE_OWNER_URL"]) as holder:
        holder.execute("LOCK TABLE customers_customer IN ACCESS EXCLUSIVE MODE")
        asking.start()
        wait_for(lambda: waits_for_a_lock(stack), seconds=10)
        stack.web.send_signal(signal.SIGTERM)
        wait_for(lambda: not door_is_open(stack.port), seconds=10)
        time.sleep(0.5)
        assert stack.web.poll() is None
        holder.rollback()
    asking.join(timeout=20)

    assert [answer.status for answer in answers] == [200]
    assert stack.web.wait(timeout=20) == 0


def waits_for_a_lock(stack: Stack) -> bool:
    with psycopg.connect(stack.postgres.url) as watcher:
        row = watcher.execute("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'").fetchone()
        return bool(row and row[0])


def door_is_open(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
