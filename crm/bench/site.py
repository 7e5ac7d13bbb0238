"""The running web server that is measured, and who asks it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

from crm.demo.people import PASSWORD
from crm.tenancy.models import Membership

from .browser import Browser
from .data import LARGE
from .measure import Timed, time_page
from .plans import statements_of
from .server import web_server

Say = Callable[[str], None]
HOME = f"/t/{LARGE}/"
# Sees everything; a representative, with scope "own", has 400,000 customers of the million.
ADMIN, OWN = f"admin@{LARGE}.example", f"sales@{LARGE}.example"


@dataclass(frozen=True)
class Site:
    port: int
    pid: int
    say: Say

    def browser(self, email: str = ADMIN) -> Browser:
        browser = Browser(self.port)
        browser.log_in(email, PASSWORD)
        return browser

    def timed(self, browser: Browser, label: str, paths: Sequence[str]) -> Timed:
        """Ask for the paths in turn, again and again. The statements are those of the page that takes most."""
        counted = (
            -1 if "bench/empty" in paths[0] else max(len(statements_of(path, browser.email)) for path in paths[:3])
        )
        row = time_page(browser, self.pid, label, paths, counted)
        self.say(f"{label}: p50 {row.p50:.1f} ms, p95 {row.p95:.1f} ms, {counted} statements, {row.errors} errors")
        return row


@contextmanager
def site(say: Say, log: Path | None = None) -> Iterator[Site]:
    with web_server(log or Path(settings.DATA_DIR) / "web.log") as (port, pid):
        yield Site(port, pid, say)


def member(email: str = ADMIN) -> Membership:
    """Of the large tenant."""
    people = Membership.objects.select_related("tenant", "user", "team")
    return people.get(tenant__slug=LARGE, user__email=email)
