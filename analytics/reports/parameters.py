"""The forms of reports. What is typed, what a schedule keeps and what the command is given pass through the same one.

A parameter is kept as the text that the browser sends, so that "last month" stays what it says.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Model
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crm.pages.forms import TenantForm
from crm.tenancy.models import Membership

from .periods import Period, month_after, parse_period

MONTHS_OFFERED = 24
LAST_MONTH, THIS_MONTH = "last", "this"


def months_offered() -> list[tuple[str, Any]]:
    this = timezone.localdate().replace(day=1)
    named = [Period(month_after(this, -number), 1) for number in range(1, MONTHS_OFFERED + 1)]
    return [
        (LAST_MONTH, _("Last month")),
        (THIS_MONTH, _("This month so far")),
        *((f"{month.first:%Y-%m}", str(month)) for month in named),
    ]


def periods_offered() -> list[tuple[str, Any]]:
    this = timezone.localdate().replace(day=1)
    years = [Period(date(this.year - number, 1, 1), 12) for number in range(3)]
    return [
        (LAST_MONTH, _("Last month")),
        (THIS_MONTH, _("This month so far")),
        ("last-quarter", _("Last quarter")),
        ("this-quarter", _("This quarter so far")),
        ("this-year", _("This year so far")),
        *((f"{year.first:%Y}", str(year)) for year in years),
    ]


class PeriodField(forms.ChoiceField):
    """A word for a period (periods.py). The page offers the usual ones; the others may be typed into a command."""

    months_only = False

    def __init__(self, **options: Any):
        usual: dict[str, Any] = {"choices": periods_offered, "initial": LAST_MONTH}
        super().__init__(**usual | options)

    def valid_value(self, value: Any) -> bool:
        period = parse_period(str(value), timezone.localdate())
        return period is not None and (period.months == 1 or not self.months_only)

    def to_python(self, value: Any) -> str:
        return str(value).strip() if value not in self.empty_values else ""

    def in_words(self, value: Any) -> str:
        words = dict(self.choices)  # type: ignore[arg-type]  # pairs, never groups
        period = parse_period(str(value), timezone.localdate())
        return str(words.get(value) or period or value)

    def validate(self, value: Any) -> None:
        try:
            super().validate(value)
        except ValidationError:
            if value in self.empty_values:
                raise
            raise ValidationError(_("“%(value)s” is no period. %(example)s"), params=self._example(value)) from None

    def _example(self, value: Any) -> dict[str, Any]:
        if self.months_only:
            example = _("Write it like 2026-10, or “last” for the last month.")
        else:
            example = _("Write it like 2026-10, 2026-Q3 or 2026, or “last” for the last month.")
        return {"value": str(value)[:40], "example": example}


class MonthField(PeriodField):
    months_only = True

    def __init__(self, **options: Any):
        super().__init__(**{"choices": months_offered} | options)


class ReportForm(TenantForm):
    """What a report may be asked for. A parameter that is not given takes its first value."""

    @classmethod
    def of(cls, membership: Membership, parameters: Mapping[str, Any]) -> ReportForm:
        usual = {name: field.initial for name, field in cls.base_fields.items() if field.initial is not None}
        return cls(usual | dict(parameters), membership=membership)

    @classmethod
    def kept(cls, cleaned: Mapping[str, Any]) -> dict[str, str]:
        """The parameters as they are kept: of a record its number."""
        kept = {}
        for name in cls.base_fields:
            value = cleaned.get(name)
            if value not in (None, ""):
                kept[name] = str(value.pk if isinstance(value, Model) else value)
        return kept
