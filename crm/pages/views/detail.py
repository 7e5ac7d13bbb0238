from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from django.core.exceptions import FieldDoesNotExist
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.utils.functional import Promise, cached_property
from django.utils.html import conditional_escape, escape, linebreaks
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from crm.tenancy.base import MemberForeignKey, TenantForeignKey

from ..columns import (
    ChoiceColumn,
    Column,
    DateColumn,
    DateTimeColumn,
    NumberColumn,
    PersonColumn,
    RelatedColumn,
    YesNoColumn,
)
from ..related import Card, cards, has_cards
from ..tables import Table
from .base import Button, ObjectPage, PageAction


@dataclass(frozen=True, slots=True)
class Fact:
    label: str
    value: SafeString


@dataclass(frozen=True, slots=True)
class FactSection:
    title: str
    facts: list[Fact]


class DetailPage(ObjectPage):
    """One record: its facts by section, and what can be done with it.

    A name in `sections` is a column of `table`, else a field of the model, shown by its type. Facts without a value are
    left out, except on a new record that has none at all.
    """

    template_name = "generic/detail.html"
    table: ClassVar[type[Table] | None] = None
    sections: ClassVar[Sequence[tuple[str | Promise, Sequence[str]]]] = ()
    actions: ClassVar[Sequence[PageAction]] = ()

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        htmx = getattr(request, "htmx", None)
        if htmx and htmx.target == "cards":
            # The rest of the page is there already, so what it needs is not read again.
            response = render(request, "generic/cards.html", {"page": self})
        else:
            response = self.render()
        patch_vary_headers(response, ["HX-Request", "HX-Target"])
        return response

    def get_crumbs(self):
        return super().get_crumbs()[:-1]

    @property
    def cards_come_later(self) -> bool:
        """Cards of other apps follow in a second request, or on `?cards=1`: the record does not wait for them."""
        return has_cards(self.model) and "cards" not in self.request.GET

    @cached_property
    def cards(self) -> list[Card]:
        return cards(self.request, self.object)

    def cards_below(self) -> list[Card]:
        return [card for card in self.cards if card.wide]

    def cards_beside(self) -> list[Card]:
        return [card for card in self.cards if not card.wide]

    def fact_sections(self) -> list[FactSection]:
        sections = [FactSection(str(title), self._facts(names)) for title, names in self.sections]
        return [section for section in sections if section.facts]

    def _facts(self, names: Sequence[str]) -> list[Fact]:
        facts = []
        for name in names:
            column = self._column(name)
            value = column.value(self.object)
            # "No" to a question is no fact either: "Main contact: –" would say nothing.
            if value not in (None, "", []) and value is not False:
                facts.append(Fact(capfirst(str(column.label)), mark_safe(column.html(self.object))))
        return facts

    def _column(self, name: str) -> Column:
        known = self.table.columns.get(name) if self.table else None
        return known or column_for(self.model, name)

    def buttons(self) -> list[Button]:
        """What this member may do with this record: declared actions, then edit and delete."""
        own = (
            PageAction("edit", _("Edit"), "pencil"),
            PageAction("delete", _("Delete"), "trash", is_dangerous=True, is_rare=True),
        )
        found = [
            (action, self.url_if_allowed(action.verb, action.permission, self.object))
            for action in (*self.actions, *own)
        ]
        buttons = [
            Button(str(action.label), url, action.icon, action.is_primary, action.is_dangerous, action.is_rare)
            for action, url in found
            if url
        ]
        # What cannot be taken back stands last.
        return sorted([*buttons, *self._history_button()], key=lambda button: button.is_dangerous)

    def shown_buttons(self) -> list[Button]:
        return [button for button in self._buttons if not self._waits_in_menu(button)]

    def menu_buttons(self) -> list[Button]:
        return [button for button in self._buttons if self._waits_in_menu(button)]

    @cached_property
    def _buttons(self) -> list[Button]:
        return self.buttons()

    def _waits_in_menu(self, button: Button) -> bool:
        # A menu of one would only be in the way.
        return button.is_rare and sum(other.is_rare for other in self._buttons) > 1

    def _history_button(self) -> list[Button]:
        if getattr(self.model, "not_audited", "not a tenant model"):
            return []
        url = reverse("audit:history", args=[self.model._meta.label_lower, self.object.pk])
        return [Button(_("History"), url, "history", is_primary=False, is_dangerous=False, is_rare=True)]


class TextColumn(Column):
    """Long text, with its line breaks."""

    def show(self, value, row):
        return f'<div class="gx-text">{linebreaks(conditional_escape(value))}</div>'


class WebColumn(Column):
    def show(self, value, row):
        # Only what a browser opens as a page: "javascript:" never becomes a link.
        if not str(value).startswith(("http://", "https://")):
            return escape(value)
        return f'<a href="{escape(value)}" rel="noopener noreferrer nofollow" target="_blank">{escape(value)}</a>'


class MailColumn(Column):
    def show(self, value, row):
        return f'<a href="mailto:{escape(value)}">{escape(value)}</a>'


class PhoneColumn(Column):
    def show(self, value, row):
        return f'<a class="gx-number" href="tel:{escape(value)}">{escape(value)}</a>'


_COLUMNS: tuple[tuple[type[models.Field], type[Column]], ...] = (
    (MemberForeignKey, PersonColumn),
    (TenantForeignKey, RelatedColumn),
    (models.DateTimeField, DateTimeColumn),
    (models.DateField, DateColumn),
    (models.BooleanField, YesNoColumn),
    (models.IntegerField, NumberColumn),
    (models.TextField, TextColumn),
    (models.URLField, WebColumn),
    (models.EmailField, MailColumn),
)


def column_for(model: type[models.Model], name: str) -> Column:
    """A column for a field, by the field's type; for anything else the attribute as text."""
    try:
        field = model._meta.get_field(name)
    except FieldDoesNotExist:
        column = Column(capfirst(name.replace("_", " ")))
        column.key = name
        return column
    assert isinstance(field, models.Field), f"{model._meta.label}.{name} is no fact of its own."
    column = _kind_of(field)(field.verbose_name)
    column.key = name
    return column


def _kind_of(field: models.Field) -> type[Column]:
    if field.choices:
        return ChoiceColumn
    if field.name == "email":
        return MailColumn
    if field.name == "phone":
        return PhoneColumn
    return next((column for kind, column in _COLUMNS if isinstance(field, kind)), Column)
