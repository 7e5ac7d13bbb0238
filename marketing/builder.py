"""The form in which conditions are put together: rows of trait, operator and value, some of them in groups.

It is plain inputs of one form. What a button would change (one row more, a group) is a submit of that form, so it works
without scripts; with them the same request brings only the rows and the count.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import count
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.template.loader import render_to_string
from django.utils.translation import gettext_lazy as _

from crm.pages.widgets import dress
from crm.segmentable import Conditions, find, read_conditions, traits
from crm.segmentable.conditions import MOST_RULES, Match, Rule, UnknownCondition
from crm.segmentable.traits import Operator, Trait
from crm.tenancy.models import Membership, Tenant

# The name of the buttons that change the form instead of sending it.
CHANGE = "conditions-change"
MOST_GROUPS = 5
MATCHES: dict[str, Any] = {"all": _("all of these"), "any": _("any of these")}
_DIGITS = 3


@dataclass(frozen=True, slots=True)
class Row:
    """One condition as it stands in the form. `group` is "" for the ones outside of groups."""

    trait: str = ""
    operator: str = ""
    raw: tuple[str, ...] = ()
    group: str = ""

    @property
    def known(self) -> Trait | None:
        return find(self.trait)


@dataclass(frozen=True, slots=True)
class State:
    """All that the form holds. `groups` are {number: match}."""

    match: Match = "all"
    rows: tuple[Row, ...] = ()
    groups: Mapping[str, Match] = field(default_factory=dict)

    @classmethod
    def sent(cls, data: Mapping[str, Any], name: str) -> State:
        """What a browser sent. Anything that makes no sense is left out; judging is the field's."""
        data = data if isinstance(data, QueryDict) else _as_query(data)
        groups = {number: _match(data, f"{name}-g{number}") for number in _numbers(data, f"{name}-g", MOST_GROUPS)}
        rows = []
        for number in _numbers(data, f"{name}-r", 2 * MOST_RULES):
            at = f"{name}-r{number}"
            group = data.get(f"{at}-group", "")
            trait, operator = data.get(f"{at}-trait", ""), data.get(f"{at}-operator", "")
            # The value of another trait makes no sense for this one.
            was_same = data.get(f"{at}-was", trait) == trait
            raw = tuple(data.getlist(f"{at}-value")) if was_same else ()
            rows.append(_fitting(Row(trait, operator, raw, group if group in groups else "")))
        return cls(_match(data, name), tuple(rows), groups)

    @classmethod
    def stored(cls, conditions: Conditions, membership: Membership) -> State:
        rows: list[Row] = []
        groups: dict[str, Match] = {}
        for rule in conditions.rules:
            if isinstance(rule, Rule):
                rows.append(_row(rule, "", membership))
            else:
                number = str(len(groups) + 1)
                groups[number] = rule.match
                rows += [_row(one, number, membership) for one in rule.rules if isinstance(one, Rule)]
        return cls(conditions.match, tuple(rows), groups)

    def changed(self, change: str) -> State:
        """One row or group more ("add", "add-2", "group"), or one row or group less ("remove-3", "ungroup-1")."""
        verb, _dash, at = change.partition("-")
        rows = list(self.rows)
        if verb == "add" and len(rows) < MOST_RULES and (not at or at in self.groups):
            return replace(self, rows=(*rows, Row(group=at)))
        if verb == "group" and len(self.groups) < MOST_GROUPS and len(rows) < MOST_RULES:
            number = next(str(number) for number in count(1) if str(number) not in self.groups)
            return replace(self, rows=(*rows, Row(group=number)), groups={**self.groups, number: "any"})
        if verb == "remove" and at.isdecimal() and at.isascii() and len(at) <= _DIGITS and int(at) < len(rows):
            return replace(self, rows=tuple(rows[: int(at)] + rows[int(at) + 1 :]))._without_empty_groups()
        if verb == "ungroup":
            return replace(self, rows=tuple(row for row in rows if row.group != at))._without_empty_groups()
        return self

    def as_fields(self, name: str) -> Iterator[tuple[str, str]]:
        """As a browser would send it."""
        yield f"{name}-match", self.match
        for number, match in self.groups.items():
            yield f"{name}-g{number}-match", match
        for place, row in enumerate(self.rows):
            at = f"{name}-r{place}"
            yield f"{at}-group", row.group
            yield f"{at}-trait", row.trait
            yield f"{at}-operator", row.operator
            yield from ((f"{at}-value", one) for one in row.raw)

    def _without_empty_groups(self) -> State:
        used = {row.group for row in self.rows}
        return replace(self, groups={number: match for number, match in self.groups.items() if number in used})


