"""Cards on a record's page that other apps put there: a customer's deals, tickets, purchases.

Apps that do not know each other meet here. Called in `<app>/navigation.py`:

register_related(Customer, Related("deals", _("Deals"), "sales/cards/deals.html", deals_of, needs=(Deal, "view")))
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db.models import Model
from django.template.loader import render_to_string
from django.utils.functional import Promise
from django.utils.safestring import SafeString

from .navigation import Need, is_met
from .request import MemberRequest


@dataclass(frozen=True)
class Related:
    """One card. `context` reads a few rows for (request, record), through `visible()`; None leaves the card out.

    The template shows the inside of the card. `wide` stands below the main column, the others beside it.
    """

    key: str
    title: str | Promise
    template: str
    context: Callable[[MemberRequest, Any], dict[str, Any] | None]
    needs: Need = None
    order: int = 50
    wide: bool = False


@dataclass(frozen=True, slots=True)
class Card:
    key: str
    title: str
    html: SafeString
    wide: bool


_related: dict[type[Model], dict[str, Related]] = defaultdict(dict)


def register_related(model: type[Model], related: Related) -> None:
    _related[model][related.key] = related


def has_cards(model: type[Model]) -> bool:
    return model in _related


def cards(request: MemberRequest, record: Model) -> list[Card]:
    """What this member sees beside the record, in order."""
    found = []
    for related in sorted(_related.get(type(record), {}).values(), key=lambda one: one.order):
        context = related.context(request, record) if is_met(related.needs, request) else None
        if context is not None:
            html = SafeString(render_to_string(related.template, {"record": record, **context}, request=request))
            found.append(Card(related.key, str(related.title), html, related.wide))
    return found
