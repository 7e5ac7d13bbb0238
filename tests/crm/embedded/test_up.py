"""`manage.py up` as a person meets it: it comes up, tells where, heals itself, and leaves no process behind."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from .conftest import mentioning, processes_mentioning, wait_until

PROJECT = Path(__file__).resolve().parents[3]
GIVEN = {"DATABASE_URL", "DATABASE_OWNER_URL", "DATABASE_ADMIN_URL", "REDIS_URL", "SECRET_KEY", "DEBUG", "DEMO"}
LONG = 240

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
slow = pytest.mark.slow


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Up:
    def __init__(self, folder: Path, port: int, said: str = "said.txt") -> None:
        self.folder, self.port = folder, port
        self.said = folder / said
        environment = {name: value for name, value in os.environ.items() if name not in GIVEN}
        with self.said.open("w") as output:
            self.process = subprocess.Popen(
                [sys.executable, "manage.py", "up", "--no-demo-data"],
                cwd=PROJECT,
                env=environment | {"DATA_DIR": str(folder), "PORT": str(port), "LANG": "C.UTF-8"},
                stdout=output,
                stderr=output,
            )

    def wait(self) -> None:
        wait_until(self.is_up, LONG)

    def is_up(self) -> bool:
        assert self.process.poll() is None, self.said.read_text()
        return "Ctrl-C" in self.said.read_text()

    def status(self) -> int | None:
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with opener.open(f"http://127.0.0.1:{self.port}/accounts/login/", timeout=5) as answer:
                return answer.status
        except OSError:
            return None


@pytest.fixture
def up(home: Path) -> Iterator[Up]:
    started = Up(home, free_port())
    yield started
    started.process.kill()
    started.process.wait()
    wait_until(lambda: not mentioning(str(home)), 60)


@pytest.mark.parametrize(
    "number", [signal.SIGINT, signal.SIGTERM, pytest.param(signal.SIGHUP, marks=slow)], ids=lambda number: number.name
)
def test_ends_in_good_order_and_leaves_no_process(up, home, number):
    up.wait()
    assert up.status() == 200
    names = " ".join(mentioning(str(home)))
    assert all(part in names for part in ("granian", "worker", "short@", "beat", "redis-server", "postgres"))

    up.process.send_signal(number)

    assert up.process.wait(90) == 0, up.said.read_text()
    assert mentioning(str(home)) == []


@slow
def test_leaves_no_process_when_it_is_killed(up, home):
    up.wait()

    up.process.kill()

    wait_until(lambda: not mentioning(str(home)), 90)


@slow
def test_leaves_no_process_when_it_is_ended_while_it_prepares(up, home):
    wait_until(lambda: (home / "env").exists(), 60)

    up.process.send_signal(signal.SIGINT)

    up.process.wait(60)
    wait_until(lambda: not mentioning(str(home)), 60)


@slow
def test_ends_by_ctrl_c_also_where_a_shell_has_it_ignored(home):
    """As for what is begun with "&" in a script."""
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        up = Up(home, free_port())
    finally:
        signal.signal(signal.SIGINT, before)
    wait_until(lambda: (home / "env").exists(), 60)

    up.process.send_signal(signal.SIGINT)

    up.process.wait(60)
    wait_until(lambda: not mentioning(str(home)), 60)


@slow
def test_killed_parts_come_back(up, home):
    up.wait()
    for name in ("redis-server", "granian"):
        for pid, line in processes_mentioning(str(home)).items():
            if name in line and "keeper.py" not in line:
                os.kill(pid, signal.SIGKILL)

    wait_until(lambda: up.status() is None, 10)
    wait_until(lambda: up.status() == 200, 60)


@slow
def test_second_one_on_the_same_data_is_refused(up, home):
    up.wait()
    noted = (home / "env").read_text()

    second = Up(home, free_port(), "second.txt")

    assert second.process.wait(60) == 1
    assert (home / "env").read_text() == noted
    assert "It runs already" in second.said.read_text()
    assert up.status() == 200


@slow
def test_taken_port_is_named(home):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]

        refused = Up(home, port)

        assert refused.process.wait(60) == 1
        assert f"Port {port} is taken by another program" in refused.said.read_text()
    assert mentioning(str(home)) == []
