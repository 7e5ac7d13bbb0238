"""What is asked for, how often, and what came of it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import cycle
from statistics import quantiles

from .browser import Answer, Browser
from .processes import cpu_now

ONE_CLIENT_REQUESTS = 120
CLIENTS = 8
SECONDS = 20.0


@dataclass(frozen=True, slots=True)
class Timed:
    """One page asked for again and again by one client."""

    label: str
    p50: float
    p95: float
    statements: int
    cpu: str  # ms per request: web server + database
    errors: int


@dataclass(frozen=True, slots=True)
class Loaded:
    """The work of eight clients at once."""

    label: str
    per_second: float
    p50: float
    p95: float
    cpu: str
    errors: int


def time_page(browser: Browser, web_pid: int, label: str, paths: Sequence[str], statements: int) -> Timed:
    for path in paths[:5]:
        browser.get(path)
    before = cpu_now(web_pid)
    answers = [browser.get(path) for path, _ in zip(cycle(paths), range(ONE_CLIENT_REQUESTS), strict=False)]
    spent = cpu_now(web_pid).since(before)
    p50, p95 = _middle_and_most([answer.milliseconds for answer in answers])
    errors = sum(answer.status != 200 for answer in answers)
    return Timed(label, p50, p95, statements, spent.per(len(answers)), errors)


Work = Callable[[Browser, int], Answer]


def load(web_pid: int, label: str, browsers: Sequence[Browser], work: Work, *, good: int = 200) -> Loaded:
    """`work(browser, number)` does one thing; every browser does it until the time is over."""
    done: list[list[Answer]] = [[] for _ in browsers]
    end = time.monotonic() + SECONDS

    def run(place: int) -> None:
        number = place
        while time.monotonic() < end:
            done[place].append(work(browsers[place], number))
            number += len(browsers)

    threads = [threading.Thread(target=run, args=(place,)) for place in range(len(browsers))]
    before, started = cpu_now(web_pid), time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    seconds, spent = time.monotonic() - started, cpu_now(web_pid).since(before)
    answers = [answer for some in done for answer in some]
    p50, p95 = _middle_and_most([answer.milliseconds for answer in answers])
    errors = sum(answer.status != good for answer in answers)
    return Loaded(label, (len(answers) - errors) / seconds, p50, p95, spent.per(len(answers)), errors)


def _middle_and_most(milliseconds: list[float]) -> tuple[float, float]:
    hundredths = quantiles(milliseconds, n=100, method="inclusive")
    return hundredths[49], hundredths[94]
