"""The days that may be entered."""

from __future__ import annotations

from datetime import date

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

# PostgreSQL keeps moments at both ends of Python's calendar that Python cannot read back in UTC: one such row would
# break every page that shows it. And a year such as 0026 is a slip of the pen.
FIRST_YEAR, LAST_YEAR = 1900, 2999


def is_known_day(value: date) -> bool:
    return FIRST_YEAR <= value.year <= LAST_YEAR


def check_day(value: date) -> None:
    """A validator for days and moments."""
    if not is_known_day(value):
        raise ValidationError(
            _("The year must lie between %(first)d and %(last)d."), params={"first": FIRST_YEAR, "last": LAST_YEAR}
        )


def limit_days(field: forms.Field) -> None:
    if isinstance(field, forms.DateField | forms.DateTimeField | forms.SplitDateTimeField):
        field.validators.append(check_day)
