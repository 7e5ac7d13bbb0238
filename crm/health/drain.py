"""Asking the balancer to send nothing more, before the web server is stopped.

Granian closes its door on SIGTERM at once and finishes what runs, so after the signal nobody could be told any more.
"""

from __future__ import annotations

import platform
import time
from pathlib import Path

from django.conf import settings

# The server that is meant ends within this; a mark that stays behind must not keep its successor from work.
MARK_COUNTS_SECONDS = 300


def begin() -> None:
    mark = _mark()
    mark.parent.mkdir(parents=True, exist_ok=True)
    mark.touch()


def end() -> None:
    _mark().unlink(missing_ok=True)


def is_draining() -> bool:
    try:
        return time.time() - _mark().stat().st_mtime < MARK_COUNTS_SECONDS
    except OSError:
        return False


def _mark() -> Path:
    # The folder may be shared by several machines or containers; each drains by itself.
    return Path(settings.DATA_DIR) / f"draining-{platform.node()}"
