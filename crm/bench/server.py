"""The web server as `manage.py up` runs it, on a port of its own."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path

from django.conf import settings

HOST = "127.0.0.1"
_PATIENCE = 60


@contextmanager
def web_server(log: Path) -> Iterator[tuple[int, int]]:
    """Yield (port, process id)."""
    port = _free_port()
    command = [
        *(sys.executable, "-m", "granian", "--interface", "wsgi", "--host", HOST, "--port", str(port)),
        *("--http", "1", "--no-ws", "--workers", "2", "--blocking-threads", "4", "crm.bench.wsgi:application"),
    ]
    with log.open("w") as output:
        process = subprocess.Popen(  # noqa: S603  # our own command
            command, cwd=settings.BASE_DIR, env=os.environ | {"DEBUG": "0", "HTTPS": "0"}, stdout=output, stderr=output
        )
        try:
            _wait(port, process, log)
            yield port, process.pid
        finally:
            process.terminate()
            process.wait(20)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return probe.getsockname()[1]


def _wait(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + _PATIENCE
    while process.poll() is None and time.monotonic() < deadline:
        connection = HTTPConnection(HOST, port, timeout=20)
        try:
            connection.request("GET", "/bench/empty/")
            if connection.getresponse().status == 200:
                return
        except OSError:
            time.sleep(0.2)
        finally:
            connection.close()
    raise RuntimeError(f"The web server did not answer. See {log}.")
