"""The reports that there are. Page, schedule and command build them by the same entry."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import Model
from django.utils.functional import Promise

from crm.access.policy import policy_for
from crm.access.roles import Role
from crm.errors import UnknownReport
from crm.tenancy.models import Membership

if TYPE_CHECKING:
    from .asking import Asked
    from .content import Document
    from .parameters import ReportForm


@dataclass(frozen=True)
class Report:
    """`roles` may ask for it, if the policies of what it `needs` let them. What they see in it, those say too."""

    key: str
    title: str | Promise
    text: str | Promise
    icon: str
    form: type[ReportForm]
    build: Callable[[Asked], Document]
    roles: frozenset[Role]
    needs: tuple[tuple[type[Model], str], ...]
    # The records of which it is a list: that they left is noted in the trail, as of every export.
    lists: type[Model] | None = None

    def is_open_to(self, membership: Membership) -> bool:
        return membership.has_role(*self.roles) and all(
            policy_for(model).allows(membership, action) for model, action in self.needs
        )

    def __str__(self) -> str:
        return str(self.title)


_reports: dict[str, Report] = {}


def register(report: Report) -> Report:
    _reports[report.key] = report
    return report


def reports() -> Mapping[str, Report]:
    """All reports, in the order in which they are offered."""
    from . import builders  # noqa: F401  # each registers itself here, so they import this module first

    return _reports


def find_report(key: str) -> Report:
    """Raises UnknownReport."""
    found = reports().get(key)
    if found is None:
        raise UnknownReport(name=key, reports=", ".join(reports()))
    return found


def open_reports(membership: Membership) -> list[Report]:
    return [report for report in reports().values() if report.is_open_to(membership)]
