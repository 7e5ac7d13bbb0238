"""What a text may be filled with. Nothing else is: a placeholder is looked up here, never evaluated."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.utils import translation
from django.utils.functional import Promise
from django.utils.module_loading import autodiscover_modules

# {"customer": a Customer, "tenant": a Tenant, …}: what is at hand when a text is filled.
Context = Mapping[str, Any]


@dataclass(frozen=True)
class Placeholder:
    """`name` begins with what must be at hand: "customer.city" asks for `context["customer"]`.

    `value` gets the context and says the text, "" when there is none. It is also known by its label in every language:
    `{{ 客户名称 }}`. `is_address`: the whole address of a web page that we made, so it may stand in a link.
    `joins` and `annotates`: what is read along with many records at once, see `reading`.
    """

    name: str
    label: str | Promise
    value: Callable[[Context], object]
    sample: str | Promise = ""
    is_address: bool = False
    joins: tuple[str, ...] = ()
    annotates: Callable[[], Mapping[str, Any]] | None = None

    @property
    def source(self) -> str:
        return self.name.partition(".")[0]

    @property
    def written(self) -> str:
        """As a text holds it; a link where it is one."""
        mark = f"{{{{ {self.name} }}}}"
        return f'<a href="{mark}">{self.label}</a>' if self.is_address else mark


_registered: dict[str, Placeholder] = {}
_looked = False


def register(*items: Placeholder) -> None:
    """Called in `<app>/placeholders.py`."""
    for item in items:
        _registered[item.name] = item
    _by_word.cache_clear()


def placeholders(*sources: str) -> list[Placeholder]:
    """Those that these things at hand can fill, in the order they were registered."""
    return [item for item in _discovered().values() if item.source in sources]


def find(word: str) -> Placeholder | None:
    """By name, or by the label in any language; upper and lower case are the same."""
    _discovered()
    return _by_word().get(word.casefold())


def reading(rows: QuerySet, names: Iterable[str]) -> QuerySet:
    """Rows with all that these placeholders say of them: a thousand mails cost no thousand statements."""
    for item in map(find, names):
        if item and item.joins:
            rows = rows.select_related(*item.joins)
        if item and item.annotates:
            rows = rows.annotate(**item.annotates())
    return rows


def _discovered() -> dict[str, Placeholder]:
    global _looked  # reading the apps' modules once is the point
    if not _looked:
        _looked = True
        autodiscover_modules("placeholders")
    return _registered


@lru_cache(maxsize=1)
def _by_word() -> dict[str, Placeholder]:
    found: dict[str, Placeholder] = {}
    for code, _name in settings.LANGUAGES:
        with translation.override(code):
            found |= {str(item.label).casefold(): item for item in _registered.values()}
    return found | {item.name.casefold(): item for item in _registered.values()}
