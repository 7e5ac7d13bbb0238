"""The kinds of record that the search box finds. An app registers its own in `ready()`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol

from django.db.models import Model
from django.utils.functional import Promise

from crm.access.policy import policy_for
from crm.tenancy.models import Membership

from .finding import asked_for, asked_together, time_limit
from .index import SearchEntry
from .ways import Where


class Findable(Protocol):
    """A record with a page of its own."""

    def get_absolute_url(self) -> str: ...


Find = Callable[[Membership, str, int], Sequence[Findable]]


@dataclass(frozen=True, slots=True)
class SearchKind:
    """`kind` is the plural word of the product, `find(membership, text, limit)` the newest matches the member may see,
    `detail(record)` what tells two of the same name apart, `icon_of(record)` its icon where not all have the kind's."""

    kind: str
    model: type[Model]
    label: str | Promise
    icon: str
    find: Find
    detail: Callable[[Any], str]
    icon_of: Callable[[Any], str] | None = None
    # The words it is found by, so that all kinds are asked together how common a word is.
    entry: type[SearchEntry] | None = None
    # What people look for most; the others follow in a second request.
    is_first: bool = False

    def places(self, membership: Membership) -> list[Where]:
        """Where a word may be asked for ahead of `find`."""
        if self.entry is None:
            return []
        everything = self.model._default_manager.all()
        visible = policy_for(self.model).visible(membership, everything)
        return [Where(self.entry, None if visible is everything else visible)]

    def hit(self, record: Findable) -> Hit:
        icon = self.icon_of(record) if self.icon_of else self.icon
        return Hit(str(record), self.detail(record), record.get_absolute_url(), icon)


@dataclass(frozen=True, slots=True)
class Hit:
    title: str
    detail: str
    url: str
    icon: str


@dataclass(frozen=True, slots=True)
class Group:
    kind: str
    label: str | Promise
    icon: str
    hits: list[Hit]


class Part(StrEnum):
    """Of the kinds: those that come at once, those that follow, or all of them together."""

    FIRST = "first"
    REST = "rest"
    ALL = "all"


_kinds: dict[str, SearchKind] = {}


def register_search_kind(kind: SearchKind) -> None:
    _kinds[kind.kind] = kind


def search_kinds() -> list[SearchKind]:
    return list(_kinds.values())


def open_kinds(membership: Membership, part: Part = Part.ALL) -> list[SearchKind]:
    """The kinds the member may view."""
    kinds = [kind for kind in _kinds.values() if part == Part.ALL or kind.is_first == (part == Part.FIRST)]
    return [kind for kind in kinds if policy_for(kind.model).allows(membership, "view")]


def search(membership: Membership, text: str, limit: int, part: Part = Part.ALL) -> list[Group]:
    """The matches of every kind the member may view, kinds without any left out. One statement per kind and one more.

    Raises SearchTooBroad.
    """
    query = asked_for(text)
    if query.kind in ("empty", "too_short"):
        return []
    kinds = open_kinds(membership, part)
    groups = []
    with time_limit(), asked_together(query, [where for kind in kinds for where in kind.places(membership)]):
        for kind in kinds:
            hits = [kind.hit(record) for record in kind.find(membership, text, limit)]
            if hits:
                groups.append(Group(kind.kind, kind.label, kind.icon, hits))
    return groups
