"""CPU time of the servers, from /proc. Nothing is known of a database on another machine."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from django.db import connection

_TICK = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Cpu:
    """Seconds of the web server's processes and of the database's sessions since their start."""

    web: float
    database: float | None

    def since(self, before: Cpu) -> Cpu:
        both = None if self.database is None or before.database is None else self.database - before.database
        return Cpu(self.web - before.web, both)

    def per(self, requests: int) -> str:
        parts = [f"{self.web / requests * 1000:.1f}"]
        if self.database is not None:
            parts.append(f"{self.database / requests * 1000:.1f}")
        return " + ".join(parts)


def cpu_now(web_pid: int) -> Cpu:
    postmaster = _postmaster()
    parents = _parents()
    return Cpu(
        sum(_seconds(pid) for pid in _family(web_pid, parents)),
        sum(_seconds(pid) for pid in _family(postmaster, parents)) if postmaster else None,
    )


def _postmaster() -> int | None:
    connection.ensure_connection()
    session = connection.connection.info.backend_pid
    stat = _stat(session)
    return int(stat[1]) if stat and b"postgres" in _name(session) else None


def _family(pid: int, parents: dict[int, int]) -> set[int]:
    family = {pid}
    while more := {child for child, parent in parents.items() if parent in family} - family:
        family |= more
    return family


def _parents() -> dict[int, int]:
    stats = {int(path.name): _stat(int(path.name)) for path in Path("/proc").iterdir() if path.name.isdigit()}
    return {pid: int(stat[1]) for pid, stat in stats.items() if stat}


def _seconds(pid: int) -> float:
    stat = _stat(pid)
    # Its own and that of the children it has seen end: a session that ends must not turn time back.
    return sum(map(int, stat[11:15])) / _TICK if stat else 0.0


def _name(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/comm").read_bytes()
    except OSError:
        return b""


def _stat(pid: int) -> list[str]:
    """The fields of /proc/<pid>/stat from the state on; empty when the process has ended."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2].split()
    except OSError:
        return []
