"""What an app measures, in its `bench` module: functions that ask the running site, or do a piece of work."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from django.utils.module_loading import autodiscover_modules

from .measure import Timed
from .site import Site


@dataclass(frozen=True, slots=True)
class Figure:
    """A row of a table: `target` as the issue says it, `is_missed` whether it was not reached."""

    work: str
    figure: str
    target: str = "–"
    is_missed: bool = False


@dataclass(frozen=True)
class Section:
    """A part of the report: pages that were timed against `limit` milliseconds (p95), and single figures."""

    title: str
    pages: list[Timed] = field(default_factory=list)
    limit: int = 80
    figures: list[Figure] = field(default_factory=list)


Measure = Callable[[Site], Iterable[Section]]
_measures: dict[str, Measure] = {}


def measure(app: str) -> Callable[[Measure], Measure]:
    """Decorator: one function for each app; `manage.py bench --only <app>` asks for it alone."""

    def register(function: Measure) -> Measure:
        _measures[app] = function
        return function

    return register


def measures() -> dict[str, Measure]:
    autodiscover_modules("bench")
    return _measures
