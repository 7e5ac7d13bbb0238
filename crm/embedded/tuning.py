"""PostgreSQL settings for this machine: a small server that shares it with the web server, the workers and a person."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

MB = 1024 * 1024
GB = 1024 * MB


@dataclass(frozen=True)
class Machine:
    memory: int
    cores: int
    shared_memory: int

    @classmethod
    def this(cls) -> Machine:
        return cls(memory=_memory(), cores=_cores(), shared_memory=_shared_memory())


def settings_for(machine: Machine, *, fast: bool) -> dict[str, str]:
    """`fast` gives up safety in a power cut: for tests, whose data are made anew anyway."""
    settings = {
        "shared_buffers": _mb(machine.memory // 8, 128 * MB, 512 * MB if fast else 4 * GB),
        "effective_cache_size": _mb(machine.memory * 6 // 10, 256 * MB, 256 * GB),
        "work_mem": _mb(machine.memory // 1024, 4 * MB, 64 * MB),
        "maintenance_work_mem": _mb(machine.memory // 32, 64 * MB, GB),
        "max_connections": "100",
        "max_wal_size": "4GB",
        "checkpoint_timeout": "15min",
        "checkpoint_completion_target": "0.9",
        "wal_compression": "on",
        # Nothing is replicated here.
        "wal_level": "minimal",
        "max_wal_senders": "0",
        # Solid state disks; the default of 4 makes the planner shun indexes.
        "random_page_cost": "1.1",
        # Compiling pays for statements of seconds; pages run statements of milliseconds.
        "jit": "off",
        "max_parallel_workers_per_gather": "0" if machine.cores <= 2 else "2",
        "shared_preload_libraries": "pg_stat_statements",
        "track_io_timing": "on",
        "timezone": "UTC",
        "log_timezone": "UTC",
        "lc_messages": "C",
        # The log says what failed. The statement and the detail, which quote customers, it leaves out.
        "log_min_error_statement": "panic",
        "log_error_verbosity": "terse",
    }
    if machine.shared_memory < GB:
        # Containers often have 64 MB of shared memory: a parallel index build would fail there.
        settings["dynamic_shared_memory_type"] = "mmap"
    if fast:
        settings |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
    return settings


def _mb(wanted: int, least: int, most: int) -> str:
    return f"{min(max(wanted, least), most) // MB}MB"


def _memory() -> int:
    physical = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    for limit in (Path("/sys/fs/cgroup/memory.max"), Path("/sys/fs/cgroup/memory/memory.limit_in_bytes")):
        try:
            return min(physical, int(limit.read_text()))
        except (OSError, ValueError):  # no such control group, or "max"
            continue
    return physical


def _cores() -> int:
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    try:
        quota, period = Path("/sys/fs/cgroup/cpu.max").read_text().split()
        return max(1, min(cores, round(int(quota) / int(period))))
    except (OSError, ValueError):
        return cores


def _shared_memory() -> int:
    try:
        status = os.statvfs("/dev/shm")  # noqa: S108  # nothing is written there
    except OSError:
        return GB
    return status.f_frsize * status.f_blocks
