"""Which customers: rules joined by all or any, with one level of groups. Plain data, kept as JSON."""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce
from operator import and_, or_
from typing import Any, Literal

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from crm.errors import CrmError
from crm.tenancy.models import Tenant

from .registry import find
from .traits import ALONE, Asked, Trait

Match = Literal["all", "any"]
MOST_RULES = 30


class UnknownCondition(CrmError):
    message = _("This segment asks for something that is not known here any more. Edit its conditions.")


@dataclass(frozen=True, slots=True)
class Rule:
    trait: Trait
    operator: str
    value: Any = None

    def q(self, asked: Asked) -> Q:
        return self.trait.condition(self.operator, self.value, asked)

    def in_words(self, tenant: Tenant) -> str:
        return self.trait.in_words(self.operator, self.value, tenant)

    def as_json(self) -> dict[str, Any]:
        said = {"trait": self.trait.name, "operator": str(self.operator)}
        return said if self.operator in ALONE else said | {"value": self.value}


@dataclass(frozen=True, slots=True)
class Conditions:
    """Without rules: every customer."""

    match: Match = "all"
    rules: tuple[Rule | Conditions, ...] = ()

    def q(self, asked: Asked) -> Q:
        parts = [rule.q(asked) for rule in self.rules]
        return reduce(and_ if self.match == "all" else or_, parts) if parts else Q()

    def as_json(self) -> dict[str, Any]:
        return {"match": self.match, "rules": [rule.as_json() for rule in self.rules]}

    def __bool__(self) -> bool:
        return bool(self.rules)

    def every_rule(self) -> list[Rule]:
        return [one for rule in self.rules for one in (rule.every_rule() if isinstance(rule, Conditions) else [rule])]


def read_conditions(stored: Any) -> Conditions:
    """From JSON. Raises UnknownCondition: a rule that is not understood must not quietly let everybody in."""
    try:
        found = _conditions(stored, is_inside=False)
        if len(found.every_rule()) > MOST_RULES:
            raise ValueError
        return found
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise UnknownCondition from error


def _conditions(stored: Any, *, is_inside: bool) -> Conditions:
    match = stored["match"]
    if match not in ("all", "any"):
        raise ValueError(match)
    return Conditions(match, tuple(_rule(one, is_inside=is_inside) for one in stored["rules"]))


def _rule(stored: Any, *, is_inside: bool) -> Rule | Conditions:
    if "rules" in stored:
        if is_inside or not stored["rules"]:
            raise ValueError("one level of groups, none of them empty")
        return _conditions(stored, is_inside=True)
    trait = find(stored["trait"])
    if trait is None or stored["operator"] not in trait.operators:
        raise ValueError(stored)
    if stored["operator"] in ALONE:
        return Rule(trait, stored["operator"])
    trait.from_json(stored["value"])
    return Rule(trait, stored["operator"], stored["value"])
