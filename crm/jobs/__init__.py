"""Long work with progress. What apps use: `from crm.jobs import job, start_job, JobContext`; see docs/jobs.md.

The names are looked up when first used, because models cannot be imported while apps are being loaded.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .context import JobContext
    from .operations import cancel_job, retry_job, start_job
    from .registry import job
    from .runner import run_job

__all__ = ["JobContext", "cancel_job", "job", "retry_job", "run_job", "start_job"]

_HOMES = {
    "JobContext": "context",
    "cancel_job": "operations",
    "job": "registry",
    "retry_job": "operations",
    "run_job": "runner",
    "start_job": "operations",
}


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(import_module(f".{_HOMES[name]}", __name__), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
