"""The running part of `make demo`."""

from __future__ import annotations

import os
import signal
import socket
import sys
import threading
import time
import urllib.error
import urllib.request
from argparse import ArgumentParser
from dataclasses import dataclass
from hashlib import sha256
from locale import getlocale
from pathlib import Path
from types import FrameType
from typing import Any

from django.apps import apps
from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.staticfiles.finders import get_finders
from django.core.management import BaseCommand, CommandError, call_command, get_commands
from django.db import connection, connections
from django.db.migrations.executor import MigrationExecutor
from django.utils import translation
from django.utils.translation import gettext as _

from crm.access.roles import Role
from crm.embedded import environment, locks
from crm.embedded.children import Child
from crm.embedded.provision import as_owner
from crm.embedded.servers import ServerError
from crm.embedded.tuning import Machine
from crm.observe import metrics

HOST = "127.0.0.1"
DEMO_OPERATOR = "operator@guanxi.example"
DEMO_PASSWORD = "guanxi-demo-2026"  # noqa: S105  # PRODUCT.md, "Demo": made by the demo, for the demo
START_PATIENCE = 90.0
# A worker may take this much longer than the web server before the person is told the address.
WORKER_PATIENCE = 3.0


class Command(BaseCommand):
    help = "Run everything: PostgreSQL, Redis, web server, worker, scheduler, and the demo's mail server."
    # Checked below, once there is a database to check.
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--no-demo-data", action="store_true", help="leave an empty database empty")

    def handle(self, *args: Any, no_demo_data: bool, **options: Any) -> None:
        running = environment.running
        if running is None:
            raise CommandError("Start this command by `python manage.py up`.")
        port = int(os.environ.get("PORT") or 8000)
        self.ending = threading.Event()
        self.prepared = False
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self.end)
        with translation.override(_language_of_terminal()):
            mine = locks.hold(running.folder / "up.lock", alone=True, wait=False)
            if mine is None:
                raise CommandError(_("It runs already. Stop the other one first: Ctrl-C in its terminal."))
            try:
                _refuse_taken_port(port)
                self.prepare(demo_data=not no_demo_data)
                self.prepared = True
                self.run(running, port)
            finally:
                connections.close_all()
                mine.close()

    def end(self, number: int, frame: FrameType | None) -> None:
        self.ending.set()
        if not self.prepared:
            # An exception could strike anywhere in there and be taken for a fault. What was begun is done again next
            # time, the database rolls back, and the servers end with this process.
            self.say(_("Stopped."))
            os._exit(128 + number)

    def say(self, text: str) -> None:
        self.stdout.write(text)
        self.stdout.flush()

    # Before the start

    def prepare(self, *, demo_data: bool) -> None:
        with as_owner():
            executor = MigrationExecutor(connection)
            to_do = executor.migration_plan(executor.loader.graph.leaf_nodes())
        if to_do:
            self.say(_("Preparing the database …"))
            call_command("migrate", interactive=False, verbosity=0)
        self.check(databases=["default"])
        _compile_messages()
        _collect_static()
        metrics.fresh_start()
        if demo_data and "load_demo" in get_commands() and not apps.get_model("tenancy.Tenant").objects.exists():
            self.say(_("Loading the demo data …"))
            call_command("load_demo")

    # While it runs

    def run(self, running: environment.Running, port: int) -> None:
        children = _children(running, port)
        if settings.DEMO and not settings.EMAIL_URL:
            children.append(_mail_server(running))
        try:
            for child in children:
                child.start()
            self.wait_for_answer(children, port)
            self.watch(running, children)
        finally:
            self.say(_("Stopping …"))
            for child in children:
                child.stop()
            running.stop()
            self.say(_("Stopped."))

    def wait_for_answer(self, children: list[Child], port: int) -> None:
        deadline = time.monotonic() + START_PATIENCE
        while (missing := _what_is_missing(port)) and time.monotonic() < deadline:
            if self.ending.wait(0.1):
                return
            if missing.web_answers:
                deadline = min(deadline, time.monotonic() + WORKER_PATIENCE)
            self.look_after(children)
        if missing:
            self.say(_("Not everything answers yet: %(missing)s") % {"missing": missing.what})
        self.say(_greeting(children))

    def watch(self, running: environment.Running, children: list[Child]) -> None:
        pause = 1.0
        while not self.ending.wait(pause):
            self.look_after(children)
            try:
                running.revive()
                pause = 1.0
            except ServerError as error:
                self.stderr.write(str(error))
                pause = min(pause * 2, 30.0)

    def look_after(self, children: list[Child]) -> None:
        for child in children:
            said = child.look()
            if said:
                self.stderr.write(said)


