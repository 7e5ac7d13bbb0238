"""Who asks for a report, and for what."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

from django.core.exceptions import PermissionDenied
from django.db.models import Model
from django.forms import Field
from django.utils import timezone
from django.utils.translation import gettext as _

from crm.access.policy import policy_for
from crm.access.roles import Scope
from crm.errors import BadReportParameter, UnknownReportParameter
from crm.pages.filters import in_words
from crm.tenancy.models import Membership, Tenant

from .content import Document
from .parameters import PeriodField, ReportForm
from .periods import Period, parse_period
from .registry import Report

# (steps done, steps in all, what is being done)
Say = Callable[[int, int, str], None]


def _nobody_listens(done: int, total: int, words: str) -> None:
    pass


@dataclass(frozen=True)
class Asked:
    """One report for one member. `form` has what was asked for, and is valid; `say` tells how far it is."""

    report: Report
    membership: Membership
    form: ReportForm
    now: datetime
    say: Say = field(default=_nobody_listens)

    @property
    def values(self) -> Mapping[str, Any]:
        return self.form.cleaned_data

    @property
    def tenant(self) -> Tenant:
        return self.membership.tenant

    @property
    def currency(self) -> str:
        return self.tenant.currency

    @cached_property
    def zone(self) -> ZoneInfo:
        """Days are the tenant's, as in its revenue by day, wherever the person is."""
        return ZoneInfo(self.tenant.time_zone)

    @cached_property
    def today(self) -> date:
        return self.now.astimezone(self.zone).date()

    def period(self, name: str = "month") -> Period:
        period = parse_period(self.values[name], self.today)
        assert period is not None, "the form takes no other words"
        return period

    def in_words(self) -> list[str]:
        """What was asked for, such as "October 2026": the values that say something, in the order of the form."""
        return [words for name, field in self.form.fields.items() if (words := self._word(name, field))]

    def _word(self, name: str, field: Field) -> str:
        value = self.values.get(name)
        if value in (None, ""):
            return ""
        return str(self.period(name)) if isinstance(field, PeriodField) else in_words(field, value)

    def sees_all(self, model: type[Model]) -> bool:
        """Whether nothing of this kind is out of sight, so that sums kept for the whole tenant are the member's."""
        return policy_for(model).scope_of(self.membership) == Scope.ALL

    def reach_in_words(self, model: type[Model]) -> str:
        scope = policy_for(model).scope_of(self.membership)
        if scope == Scope.ALL:
            return _("All records")
        if scope == Scope.TEAM and self.membership.team is not None:
            return _("Records of the team “%(team)s” and the teams below") % {"team": self.membership.team.name}
        return _("Records of %(person)s") % {"person": self.membership.user}

    def about(self, model: type[Model], *more: tuple[str, str]) -> list[tuple[str, str]]:
        """What stands at the beginning of every report, so that nobody has to guess what it covers."""
        person = self.membership.user if self.membership.user_id is not None else _("The operator")
        return [
            *more,
            (_("Covers"), self.reach_in_words(model)),
            (_("Made for"), str(person)),
        ]


def ask(
    report: Report,
    membership: Membership,
    parameters: Mapping[str, Any],
    *,
    now: datetime | None = None,
    say: Say = _nobody_listens,
) -> Asked:
    """What these parameters ask for. Raises PermissionDenied, UnknownReportParameter and BadReportParameter."""
    if not report.is_open_to(membership):
        raise PermissionDenied
    form = report.form.of(membership, parameters)
    unknown = sorted(set(parameters) - set(form.fields))
    if unknown:
        raise UnknownReportParameter(name=unknown[0], names=", ".join(form.fields))
    if not form.is_valid():
        name, problems = next(iter(form.errors.items()))
        raise BadReportParameter(name=name, problem=" ".join(map(str, problems)))
    return Asked(report, membership, form, now or timezone.now(), say)


def build(asked: Asked) -> Document:
    """Inside a transaction. Days are those of the tenant's time zone."""
    with timezone.override(asked.zone):
        return asked.report.build(asked)
