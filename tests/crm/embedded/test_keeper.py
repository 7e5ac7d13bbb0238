"""The keeper: nothing outlives those who need it, and nothing that a process started outlives the process."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from crm.embedded import keeper, locks

from .conftest import is_alive, wait_until

STUBBORN = (
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('ready', flush=True); time.sleep(60)"
)
PARENT = """if True:
    import subprocess, sys, time
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    print(child.pid, flush=True)
    time.sleep(60)
"""


def keep(folder: Path, code: str, *options: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [
            *(sys.executable, "-I", keeper.__file__),
            *("--running", str(folder / "running"), "--users", str(folder / "users"), *options),
            *("--", sys.executable, "-c", code),
        ],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.fixture
def users(tmp_path):
    handle = locks.hold(tmp_path / "users")
    yield handle
    handle.close()


@pytest.mark.parametrize(("code", "expected"), [("pass", 0), ("raise SystemExit(7)", 7)])
def test_exit_code_is_passed_on(tmp_path, users, code, expected):
    with keep(tmp_path, code) as process:
        assert process.wait(10) == expected


def test_death_by_a_signal_is_told_as_shells_do(tmp_path, users):
    with keep(tmp_path, "import os; os.kill(os.getpid(), 9)") as process:
        assert process.wait(10) == 128 + 9


def test_process_ends_when_nobody_needs_it_any_more(tmp_path, users):
    with keep(tmp_path, PARENT) as process:
        grandchild = int(process.stdout.readline())
        other = locks.hold(tmp_path / "users")
        users.close()
        time.sleep(0.3)
        assert process.poll() is None

        other.close()

        assert process.wait(10) == 128 + signal.SIGTERM
        assert not is_alive(grandchild)


def test_process_that_will_not_end_is_killed_in_time(tmp_path, users):
    with keep(tmp_path, STUBBORN, "--patience", "1") as process:
        process.stdout.readline()
        process.terminate()

        assert process.wait(10) == 128 + signal.SIGKILL
        assert "did not stop within 1 s" in process.stderr.read()


def test_what_a_killed_process_left_behind_is_ended(tmp_path, users):
    with keep(tmp_path, PARENT.replace("child.pid,", "child.pid, __import__('os').getpid(),")) as process:
        grandchild, child = map(int, process.stdout.readline().split())

        os.kill(child, signal.SIGKILL)

        assert process.wait(10) == 128 + signal.SIGKILL
        assert not is_alive(grandchild)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a process of its parent's death")
def test_process_ends_with_a_killed_keeper(tmp_path, users):
    with keep(tmp_path, "import os, time; print(os.getpid(), flush=True); time.sleep(60)") as process:
        child = int(process.stdout.readline())

        process.kill()

        wait_until(lambda: not is_alive(child))


def test_second_keeper_of_the_same_thing_gives_up(tmp_path, users):
    with keep(tmp_path, "import time; print('ready', flush=True); time.sleep(60)") as first:
        first.stdout.readline()
        with keep(tmp_path, "print('never')") as second:
            assert second.wait(10) == keeper.ALREADY_RUNNING
            assert second.stdout.read() == ""
        first.terminate()


def test_shared_lock_is_held_until_the_process_is_gone(tmp_path, users):
    needed = tmp_path / "needed"
    with keep(tmp_path, "import time; print('ready', flush=True); time.sleep(60)", "--share", str(needed)) as process:
        process.stdout.readline()
        assert locks.is_held(needed)

        process.terminate()
        process.wait(10)

        assert not locks.is_held(needed)
