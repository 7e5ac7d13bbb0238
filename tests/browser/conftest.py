"""The product as its users have it: the real web server, a real worker, Redis, and Chromium in front of it.

The database is one of its own, with the demo in it; the tests speak to the product through pages only.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from django.conf import settings
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.crm.jobs.harness import RedisServer, wait_for
from tests.database import clone_test_database, drop_database

PASSWORD = "guanxi-demo-2026"
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
OPTIONS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@dataclass
class Site:
    url: str
    folder: Path

    def address(self, path: str) -> str:
        return f"{self.url}/{path.lstrip('/')}"


@pytest.fixture(scope="package")
def site(servers: str, tmp_path_factory, django_db_blocker) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("site")
    name = f"test_guanxi_site_{os.getpid()}"
    with django_db_blocker.unblock():
        urls = clone_test_database(servers, name)
    redis_server = RedisServer(folder)
    redis_server.start()
    port, mail_port = _free_port(), _free_port()
    environment = os.environ | {
        "DATABASE_URL": urls.app,
        "DATABASE_OWNER_URL": urls.owner,
        "REDIS_URL": redis_server.url,
        "DATA_DIR": str(folder),
        "SECRET_KEY": "for this test only, and long enough to pass the deployment checks of the product",
        "DEBUG": "0",
        "HTTPS": "0",
        "DEMO": "1",
        "EMAIL_URL": f"smtp://127.0.0.1:{mail_port}",
        "PUBLIC_URL": f"http://localhost:{port}",
    }
    running = []
    try:
        for arguments in (
            ["collectstatic", "--noinput"],
            ["messages", "--compile"],
            ["load_demo", "--customers", "60"],
        ):
            _manage(environment, *arguments)
        mail = [sys.executable, "manage.py", "capture_mail", "--port", str(mail_port)]
        running.append(_start(environment, folder / "mail.log", *mail))
        web = [sys.executable, "-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1", "--port", str(port)]
        running.append(_start(environment, folder / "web.log", *web, "--blocking-threads", "4", "crm.wsgi:application"))
        worker = [sys.executable, "-m", "celery", "-A", "crm", "worker", "--concurrency", "1", "--loglevel", "INFO"]
        running.append(_start(environment, folder / "worker.log", *worker))
        wait_for(lambda: _answers(port), seconds=60)
        yield Site(f"http://127.0.0.1:{port}", folder)
    finally:
        for process in running:
            process.terminate()
        for process in running:
            process.wait(timeout=30)
        redis_server.kill()
        drop_database(servers, name)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _manage(environment: dict[str, str], *arguments: str) -> None:
    done = subprocess.run(
        [sys.executable, "manage.py", *arguments],
        env=environment,
        cwd=settings.BASE_DIR,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"{arguments}: {done.stderr[-2000:]}"


def _start(environment: dict[str, str], log: Path, *command: str) -> subprocess.Popen:
    with log.open("ab") as output:
        return subprocess.Popen(command, env=environment, cwd=settings.BASE_DIR, stdout=output, stderr=output)


def _answers(port: int) -> bool:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(f"http://127.0.0.1:{port}/readyz", timeout=5):
            return True
    except (urllib.error.URLError, OSError):
        return False


@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    if CHROMIUM is None:
        pytest.skip("Chromium is not installed: `apt-get install chromium`")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=OPTIONS)
        yield browser
        browser.close()


class Person:
    """Somebody at a browser. Every message of the console and every failed request is kept: there must be none."""

    def __init__(self, context: BrowserContext, site: Site):
        self.context, self.site = context, site
        self.page: Page = context.new_page()
        self.complaints: list[str] = []
        self.page.on("console", self._listen)
        self.page.on("pageerror", lambda error: self.complaints.append(f"script: {error}"))
        self.page.on("requestfailed", self._failed)

    def _listen(self, message) -> None:
        # htmx says so when a later request replaces one that is still under way, as a search does with every key.
        if message.type in {"error", "warning"} and not message.text.startswith(
            ("htmx:afterRequest", "htmx:sendAbort")
        ):
            self.complaints.append(f"{message.type}: {message.text} {message.location.get('url', '')}")

    def _failed(self, request) -> None:
        # A request that a later one replaces is aborted on purpose.
        if request.failure and "ERR_ABORTED" not in request.failure:
            self.complaints.append(f"{request.failure}: {request.url}")

    def open(self, path: str) -> Page:
        self.page.goto(self.site.address(path))
        return self.page

    def sign_in(self, email: str) -> None:
        self.open("/accounts/login/")
        self.page.fill("[name=login]", email)
        self.page.fill("[name=password]", PASSWORD)
        self.page.press("[name=password]", "Enter")
        self.page.wait_for_url("**/t/**")


@pytest.fixture
def somebody(site: Site, chromium: Browser) -> Iterator[Person]:
    context = chromium.new_context(viewport={"width": 1280, "height": 900}, accept_downloads=True)
    person = Person(context, site)
    yield person
    context.close()
    assert person.complaints == []