def _mail_server(running: environment.Running) -> Child:
    """Takes what the others send. They find its address in their environment, so they start after this is called."""
    with socket.socket() as free:
        free.bind((HOST, 0))
        port = free.getsockname()[1]
    os.environ["EMAIL_URL"] = f"smtp://{HOST}:{port}"
    command = [sys.executable, "manage.py", "capture_mail", "--port", str(port)]
    return Child("mail", command, running.folder / "run", [], patience=5)


def _children(running: environment.Running, port: int) -> list[Child]:
    """In the order in which they are stopped: no new work comes in while the worker finishes."""
    folder = running.folder / "run"
    needs = [server.users_lock for server in running.servers]
    cores = Machine.this().cores
    web = [
        *("granian", "--interface", "wsgi", "--host", HOST, "--port", str(port), "--http", "1", "--no-ws"),
        # The interpreter's lock lets one thread compute at a time; the others wait for the database meanwhile.
        *("--workers", str(min(cores, 4)), "--blocking-threads", "4"),
        *("--respawn-failed-workers", "--workers-kill-timeout", "10", "crm.wsgi:application"),
    ]
    celery = ["celery", "-A", "crm"]
    # Workers of one machine have nobody to look for.
    alone = ["--loglevel", "INFO", "--without-mingle", "--without-gossip"]
    worker = [*celery, "worker", "--concurrency", str(max(2, cores)), *alone]
    # However long the jobs are that keep the worker busy, a mail is sent and a lost message is sent again.
    short = [*celery, "worker", "--queues", "short", "--concurrency", "1", "--hostname", "short@%h", *alone]
    beat = [*celery, "beat", "--schedule", str(folder / "beat-schedule"), "--pidfile=", "--loglevel", "INFO"]
    parts = (("web", web, 15), ("worker", worker, 20), ("short", short, 20), ("beat", beat, 5))
    return [Child(name, [sys.executable, "-m", *command], folder, needs, patience) for name, command, patience in parts]


@dataclass(frozen=True)
class Missing:
    what: str
    web_answers: bool


def _what_is_missing(port: int) -> Missing | None:
    """Ask the readiness page; None when all is there."""
    # The environment's proxies are for addresses elsewhere.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(f"http://{HOST}:{port}/readyz", timeout=5):
            return None
    except urllib.error.HTTPError as refusal:
        with refusal:
            return Missing(f"HTTP {refusal.code} {refusal.read(300).decode(errors='replace')}", web_answers=True)
    except OSError:
        return Missing(_("web server"), web_answers=False)


def _refuse_taken_port(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            message = _("Port %(port)s is taken by another program. Choose another one: PORT=%(other)s make demo")
            raise CommandError(message % {"port": port, "other": port + 1}) from None


def _compile_messages() -> None:
    stale = (
        source
        for folder in settings.LOCALE_PATHS
        for source in Path(folder).glob("*/LC_MESSAGES/*.po")
        if not (target := source.with_suffix(".mo")).exists() or target.stat().st_mtime < source.stat().st_mtime
    )
    if any(stale) and "messages" in get_commands():
        call_command("messages", compile=True, verbosity=0)


def _collect_static() -> None:
    """Collect and compress only after a change: it takes a good part of a minute."""
    if settings.DEBUG:
        return
    stamp = Path(settings.STATIC_ROOT) / ".collected"
    state = sha256()
    for finder in get_finders():
        for name, storage in finder.list([]):
            status = Path(storage.path(name)).stat()
            state.update(f"{name} {status.st_size} {status.st_mtime_ns}\n".encode())
    if stamp.exists() and stamp.read_text() == state.hexdigest():
        return
    call_command("collectstatic", interactive=False, verbosity=0)
    stamp.write_text(state.hexdigest())


def _greeting(children: list[Child]) -> str:
    lines = ["", f"  {settings.PRODUCT_NAME}:  {settings.PUBLIC_URL.rstrip('/')}/", ""]
    if get_user_model().objects.filter(email=DEMO_OPERATOR).exists():
        names = ", ".join(role.replace("_", "-") for role in Role.values)
        lines += [
            f"  {_('Log in as')}:  <name>@acme.example | <name>@huaxing.example",
            f"              <name>: {names}",
            f"              both@guanxi.example, {DEMO_OPERATOR} (/admin/)",
            f"  {_('Password')}:  {DEMO_PASSWORD}",
            "",
        ]
    lines += [f"  {_('Logs')}:  {children[0].folder}/*.log", f"  {_('Stop')}:  Ctrl-C", ""]
    return "\n".join(lines)


def _language_of_terminal() -> str:
    name = (getlocale()[0] or "").replace("_", "-").lower()
    try:
        return translation.get_supported_language_variant(name or "en")
    except LookupError:
        return "en"
