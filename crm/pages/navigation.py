"""The sidebar, the "New" menu and the palette's commands. Apps register entries in `<app>/navigation.py`.

register(Entry("customers:customer_list", _("Customers"), icon="building", needs=(Customer, "view")))
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import lru_cache

from django.db.models import Model
from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from crm.access.policy import policy_for

from .request import MemberRequest

# In the order of the sidebar. The first has no heading.
SECTIONS: dict[str, str | Promise] = {
    "": "",
    "sales": _("Sales"),
    "service": _("Service"),
    "marketing": _("Marketing"),
    "analytics": _("Analytics"),
    "work": _("Work"),
    "administration": _("Administration"),
}

Need = tuple[type[Model], str] | Callable[[MemberRequest], bool] | None


def is_met(needs: Need, request: MemberRequest) -> bool:
    if needs is None:
        return True
    if isinstance(needs, tuple):
        model, action = needs
        return policy_for(model).allows(request.membership, action)
    return needs(request)


@dataclass(frozen=True)
class Entry:
    """A place to go to. `needs` is (model, action) for the policy, or a predicate of the request; None: every member.

    `places`: "menu" (sidebar), "create" (the "New" menu), "palette" (only found by typing). All are found by typing.
    """

    url_name: str
    label: str | Promise
    icon: str = "point"
    section: str = ""
    order: int = 50
    needs: Need = None
    places: Iterable[str] = ("menu",)
    words: str = field(default="")

    @property
    def url(self) -> str:
        return reverse(self.url_name)

    def is_open_to(self, request: MemberRequest) -> bool:
        return is_met(self.needs, request)


@dataclass(frozen=True, slots=True)
class Link:
    label: str
    url: str
    icon: str
    is_current: bool = False


@dataclass(frozen=True, slots=True)
class Section:
    title: str
    links: list[Link]


_entries: dict[tuple[str, tuple[str, ...]], Entry] = {}


def register(*entries: Entry) -> None:
    for entry in entries:
        _entries[entry.url_name, tuple(entry.places)] = entry
    _sorted.cache_clear()


@lru_cache(maxsize=1)
def _sorted() -> tuple[Entry, ...]:
    order = list(SECTIONS)
    return tuple(sorted(_entries.values(), key=lambda entry: (order.index(entry.section), entry.order)))


def links(request: MemberRequest, place: str) -> list[Link]:
    """The entries of one place that this member may use."""
    return [_link(request, entry) for entry in _sorted() if place in entry.places and entry.is_open_to(request)]


def menu(request: MemberRequest) -> list[Section]:
    sections = []
    for key, title in SECTIONS.items():
        inside = [
            _link(request, entry)
            for entry in _sorted()
            if entry.section == key and "menu" in entry.places and entry.is_open_to(request)
        ]
        if inside:
            sections.append(Section(str(title), inside))
    return sections


def commands(request: MemberRequest, text: str) -> list[Link]:
    """Entries whose label, or one of whose extra words, has `text` in it: what the palette offers besides records."""
    wanted = text.casefold()
    return [
        _link(request, entry)
        for entry in _sorted()
        if (not wanted or wanted in f"{entry.label} {entry.words}".casefold()) and entry.is_open_to(request)
    ]


def _link(request: MemberRequest, entry: Entry) -> Link:
    try:
        url = entry.url
    except NoReverseMatch as error:
        raise NoReverseMatch(f"The menu entry “{entry.label}” leads to {entry.url_name}, which is no page.") from error
    home = request.path == url
    below = url.count("/") > _depth_of_home() and request.path.startswith(url)
    return Link(str(entry.label), url, entry.icon, is_current=home or below)


def _depth_of_home() -> int:
    return reverse("home").count("/")
