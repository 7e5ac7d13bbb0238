"""PostgreSQL and Redis for a machine that has neither: `make demo` and `make test` start them below one folder.

A server is shared: whoever starts one that already runs uses that one, and it ends with its last user, also when that
user was killed (keeper.py). Data stay in the folder.
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, TextIO

from crm.embedded import keeper, locks, notes
from crm.embedded.account import SERVER_ENVIRONMENT

LOG_LIMIT = 10 * 1024 * 1024


class ServerError(RuntimeError):
    """An embedded server cannot be found, prepared or started. The message says what to do."""


@dataclass
class Plan:
    """How to run a server whose folder is prepared."""

    name: str
    url: str
    command: list[str]
    is_ready: Callable[[], bool]
    stop_signal: str = "TERM"
    account: str = ""


@dataclass
class Server:
    """A running server; `url` has an administrator's rights."""

    url: str
    folder: Path
    users: TextIO
    keeper: subprocess.Popen[bytes] | None = field(default=None, repr=False)

    @property
    def users_lock(self) -> Path:
        return self.folder / "users.lock"

    def is_running(self) -> bool:
        if self.keeper:
            self.keeper.poll()
        return locks.is_held(self.folder / "running.lock")

    def stop(self, patience: float = 40) -> None:
        """Stop using the server, and wait for its end unless somebody else uses it."""
        self.users.close()
        deadline = time.monotonic() + patience
        others_seen = 0
        while self.is_running() and time.monotonic() < deadline:
            # The keeper of a server without users holds their lock for itself. Seen free of that a few times in a row,
            # others are using the server.
            others_seen = 0 if locks.is_held(self.users_lock, alone=True) else others_seen + 1
            if others_seen > 10:
                return
            time.sleep(0.05)
        if self.keeper and not self.is_running():
            self.keeper.wait(timeout=5)

    def __enter__(self) -> Server:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


def start_postgres(folder: Path, *, fast: bool = False) -> Server:
    """Start PostgreSQL with its data below the folder, or join the one that runs there.

    `fast` is for data that may be lost: no flushing to disk, and a cluster that did not end properly is made anew.
    """
    from crm.embedded.postgres_server import prepare

    return _start(folder.resolve() / "postgres", lambda home: prepare(home, fast=fast))


def start_redis(folder: Path, *, fast: bool = False) -> Server:
    """Start Redis with its data below the folder, or join the one that runs there. `fast` keeps nothing on disk."""
    from crm.embedded.redis_server import prepare

    return _start(folder.resolve() / "redis", lambda home: prepare(home, fast=fast))


def _start(home: Path, prepare: Callable[[Path], Plan]) -> Server:
    home.mkdir(parents=True, exist_ok=True)
    # Waits here while a server without users is on its way down.
    users = locks.hold(home / "users.lock")
    assert users is not None, "waits until it has the lock"
    try:
        with locks.alone(home / "start.lock"):
            if locks.is_held(home / "running.lock"):
                return Server((home / "url").read_text(), home, users)
            plan = prepare(home)
            notes.write_private(home / "url", plan.url)
            with open_log(home / "log") as log:
                process = _run(home, plan, log)
                _wait_until_ready(plan, process, home / "log", since=log.tell())
            return Server(plan.url, home, users, process)
    except BaseException:
        users.close()
        raise


def _run(home: Path, plan: Plan, log: BinaryIO) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [
            *(sys.executable, "-I", keeper.__file__),
            *("--running", str(home / "running.lock"), "--users", str(home / "users.lock")),
            *("--signal", f"SIG{plan.stop_signal}", "--cwd", "/"),
            *(["--account", plan.account] if plan.account else []),
            "--",
            *plan.command,
        ],
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=log,
        env=SERVER_ENVIRONMENT,
        # A Ctrl-C in the terminal is for the person's command, which then lets go of the server in good order.
        start_new_session=True,
    )


def _wait_until_ready(
    plan: Plan, process: subprocess.Popen[bytes], log: Path, since: int, patience: float = 120
) -> None:
    """Recovery after a crash reads the log back, so the patience is long; a server that gives up is noticed at once."""
    deadline = time.monotonic() + patience
    while not plan.is_ready():
        if process.poll() is not None or time.monotonic() > deadline:
            process.terminate()
            process.wait()
            raise ServerError(f"{plan.name} did not start. The end of {log}:\n{end_of(log, since)}")
        time.sleep(0.03)


def open_log(path: Path) -> BinaryIO:
    """Open a log for appending; one that has grown large is put aside."""
    if path.exists() and path.stat().st_size > LOG_LIMIT:
        path.replace(path.with_name(f"{path.name}.1"))
    return path.open("ab")


def end_of(log: Path, since: int = 0, lines: int = 15) -> str:
    """The last lines of a log, for a message; `since` is its size when the process began."""
    return "\n".join(log.read_bytes()[since:].decode(errors="replace").splitlines()[-lines:])
