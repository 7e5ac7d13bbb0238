"""Tells running jobs that their worker is being stopped.

The signal reaches the worker's main process, the jobs run in its children: one byte of memory that they share from
before the fork says it to all of them. A lock would not do, for a child killed while holding it would hang the rest.
"""

import mmap

_byte = mmap.mmap(-1, 1)


def begin() -> None:
    _byte[0] = 1


def is_draining() -> bool:
    return _byte[0] == 1
