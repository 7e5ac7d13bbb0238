"""The sidebar, the "New" menu and the palette's commands. Apps register entries in `<app>/navigation.py`.

register(Entry("customers:customer_list", _("Customers"), icon="building", needs=(Customer, "view")))
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import lru_cache

from django.db.models import Model
from django.urls import NoReverseMatch, get_script_prefix, reverse
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from crm.access.policy import policy_for

from .icons import icon
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


@dataclass(frozen=True, eq=False)
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

    def is_open_to(self, request: MemberRequest) -> bool:
        return is_met(self.needs, request)


@dataclass(frozen=True, slots=True)
class Link:
    label: str
    url: str
    icon: str
    is_current: bool = False

    @property
    def in_sidebar(self) -> SafeString:
        """The link as every page has it in its sidebar; written here as a table's cells are, for there are twenty."""
        return _in_sidebar(self.label, self.url, self.icon, self.is_current)


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
    label, url, home = _words_and_place(entry, get_script_prefix(), get_language())
    below = url != home and request.path.startswith(url)
    return Link(label, url, entry.icon, is_current=below or request.path == url)


@lru_cache(maxsize=4_096)
def _words_and_place(entry: Entry, prefix: str, language: str | None) -> tuple[str, str, str]:
    """An entry's label in this language, its address in the tenant mounted here, and that of the home page.

    Remembered: some thirty links stand on every page, and finding an address costs more than the policy.
    """
    try:
        return str(entry.label), reverse(entry.url_name), reverse("home")
    except NoReverseMatch as error:
        raise NoReverseMatch(f"The menu entry “{entry.label}” leads to {entry.url_name}, which is no page.") from error


@lru_cache(maxsize=4_096)
def _in_sidebar(label: str, url: str, icon_name: str, is_current: bool) -> SafeString:
    return format_html(
        '<a class="gx-nav-link" href="{}"{} title="{}">{}<span class="gx-clip">{}</span></a>',
        url,
        mark_safe(' aria-current="page"') if is_current else "",
        label,
        icon(icon_name),
        label,
    )
