"""File locks that say who is running and who is using: the system drops them when a process ends, however it ends."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO


def hold(path: Path, *, alone: bool = False, wait: bool = True) -> TextIO | None:
    """Lock the file until the returned handle is closed; None when somebody else has it and `wait` is false."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle = path.open("a+")
    try:
        fcntl.flock(handle, (fcntl.LOCK_EX if alone else fcntl.LOCK_SH) | (0 if wait else fcntl.LOCK_NB))
    except BlockingIOError:
        handle.close()
        return None
    return handle


@contextmanager
def alone(path: Path) -> Iterator[None]:
    handle = hold(path, alone=True)
    try:
        yield
    finally:
        if handle:
            handle.close()


def is_held(path: Path, *, alone: bool = False) -> bool:
    """Whether somebody holds the lock; with `alone`, whether somebody holds it for themselves only."""
    handle = hold(path, alone=not alone, wait=False)
    if handle is None:
        return True
    handle.close()
    return False
