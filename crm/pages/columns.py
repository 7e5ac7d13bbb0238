"""What a table can show: one class per kind of value, for the page (`html`) and for a file (`export`).

Cells are written here and not by a template: a page of fifty rows has hundreds of them, and the list is the page that
everybody opens all day. Everything that comes from data passes through `escape`.
"""

from __future__ import annotations

import html
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db.models import Model, Prefetch
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.safestring import SafeString, mark_safe

from . import formats
from .icons import icon

Text = str | Promise
Accessor = str | Callable[[Any], Any]
Cell = str | int | float | bool | Decimal | date | datetime | None

_MOST_BADGES = 200


def escape(value: object) -> str:
    """As Django's, without its search for lazy arguments: a page of fifty rows calls this a thousand times."""
    return html.escape(str(value))


EMPTY = mark_safe('<span class="gx-empty" aria-hidden="true">–</span>')


class Column:
    """A column of text.

    `accessor`   path ("customer.name") or function of the row; the column's own name when left out
    `sort`       the fields that put the list into this column's ascending order, "-" for descending; the id is added.
                 Each needs an index that begins with the tenant and goes on like this. None: no sorting by it.
    `visible`    shown until the person chooses; `fixed` columns are always shown, and first in a card on a telephone
    `related`    forward keys to select with the rows, only while the column is shown
    `prefetch`   what to fetch beside them: names, or functions that give a Prefetch. With its `to_attr` a page of fifty
                 rows costs a quarter of what fifty managers cost.
    """

    align = ""
    css = ""
    # Of what `related` selects: fields that no cell reads.
    deferred: tuple[str, ...] = ()

    def __init__(
        self,
        label: Text,
        *,
        accessor: Accessor | None = None,
        sort: Iterable[str] | str | None = None,
        visible: bool = True,
        fixed: bool = False,
        related: Iterable[str] = (),
        prefetch: Iterable[str | Callable[[], Prefetch]] = (),
        css: str = "",
    ):
        self.key = ""
        self.label = label
        self.sort = (sort,) if isinstance(sort, str) else tuple(sort or ())
        self.visible = visible or fixed
        self.fixed = fixed
        self.related = tuple(related)
        self.prefetch = tuple(prefetch)
        self.css = css or self.css
        self._accessor = accessor

    def __set_name__(self, owner: type, name: str) -> None:
        self.key = name

    def value(self, row: Model) -> Any:
        accessor = self._accessor or self.key
        if callable(accessor):
            return accessor(row)
        value: Any = row
        for step in accessor.split("."):
            value = getattr(value, step, None)
            if value is None:
                return None
        return value

    def html(self, row: Model) -> str:
        """The inside of the cell, safe to put on the page."""
        value = self.value(row)
        return EMPTY if value is None or value == "" else self.show(value, row)

    def show(self, value: Any, row: Model) -> str:
        text = escape(value)
        return f'<span class="gx-clip" title="{text}">{text}</span>'

    def export(self, row: Model) -> Cell:
        """The value for a file: plain, with its type kept, in the person's language and time zone."""
        value = self.value(row)
        return value if value is None or isinstance(value, bool | int | Decimal) else str(value)


class LinkColumn(Column):
    """The name of the row, leading to its page (`list_address`, when the list has set it); `note` stands beside it."""

    css = "gx-name"

    def __init__(
        self, label: Text, *, url: Callable[[Any], str] | None = None, note: Accessor | None = None, **options
    ):
        super().__init__(label, **{"fixed": True} | options)
        self._url = url
        self._note = Column(label, accessor=note) if note else None

    def show(self, value, row):
        text = escape(value)
        url = self._url(row) if self._url else vars(row).get("list_address") or row.get_absolute_url()
        note = self._note.value(row) if self._note else None
        link = f'<a class="gx-clip" href="{escape(url)}" title="{text}">{text}</a>'
        if not note:
            return link
        return f'<span class="gx-named">{link}<span class="gx-note gx-clip">{escape(note)}</span></span>'


class RelatedColumn(Column):
    """Another record, leading to its page."""

    def __init__(self, label: Text, **options):
        super().__init__(label, **options)
        if not self.related and options.get("accessor") is None:
            self._joins_itself = True

    _joins_itself = False

    def __set_name__(self, owner, name):
        super().__set_name__(owner, name)
        if self._joins_itself:
            self.related = (name,)

    def show(self, value, row):
        text = escape(value)
        return f'<a class="gx-clip" href="{escape(value.get_absolute_url())}" title="{text}">{text}</a>'


class NumberColumn(Column):
    align = "end"

    def show(self, value, row):
        return escape(formats.number(value))


class PercentColumn(NumberColumn):
    """A share: 0.25 is 25 %."""

    def show(self, value, row):
        return escape(formats.percent(value))


