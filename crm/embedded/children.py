"""The processes that `manage.py up` starts: the web server, the worker, the scheduler."""

from __future__ import annotations

import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TextIO

from crm.embedded import keeper, locks
from crm.embedded.servers import end_of, open_log

PROJECT = Path(__file__).resolve().parents[2]
SHORTEST_PAUSE, LONGEST_PAUSE = 1.0, 30.0
# A process that ran this long had a good start: its next end counts as the first.
PROVEN_AFTER = 60.0


@dataclass
class Child:
    """One process, started again when it ends by itself, each time after a longer pause.

    It runs below a keeper (keeper.py), so it ends even when `up` is killed; it shares the locks of `needs`, so the
    servers it uses end after it.
    """

    name: str
    command: list[str]
    folder: Path
    needs: list[Path]
    patience: int
    process: subprocess.Popen[bytes] | None = None
    users: TextIO | None = None
    started_at: float = 0.0
    start_again_at: float = 0.0
    log_began_at: int = 0
    pause: float = field(default=SHORTEST_PAUSE)

    @property
    def log(self) -> Path:
        return self.folder / f"{self.name}.log"

    def start(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        lock = self.folder / f"{self.name}.users"
        self.users = self.users or locks.hold(lock)
        with open_log(self.log) as output:
            self.log_began_at = output.tell()
            self.process = subprocess.Popen(
                [
                    *(sys.executable, "-I", keeper.__file__),
                    *("--running", str(self.folder / f"{self.name}.running"), "--users", str(lock)),
                    *(part for path in self.needs for part in ("--share", str(path))),
                    *("--patience", str(self.patience)),
                    "--",
                    *self.command,
                ],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                cwd=PROJECT,
                # A Ctrl-C in the terminal is for `up`, which then stops the processes one after the other.
                start_new_session=True,
            )
        self.started_at = time.monotonic()

    def look(self) -> str | None:
        """Start it again if that is due; return what is to be said about it."""
        now = time.monotonic()
        if self.process is None:
            if now >= self.start_again_at:
                self.start()
            return None
        code = self.process.poll()
        if code is None:
            return None
        if now - self.started_at > PROVEN_AFTER:
            self.pause = SHORTEST_PAUSE
        self.process = None
        self.start_again_at = now + self.pause
        said = f"{self.name} ended with code {code}; starting again in {self.pause:.0f} s.\n"
        said += end_of(self.log, self.log_began_at)
        self.pause = min(self.pause * 2, LONGEST_PAUSE)
        return said

    def stop(self) -> None:
        """Ask it to finish, and wait; after `patience` seconds its keeper kills it with all it started."""
        if self.process:
            self.process.terminate()
            self.process.wait()
            self.process = None
        if self.users:
            self.users.close()
            self.users = None
