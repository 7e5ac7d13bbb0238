"""Keeps one process for as long as somebody needs it, and takes its whole group down afterwards.

A terminal that is closed, a killed `manage.py up`, a test run that crashed: none can say goodbye, but the system drops
their file locks. So everybody who needs the process holds a shared lock on one file; the keeper waits for the
exclusive lock, and once it gets that, nobody is left and the process is stopped.

This file is run by its path, with the standard library only: it starts in hundredths of a second and loads no Django.

    keeper.py --running FILE --users FILE [--share FILE]... [--signal NAME] [--patience SECONDS]
              [--account UID:GID] [--cwd FOLDER] -- COMMAND...
"""

from __future__ import annotations

import argparse
import contextlib
import ctypes
import fcntl
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from types import FrameType
from typing import TextIO

ALREADY_RUNNING = 75  # sysexits.h: a temporary failure
PR_SET_PDEATHSIG, PR_SET_CHILD_SUBREAPER = 1, 36


def main() -> int:
    wish = arguments()
    running = wish.running.open("w")  # closing it would give the lock up
    if not take(running):
        return ALREADY_RUNNING
    # What the process itself needs (the database, say) stays up until this keeper is gone.
    shared = [path.open("a") for path in wish.share]
    for file in shared:
        fcntl.flock(file, fcntl.LOCK_SH)
    return Keeper(wish).run()


def take(running: TextIO) -> bool:
    """Lock the file, unless another keeper has it; somebody who only looks has it for an instant, so try again."""
    for _ in range(20):
        try:
            fcntl.flock(running, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            time.sleep(0.05)
        else:
            return True
    return False


class Keeper:
    def __init__(self, wish: argparse.Namespace) -> None:
        self.wish = wish
        self.libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None
        self.stopping = False

    def run(self) -> int:
        if self.libc:
            # Orphans of the process come to the keeper instead of the system's first process: it can end them.
            self.libc.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
        self.process = self.start()
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, self.stop)
        signal.signal(signal.SIGALRM, self.kill)
        threading.Thread(target=self.wait_for_users, daemon=True).start()
        code = self.process.wait()
        self.end_group()
        return code if code >= 0 else 128 - code

    def start(self) -> subprocess.Popen[bytes]:
        account: dict[str, object] = {}
        if self.wish.account:
            uid, gid = map(int, self.wish.account.split(":"))
            account = {"user": uid, "group": gid, "extra_groups": []}
        return subprocess.Popen(
            self.wish.command,
            stdin=subprocess.DEVNULL,
            cwd=self.wish.cwd,
            process_group=0,
            preexec_fn=self.follow_keeper,
            **account,  # type: ignore[call-overload]  # mypy cannot see through the three optional keywords
        )

    def follow_keeper(self) -> None:
        """In the new process: should the keeper itself be killed, the system sends the stop signal."""
        if self.libc:
            self.libc.prctl(PR_SET_PDEATHSIG, self.wish.signal, 0, 0, 0)

    def wait_for_users(self) -> None:
        with self.wish.users.open("a") as users:
            fcntl.flock(users, fcntl.LOCK_EX)
            os.kill(os.getpid(), signal.SIGTERM)
            # The lock is kept until the process is gone: whoever wants a new one waits for that.
            threading.Event().wait()

    def stop(self, number: int, frame: FrameType | None) -> None:
        if not self.stopping:
            self.stopping = True
            signal.alarm(self.wish.patience)
            self.process.send_signal(self.wish.signal)

    def kill(self, number: int, frame: FrameType | None) -> None:
        sys.stderr.write(f"{self.wish.command[0]} did not stop within {self.wish.patience} s: killed\n")
        self.kill_group()

    def kill_group(self) -> None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.process.pid, signal.SIGKILL)

    def end_group(self) -> None:
        """Nothing that the process left behind may outlive it."""
        self.kill_group()
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:
            try:
                if os.waitpid(-1, os.WNOHANG) == (0, 0):
                    time.sleep(0.02)
            except ChildProcessError:
                return


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    parser.add_argument("--running", type=Path, required=True)
    parser.add_argument("--users", type=Path, required=True)
    parser.add_argument("--share", type=Path, action="append", default=[])
    parser.add_argument("--signal", type=lambda name: signal.Signals[name], default=signal.SIGTERM)
    parser.add_argument("--patience", type=int, default=30)
    parser.add_argument("--account")
    parser.add_argument("--cwd")
    parser.add_argument("command", nargs="+")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
