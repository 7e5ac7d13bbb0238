"""Processes that outlived whoever looked after them."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path


def working_in(folder: Path) -> list[int]:
    """Ids of the processes whose working folder this is; both servers go to their data folder and stay there.

    A recorded process id says less: after a crash or in a new container the number may belong to anybody. Empty
    where the system has no /proc.
    """
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            if (entry / "cwd").samefile(folder):
                found.append(int(entry.name))
        except OSError:  # ended meanwhile, or not ours to look at
            continue
    return sorted(found)


def end_all_in(folder: Path, first: signal.Signals, *, patience: float = 20) -> None:
    """Ask the processes in the folder to stop, then kill what is left."""
    for number, seconds in ((first, patience), (signal.SIGKILL, 5.0)):
        for pid in working_in(folder):
            try:
                os.kill(pid, number)
            except ProcessLookupError:
                continue
        deadline = time.monotonic() + seconds
        while working_in(folder):
            if time.monotonic() > deadline:
                break
            time.sleep(0.05)
        else:
            return
