"""The kinds of job that apps declare in their `tasks.py`. Imports no model: declarations are read while apps load."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from django.utils.functional import Promise
from django.utils.module_loading import autodiscover_modules

F = TypeVar("F", bound=Callable[..., None])


@dataclass(frozen=True)
class JobKind:
    """`time_limit` in seconds, for one attempt. `max_attempts` counts starts, the first one too."""

    name: str
    function: Callable[..., None]
    title: str | Promise
    time_limit: int
    max_attempts: int
    # Seconds before the second attempt; doubled for each one after it.
    backoff: int = field(default=10)

    @property
    def app(self) -> str:
        return self.name.partition(".")[0]


_kinds: dict[str, JobKind] = {}
_looked = False


def job(
    name: str, *, title: str | Promise, time_limit: int = 3600, max_attempts: int = 5, backoff: int = 10
) -> Callable[[F], F]:
    """Declare `function(ctx, **params)` as the work of jobs named `<app>.<verb>`. Params are JSON.

    The function may run again after any interruption: it commits each step together with `ctx.save_checkpoint()`, and
    begins where the checkpoint says.
    """

    def register(function: F) -> F:
        known = _kinds.get(name)
        if known and known.function.__module__ != function.__module__:
            raise ValueError(f"Two jobs are named {name!r}: in {known.function.__module__} and {function.__module__}.")
        _kinds[name] = JobKind(name, function, title, time_limit, max_attempts, backoff)
        return function

    return register


def job_kinds() -> Mapping[str, JobKind]:
    global _looked  # reading the apps' tasks once is the point
    if not _looked:
        autodiscover_modules("tasks")
        _looked = True
    return _kinds


def job_kind(name: str) -> JobKind:
    """Raises KeyError for a name that no app declares."""
    return job_kinds()[name]
