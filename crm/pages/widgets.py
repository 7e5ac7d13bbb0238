"""How inputs look. One function dresses every field of every form; nobody writes classes into a form."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.db.models import Model
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _

from .ids import is_id

_LONGEST_TEXT = 100

_CLASSES: tuple[tuple[type[forms.Widget], str], ...] = (
    (forms.HiddenInput, ""),
    (forms.RadioSelect, ""),
    (forms.CheckboxSelectMultiple, ""),
    (forms.CheckboxInput, "form-check-input"),
    (forms.Select, "form-select"),
    (forms.Textarea, "form-control"),
    (forms.widgets.Input, "form-control"),
)


def dress(field: forms.Field) -> None:
    """Give the field's input its class, and the browser's own picker for days and moments."""
    widget = field.widget
    for part in widget.widgets if isinstance(widget, forms.MultiWidget) else [widget]:
        _dress_widget(part)


def _dress_widget(widget: forms.Widget) -> None:
    if isinstance(widget, forms.DateTimeInput):
        _as_type(widget, "datetime-local", "%Y-%m-%dT%H:%M")
    elif isinstance(widget, forms.DateInput):
        _as_type(widget, "date", "%Y-%m-%d")
    elif isinstance(widget, forms.Textarea):
        widget.attrs.setdefault("rows", 4)
    _add_class(widget)


def _as_type(widget: forms.DateInput | forms.DateTimeInput, kind: str, written: str) -> None:
    # The browser sends and expects this form whatever the language.
    widget.input_type = kind
    widget.format = written


def _add_class(widget: forms.Widget) -> None:
    wanted = next((css for kind, css in _CLASSES if isinstance(widget, kind)), "")
    present = widget.attrs.get("class", "").split()
    if wanted and wanted not in present:
        widget.attrs["class"] = " ".join([wanted, *present])


class Typed(str):
    """What was typed to find a record by, instead of choosing one."""


class PickSelect(forms.Select):
    """A choice out of very many: the page holds the chosen record and a few recent ones; a script asks for others.

    Without JavaScript a text box stands beside it (when `finds`): what is typed there is looked for when the form is
    sent (PickField), and is chosen, or is what the choice then offers (`found`).
    """

    few = 20
    finds = False
    found: Sequence[Model] = ()

    def __init__(self, attrs=None, choices=()):
        super().__init__(attrs, choices)

    def optgroups(self, name, value, attrs=None):
        field_choices: Any = self.choices
        queryset = getattr(field_choices, "queryset", None)
        if queryset is None:
            return super().optgroups(name, value, attrs)
        chosen = [key for key in value if key]
        rows = list(queryset.filter(pk__in=[key for key in chosen if is_id(str(key))])) if chosen else []
        if self.found:
            rows += [row for row in self.found if row not in rows]
        elif len(rows) < self.few:
            rows += [row for row in queryset.order_by("-pk")[: self.few] if row not in rows]
        options = [("", field_choices.field.empty_label or "")] if not self.is_required else [("", "")]
        options += [(row.pk, str(row)) for row in rows]
        return [
            (None, [self.create_option(name, key, label, str(key) in value, index)], index)
            for index, (key, label) in enumerate(options)
        ]

    def value_from_datadict(self, data, files, name):
        typed = data.get(_find_name(name), "").replace("\0", "").strip()[:_LONGEST_TEXT] if self.finds else ""
        return Typed(typed) if typed else super().value_from_datadict(data, files, name)

    def format_value(self, value):
        return [] if isinstance(value, Typed) else super().format_value(value)

    def render(self, name, value, attrs=None, renderer=None):
        select = super().render(name, value, attrs, renderer)
        if not self.finds:
            return select
        return select + format_html(
            '<input class="form-control gx-plain-only" type="text" name="{}" value="{}" maxlength="{}"'
            ' autocomplete="off" placeholder="{}" aria-label="{}">',
            _find_name(name),
            value if isinstance(value, Typed) else "",
            _LONGEST_TEXT,
            _("Another one: type a name or number"),
            _("Another one: type a name or number"),
        )

    def build_attrs(self, base_attrs, extra_attrs=None):
        attrs = super().build_attrs(base_attrs, extra_attrs)
        address = self._address()
        return attrs | ({"data-pick": address} if address else {})

    def _address(self) -> str:
        from .registry import list_pages

        queryset = getattr(self.choices, "queryset", None)
        kind = list_pages.kind_of(queryset.model) if queryset is not None else None
        return reverse("pages:pick", args=[kind]) if kind else ""


def _find_name(name: str) -> str:
    return f"{name}-find"
