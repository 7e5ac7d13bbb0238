"""An entry in words: which record, which fields, from what to what; in the reader's language and time zone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from django.apps import apps
from django.contrib.auth import get_user_model
from django.db import models
from django.db.models import Model
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm.pages import formats

from .choices import Action
from .models import AuditEntry

# Read before a tenant is known, so they are no tenant models, but changes of theirs are in the trail.
PLATFORM_KINDS = ("tenancy.tenant", "tenancy.team", "tenancy.membership")

People = Mapping[int, str]
Text = str | Promise


@dataclass(frozen=True, slots=True)
class Change:
    label: str
    before: str
    after: str


@lru_cache(maxsize=256)
def model_of(kind: str) -> type[Model] | None:
    """The model an entry is about; None when there is none, or no longer."""
    try:
        return apps.get_model(kind) if kind else None
    except (LookupError, ValueError):
        return None


def kind_label(kind: str) -> str:
    model = model_of(kind)
    return capfirst(str(model._meta.verbose_name)) if model else kind


def is_audited(model: type[Model]) -> bool:
    return getattr(model, "not_audited", None) == ""


def kind_choices() -> list[tuple[str, str]]:
    """Every kind that the trail may be asked for, by its name."""
    kinds = [*(model._meta.label_lower for model in apps.get_models() if is_audited(model)), *PLATFORM_KINDS]
    return sorted(((kind, kind_label(kind)) for kind in kinds), key=lambda choice: choice[1])


def address_of(entry: AuditEntry) -> str:
    """The page of the record, "" where it has none (any more)."""
    model = model_of(entry.kind)
    if model is None or entry.object_id is None or entry.action == Action.DELETE:
        return ""
    get_absolute_url = getattr(model, "get_absolute_url", None)
    if get_absolute_url is None or entry.kind in PLATFORM_KINDS:
        return ""
    return get_absolute_url(model(pk=entry.object_id))


def record_label(entry: AuditEntry) -> str:
    label = kind_label(entry.kind)
    if entry.object_id is not None:
        return f"{label} #{entry.object_id}"
    if entry.row_count != 1:
        return _("%(kind)s (%(count)s rows)") % {"kind": label, "count": formats.number(entry.row_count)}
    return label


def changes_in_words(entry: AuditEntry, people: People | None = None) -> list[Change]:
    """In the order of the model's fields, as on its pages; what is no field any more comes last."""
    model = model_of(entry.kind)
    order = {field.column: place for place, field in enumerate(_fields(model))}
    changes = sorted(entry.changes.items(), key=lambda change: order.get(change[0], len(order)))
    return [
        Change(_label(model, column), _value(model, column, before, people), _value(model, column, after, people))
        for column, (before, after) in changes
    ]


# What the database and the code say of a batch or an event.
_DETAILS: Mapping[str, Text] = {
    "operation": gettext_lazy("What was done"),
    "first_id": gettext_lazy("First number"),
    "last_id": gettext_lazy("Last number"),
    "import_id": gettext_lazy("Import"),
    "format": gettext_lazy("File format"),
}


def details_in_words(entry: AuditEntry) -> list[tuple[str, str]]:
    """(name, value) of what is known about a batch of rows, or about an event."""
    known = [name for name in _DETAILS if name in entry.detail]
    others = sorted(name for name in entry.detail if name not in _DETAILS)
    return [(str(_DETAILS.get(name, name)), _detail(name, entry.detail[name])) for name in (*known, *others)]


def _detail(name: str, value: Any) -> str:
    if name == "operation" and value in Action:
        return str(Action(value).label)
    return f"#{value}" if name.endswith("_id") else str(value)


def people_in(entries: Iterable[AuditEntry]) -> People:
    """The names of everybody who is a value in these entries; asks the database only when somebody is."""
    ids = {
        value
        for entry in entries
        for column, pair in entry.changes.items()
        if _is_person(_field(model_of(entry.kind), column))
        for value in pair
        if isinstance(value, int)
    }
    if not ids:
        return {}
    return {user.pk: str(user) for user in get_user_model().objects.filter(pk__in=ids)}


def _fields(model: type[Model] | None) -> Iterable[models.Field]:
    return model._meta.concrete_fields if model is not None else ()


def _field(model: type[Model] | None, column: str) -> models.Field | None:
    return next((field for field in _fields(model) if field.column == column), None)


def _is_person(field: models.Field | None) -> bool:
    return field is not None and field.is_relation and field.related_model is get_user_model()


def _label(model: type[Model] | None, column: str) -> str:
    field = _field(model, column)
    return capfirst(str(field.verbose_name)) if field is not None else column


def _value(model: type[Model] | None, column: str, value: Any, people: People | None) -> str:
    if value is None or value == "":
        return ""
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    field = _field(model, column)
    if said := getattr(model, "value_in_words", None):
        words = said(column, value)
        if words is not None:
            return str(words)
    if isinstance(value, dict):
        return ", ".join(f"{name}: {inner}" for name, inner in value.items())
    if isinstance(value, list):
        return ", ".join(_value(model, column, item, people) for item in value)
    if _is_person(field):
        return (people or {}).get(value, f"#{value}")
    if field is not None and field.is_relation:
        return f"#{value}"
    choices = dict(getattr(field, "flatchoices", ()) or _choices_of_items(field))
    if isinstance(value, str | int) and value in choices:
        return str(choices[value])
    return _moment_or_text(field, value)


def _choices_of_items(field: models.Field | None) -> list[tuple[Any, Any]]:
    return getattr(getattr(field, "base_field", None), "flatchoices", [])


def _moment_or_text(field: models.Field | None, value: Any) -> str:
    parsed: date | datetime | None = None
    if isinstance(field, models.DateTimeField):
        parsed = parse_datetime(str(value))
        return formats.moment(parsed) if parsed else str(value)
    if isinstance(field, models.DateField):
        parsed = parse_date(str(value))
        return formats.day(parsed) if parsed else str(value)
    return str(value)