def _as_query(data: Mapping[str, Any]) -> QueryDict:
    query = QueryDict(mutable=True)
    for key, value in data.items():
        query.setlist(key, value if isinstance(value, list) else [value])
    return query


def _numbers(data: QueryDict, prefix: str, most: int) -> Iterator[str]:
    """The numbers of the inputs called prefix0, prefix1, …; in their order."""
    found = {key[len(prefix) :].partition("-")[0] for key in data if key.startswith(prefix)}
    plain = sorted(int(one) for one in found if one.isdecimal() and one.isascii() and len(one) <= _DIGITS)
    return (str(number) for number in plain[:most])


def _match(data: QueryDict, name: str) -> Match:
    return "any" if data.get(f"{name}-match") == "any" else "all"


def _fitting(row: Row) -> Row:
    trait = row.known
    if trait is None:
        return replace(row, trait="", operator="", raw=())
    return row if row.operator in trait.operators else replace(row, operator=str(trait.operators[0]), raw=())


def _row(rule: Rule, group: str, membership: Membership) -> Row:
    shown = rule.trait.field(rule.operator, membership)
    if shown is None:
        return Row(rule.trait.name, str(rule.operator), (), group)
    written = shown.widget.format_value(shown.prepare_value(rule.trait.from_json(rule.value)))
    raw = tuple(map(str, written)) if isinstance(written, list | tuple) else (str(written or ""),)
    return Row(rule.trait.name, str(rule.operator), raw, group)


def read_row(row: Row, membership: Membership) -> Rule | None:
    """The rule of a row; None while nothing is chosen. Raises ValidationError."""
    trait = row.known
    if trait is None:
        return None
    shown = trait.field(row.operator, membership)
    if shown is None:
        return Rule(trait, row.operator)
    value = list(row.raw) if isinstance(shown, forms.MultipleChoiceField) else next(iter(row.raw), "")
    return Rule(trait, row.operator, trait.to_json(shown.clean(value)))


def read_state(state: State, membership: Membership, *, strict: bool = True) -> tuple[Conditions, dict[int, list[str]]]:
    """The conditions, and what is wrong by row. Not `strict`, as while somebody is still typing: without those rows."""
    errors: dict[int, list[str]] = {}
    rules: dict[str, list[Rule]] = {}
    for place, row in enumerate(state.rows):
        try:
            rule = read_row(row, membership)
        except ValidationError as error:
            errors[place] = [str(message) for message in error.messages]
            continue
        if rule is not None:
            rules.setdefault(row.group, []).append(rule)
    outside: list[Rule | Conditions] = list(rules.pop("", []))
    outside += [Conditions(state.groups[number], tuple(inside)) for number, inside in rules.items()]
    return Conditions(state.match, tuple(outside)), errors if strict else {}