class MoneyColumn(Column):
    """Minor units; the currency stands in another field of the row, or is one for all rows."""

    align = "end"

    def __init__(self, label: Text, *, currency: Accessor = "currency", **options):
        super().__init__(label, **options)
        self._currency = Column(label, accessor=currency)

    def show(self, value, row):
        return f'<span class="text-nowrap">{escape(formats.money(value, self._currency.value(row)))}</span>'

    def export(self, row):
        value = self.value(row)
        return None if value is None else formats.from_minor(value, self._currency.value(row))


class DateColumn(Column):
    """A day, without the year when it is this one. `due` marks a day that has passed."""

    css = "text-nowrap"

    def __init__(self, label: Text, *, due: bool = False, **options):
        super().__init__(label, **options)
        self._due = due

    def show(self, value, row):
        late = ' class="gx-late"' if self._due and value < formats.today() else ""
        text, title = escape(formats.short_day(value)), escape(formats.day(value))
        return f'<time datetime="{value.isoformat()}" title="{title}"{late}>{text}</time>'

    def export(self, row):
        return self.value(row)


class DateTimeColumn(Column):
    """A moment: the day in the list, to the minute when pointed at."""

    css = "text-nowrap"

    def show(self, value, row):
        return (
            f'<time datetime="{value.isoformat()}" title="{escape(formats.moment(value))}">'
            f"{escape(formats.short_day(value))}</time>"
        )

    def export(self, row):
        value = self.value(row)
        return None if value is None else timezone.localtime(value)


class YesNoColumn(Column):
    def html(self, row):
        return (
            icon("check") + mark_safe(f'<span class="visually-hidden">{escape(self.label)}</span>')
            if self.value(row)
            else EMPTY
        )

    def export(self, row):
        return bool(self.value(row))


class ChoiceColumn(Column):
    """A field with choices, as a badge: always its words, and a colour of the palette beside them."""

    css = "text-nowrap"

    def __init__(self, label: Text, *, colors: Mapping[Any, str] | None = None, **options):
        super().__init__(label, **options)
        self._colors = {str(key): color for key, color in (colors or {}).items()}

        # Few choices, many rows: {(value, locale): badge}. The words depend on nothing but the value.
        self._badges: dict[tuple[str, str], SafeString] = {}

    def words(self, row: Model) -> str:
        display = getattr(row, f"get_{self.key}_display", None)
        return str(display() if display else self.value(row))

    def show(self, value, row):
        key = (str(value), formats.current_locale())
        shown = self._badges.get(key)
        if shown is None:
            shown = badge(self.words(row), self._colors.get(str(value), ""))
            # A value that is none of the choices is not worth keeping: there may be any number of them.
            if len(self._badges) < _MOST_BADGES:
                self._badges[key] = shown
        return shown

    def export(self, row):
        return None if self.value(row) in (None, "") else self.words(row)


BadgeColumn = ChoiceColumn


class PersonColumn(Column):
    """A user, with the avatar; `related` follows from the name."""

    css = "text-nowrap"

    def __set_name__(self, owner, name):
        super().__set_name__(owner, name)
        if self._accessor is None and not self.related:
            self.related = (name,)
            # A list has no business with anybody's password.
            self.deferred = tuple(f"{name}__{field}" for field in ("password", "last_login", "created_at"))

    def show(self, value, row):
        return f'<span class="gx-person">{avatar(value)}<span class="gx-clip">{escape(value)}</span></span>'


class TagsColumn(Column):
    """Several named, coloured things. The accessor gives objects with `name` and `color`."""

    def __init__(self, label: Text, *, most: int = 2, **options):
        super().__init__(label, **options)
        self._most = most

    def html(self, row):
        tags = list(self.value(row) or ())
        if not tags:
            return EMPTY
        shown = "".join(badge(tag.name, tag.color) for tag in tags[: self._most])
        if len(tags) > self._most:
            rest = escape(", ".join(tag.name for tag in tags[self._most :]))
            shown += f'<span class="gx-badge" title="{rest}">+{len(tags) - self._most}</span>'
        return f'<span class="gx-tags">{shown}</span>'

    def export(self, row):
        return ", ".join(tag.name for tag in self.value(row) or ())


def badge(text: Any, color: str = "") -> SafeString:
    """A label with one of the palette's colours; `color` is a name out of the code or of checked choices."""
    tone = f" gx-{escape(color)}" if color else ""
    return mark_safe(f'<span class="gx-badge{tone}">{escape(text)}</span>')


def avatar(person: Any, size: str = "") -> SafeString:
    """The initials of a person on a colour that stays theirs."""
    name = str(person).strip()
    tone = (person.pk or 0) % 8 if isinstance(person, Model) else len(name) % 8
    extra = f" gx-avatar-{escape(size)}" if size else ""
    return mark_safe(
        f'<span class="gx-avatar gx-tone-{tone}{extra}" aria-hidden="true">{escape(initials(name))}</span>'
    )


def initials(name: str) -> str:
    """张三丰 → 三丰, Jane Doe → JD, "a@b.c" → A."""
    words = name.replace("@", " ").split()
    if not words:
        return "?"
    if not words[0].isascii():
        return words[0][-2:]
    return (words[0][0] + (words[1][0] if len(words) > 1 and "@" not in name else "")).upper()
