from __future__ import annotations

import os
import shutil
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from crm.embedded.postgres_server import data_folder
from crm.embedded.processes import end_all_in


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    """A data folder that leaves nothing behind, also where root's clusters lie outside of it."""
    yield tmp_path
    outside = data_folder(tmp_path / "postgres").parent
    end_all_in(data_folder(tmp_path / "postgres"), signal.SIGKILL)
    if tmp_path not in outside.parents:
        shutil.rmtree(outside, ignore_errors=True)


def wait_until(condition: Callable[[], object], seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.05)


def is_alive(pid: int) -> bool:
    """A process that ended but was not yet collected by its parent counts as gone."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def mentioning(text: str) -> list[str]:
    return list(processes_mentioning(text).values())


def processes_mentioning(text: str) -> dict[int, str]:
    """{id: command line} of the living processes that name `text`, or were given it in their environment."""
    found = {}
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            line, environment = (entry / "cmdline").read_bytes(), (entry / "environ").read_bytes()
        except OSError:
            continue
        if text.encode() in line + environment and int(entry.name) != os.getpid() and is_alive(int(entry.name)):
            found[int(entry.name)] = line.replace(b"\0", b" ").decode(errors="replace")
    return found
