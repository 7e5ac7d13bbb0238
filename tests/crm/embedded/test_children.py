from __future__ import annotations

import os
import signal
import sys
import time
from pathlib import Path

import pytest

from crm.embedded import children, locks
from crm.embedded.children import Child

from .conftest import is_alive, wait_until

SLEEP = "import os, time; print(os.getpid(), flush=True); time.sleep(60)"


@pytest.fixture
def child(tmp_path):
    made = []

    def make(code: str, **options) -> Child:
        made.append(Child("web", [sys.executable, "-c", code], tmp_path / "run", [], patience=2, **options))
        return made[-1]

    yield make
    for each in made:
        each.stop()


def pids(child: Child) -> list[int]:
    return [int(line) for line in child.log.read_text().split()]


def test_crashed_process_is_started_again_and_its_last_words_are_told(child):
    crashing = child("import sys; sys.exit('no database')", pause=0.01)
    crashing.start()
    assert crashing.process is not None
    crashing.process.wait()

    said = crashing.look()

    assert said is not None
    assert said.splitlines()[1:] == ["no database"]
    assert said.startswith("web ended with code 1; starting again")
    time.sleep(0.05)
    crashing.look()
    assert crashing.process is not None


def test_each_pause_is_twice_the_one_before_up_to_a_limit(child, monkeypatch):
    clock = iter(range(1000, 10_000_000, 1000))
    monkeypatch.setattr(children, "PROVEN_AFTER", float("inf"))
    monkeypatch.setattr(children.time, "monotonic", lambda: next(clock))
    crashing = child("raise SystemExit(1)")
    pauses = []
    for _ in range(7):
        crashing.start()
        assert crashing.process is not None
        crashing.process.wait()
        pauses.append(crashing.pause)
        crashing.look()

    assert pauses == [1, 2, 4, 8, 16, 30, 30]


def test_stopped_process_is_gone_with_its_keeper(child):
    running = child(SLEEP)
    running.start()
    wait_until(lambda: running.log.exists() and pids(running))

    running.stop()

    assert not is_alive(pids(running)[0])
    assert not locks.is_held(Path(running.folder) / "web.running")


def test_killed_process_comes_back(child):
    running = child(SLEEP, pause=0.01)
    running.start()
    wait_until(lambda: running.log.exists() and pids(running))

    os.kill(pids(running)[0], signal.SIGKILL)
    wait_until(lambda: running.look() is None and len(pids(running)) == 2)

    assert is_alive(pids(running)[1])
