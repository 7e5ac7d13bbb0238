"""Two people changed the same record. What the later one typed stands beside what is there now, field by field.

The form carries what each field held when it was opened, so that the page can say who changed what. Values are compared
as a browser sends them: a moment without its seconds is then equal to itself.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.db.models import Model

from .filters import in_words
from .forms import TenantModelForm

BEGINNING = "beginning"
_CHOICE = "keep-"
MINE, THEIRS = "mine", "theirs"

Sent = list[str]


@dataclass(frozen=True, slots=True)
class Difference:
    """One field. `choice` is what is ticked beforehand: who alone changed the field keeps it; both did, then mine."""

    name: str
    label: str
    mine: str
    theirs: str
    choice: str
    is_both: bool

    @property
    def input_name(self) -> str:
        return _CHOICE + self.name


def beginning_of(form: TenantModelForm) -> str:
    """What the form holds before anybody types, for its hidden field."""
    return json.dumps({bound.name: _as_sent(bound) for bound in form.visible_fields()}, ensure_ascii=False)


def apply_choices(form: TenantModelForm, data: Mapping[str, Any]) -> None:
    """Leave the fields out for which the person kept what is there: a disabled field takes the record's value."""
    for name, field in form.fields.items():
        if data.get(_CHOICE + name) == THEIRS:
            field.disabled = True


def is_stale(form: TenantModelForm, current: Model) -> bool:
    """Whether the record has changed since the person opened the form. A form that does not say counts as old."""
    return form.data.get(form.add_prefix("version")) != str(current.version)  # type: ignore[attr-defined]


def differences(form: TenantModelForm, theirs: TenantModelForm) -> list[Difference]:
    """Fields in which what was typed differs from `theirs`, an unbound form of the record as it is now."""
    form.is_valid()
    began = _beginning_sent(form)
    found = []
    for bound in form.visible_fields():
        mine, now = _typed(form, bound.name), _as_sent(theirs[bound.name])
        # What the member may not change is not sent, which means nothing.
        if mine == now or theirs.fields[bound.name].disabled:
            continue
        before = began.get(bound.name, now)
        i_changed, they_changed = mine != before, now != before
        found.append(
            Difference(
                bound.name,
                str(bound.label),
                # What did not pass validation is shown as it was typed.
                in_words(bound.field, form.cleaned_data.get(bound.name, ", ".join(mine))),
                in_words(bound.field, _theirs(theirs[bound.name], now)),
                THEIRS if they_changed and not i_changed else MINE,
                is_both=i_changed and they_changed,
            )
        )
    return found


def _beginning_sent(form: TenantModelForm) -> dict[str, Sent]:
    try:
        began = json.loads(form.data.get(BEGINNING, "{}"))
    except ValueError:
        return {}
    if not isinstance(began, dict):
        return {}
    return {name: _plain(value) for name, value in began.items() if isinstance(value, list)}


def _typed(form: TenantModelForm, name: str) -> Sent:
    widget = form.fields[name].widget
    if hasattr(widget, "as_sent"):
        # Many inputs in one field, such as the lines of a quote.
        return _plain(widget.as_sent(form.data, form.add_prefix(name)))
    return _plain(form.data.getlist(form.add_prefix(name)))  # type: ignore[attr-defined]


def _as_sent(bound: forms.BoundField) -> Sent:
    """What a browser would send for the field's first value."""
    value = bound.field.prepare_value(bound.initial)
    if isinstance(bound.field.widget, forms.CheckboxInput):
        return ["on"] if value else []
    written = bound.field.widget.format_value(value)
    return _plain(written if isinstance(written, list | tuple) else [written])


def _plain(values: Any) -> Sent:
    texts = ["" if value is None else str(value).replace("\r\n", "\n").strip() for value in values]
    return sorted(text for text in texts if text)


def _theirs(bound: forms.BoundField, sent: Sent) -> Any:
    return bound.initial if hasattr(bound.field.widget, "as_sent") else _cleaned(bound.field, sent)


def _cleaned(field: forms.Field, sent: Sent) -> Any:
    try:
        if isinstance(field, forms.BooleanField):
            return bool(sent)
        return field.to_python(sent if isinstance(field, forms.MultipleChoiceField) else (sent or [""])[0])
    except (forms.ValidationError, TypeError):
        return ", ".join(sent)