class ConditionsWidget(forms.Widget):
    """Draws the rows. `as_sent` lets the page for edit conflicts compare what many inputs say."""

    template = "marketing/conditions.html"
    membership: Membership
    errors: Mapping[int, list[str]] = {}

    def value_from_datadict(self, data, files, name):
        return State.sent(data, name)

    def value_omitted_from_data(self, data, files, name):
        return False

    def as_sent(self, data: Mapping[str, Any], name: str) -> list[str]:
        conditions, _errors = read_state(State.sent(data, name), self.membership)
        return [_as_text(conditions.as_json())]

    def format_value(self, value):
        return _as_text(value.as_json() if isinstance(value, Conditions) else value)

    def render(self, name, value, attrs=None, renderer=None):
        state = value if isinstance(value, State) else self._state(value)
        return render_to_string(self.template, self.drawn(name, state))

    def _state(self, value: Any) -> State:
        try:
            return State.stored(read_conditions(value), self.membership)
        except UnknownCondition:
            return State()

    def drawn(self, name: str, state: State) -> dict[str, Any]:
        lines = [
            Line.of(name, place, row, self.membership, self.errors.get(place, []))
            for place, row in enumerate(state.rows)
        ]
        return {
            "name": name,
            "match": state.match,
            "matches": MATCHES,
            "lines": [line for line in lines if not line.row.group],
            "groups": [
                {"number": number, "match": match, "lines": [line for line in lines if line.row.group == number]}
                for number, match in state.groups.items()
            ],
            "change": CHANGE,
            "has_room": len(lines) < MOST_RULES,
            "has_room_for_group": len(lines) < MOST_RULES and len(state.groups) < MOST_GROUPS,
        }


@dataclass(frozen=True, slots=True)
class Line:
    """A row with all that its template shows."""

    row: Row
    place: int
    at: str
    offered: list[tuple[str, list[tuple[str, str]]]]
    operators: list[tuple[str, str]]
    input: str
    errors: list[str]

    @classmethod
    def of(cls, name: str, place: int, row: Row, membership: Membership, errors: list[str]) -> Line:
        at = f"{name}-r{place}"
        trait = row.known
        operators = [(str(one), str(Operator(one).label)) for one in trait.operators] if trait else []
        return cls(row, place, at, offered(), operators, _input(at, row, membership, errors), errors)


def offered() -> list[tuple[str, list[tuple[str, str]]]]:
    """The traits by group, as a list for choosing shows them."""
    groups: dict[str, list[tuple[str, str]]] = {}
    for trait in traits().values():
        groups.setdefault(str(trait.group), []).append((trait.name, str(trait.label)))
    return list(groups.items())


def _input(at: str, row: Row, membership: Membership, errors: list[str]) -> str:
    trait = row.known
    shown = trait.field(row.operator, membership) if trait else None
    if shown is None:
        return ""
    dress(shown)
    value = list(row.raw) if isinstance(shown, forms.MultipleChoiceField) else next(iter(row.raw), "")
    attrs = {"id": f"id_{at}-value", "aria-label": str(_("Value"))}
    if errors:
        attrs |= {"aria-invalid": "true", "aria-describedby": f"id_{at}-error"}
        attrs["class"] = f"{shown.widget.attrs.get('class', '')} is-invalid".strip()
    return shown.widget.render(f"{at}-value", value, attrs)


class ConditionsField(forms.Field):
    widget = ConditionsWidget
    tenant: Tenant
    membership: Membership

    def enter(self, membership: Membership) -> None:
        self.membership = self.widget.membership = membership
        self.tenant = membership.tenant

    def clean(self, value: Any) -> dict[str, Any]:
        """As the model keeps it. A field that is switched off brings what is kept already."""
        if not isinstance(value, State):
            try:
                return read_conditions(value).as_json()
            except UnknownCondition as error:
                raise ValidationError(str(error), code="unknown") from error
        conditions, errors = read_state(value, self.membership)
        if errors:
            self.widget.errors = errors
            raise ValidationError(_("Some conditions are not complete."), code="incomplete")
        return conditions.as_json()

    def has_changed(self, initial: Any, data: Any) -> bool:
        return True

    def in_words(self, value: Any) -> str:
        try:
            conditions = read_conditions(value)
        except UnknownCondition as error:
            return str(error)
        return "; ".join(said(conditions, self.tenant)) or str(_("Every customer"))


def said(conditions: Conditions, tenant: Tenant) -> list[str]:
    """Each rule in words; a group as one, in brackets."""
    words = []
    for rule in conditions.rules:
        if isinstance(rule, Rule):
            words.append(rule.in_words(tenant))
        else:
            joint = f" {_('and')} " if rule.match == "all" else f" {_('or')} "
            words.append(f"({joint.join(said(rule, tenant))})")
    return words


def _as_text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True)
