"""Charts of reports, in the few shapes that reports use."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from crm.charts import Chart, Field, Format, Kind, Tone

from . import content
from .content import Column

_FORMATS = {
    content.Kind.NUMBER: Format.NUMBER,
    content.Kind.MONEY: Format.MONEY,
    content.Kind.SHARE: Format.PERCENT,
    content.Kind.CHANGE: Format.PERCENT,
}


def bars(title: str, rows: Sequence[tuple[date, float | None]], value: Column, *, by: Format = Format.DAY) -> Chart:
    """One bar for each day, or whatever `by` says the dates stand for. Days of one month go by their numbers."""
    if by == Format.DAY and len({(at.year, at.month) for at, _number in rows}) == 1:
        return _chart(Kind.BAR, title, [(str(at.day), number) for at, number in rows], value, Format.TEXT)
    return _chart(Kind.BAR, title, rows, value, by)


def trend(title: str, rows: Sequence[tuple[date, float | None]], value: Column, *, by: Format = Format.MONTH) -> Chart:
    return _chart(Kind.LINE, title, rows, value, by)


def ranking(title: str, rows: Sequence[tuple[str, float | None]], value: Column) -> Chart:
    """Lying bars with their names beside them, from the top."""
    return Chart(
        Kind.BAR,
        title,
        rows=[{"name": name, "value": number} for name, number in rows],
        x=Field("name", value.label, Format.TEXT),
        values=[_field(value)],
        currency=value.currency,
        is_lying=True,
    )


def good_and_bad(
    title: str, rows: Mapping[date, tuple[int, int]], good: str, bad: str, *, by: Format = Format.MONTH
) -> Chart:
    """Two counts on top of each other over time, such as what was won and what was lost."""
    return Chart(
        Kind.STACKED,
        title,
        rows=[{"at": at, "good": one, "bad": other} for at, (one, other) in rows.items()],
        x=Field("at", "", by),
        values=[Field("good", good, tone=Tone.GOOD), Field("bad", bad, tone=Tone.BAD)],
    )


def _chart(kind: Kind, title: str, rows: Sequence[tuple[date | str, float | None]], value: Column, by: Format) -> Chart:
    return Chart(
        kind,
        title,
        rows=[{"at": at, "value": number} for at, number in rows],
        x=Field("at", "", by),
        values=[_field(value)],
        currency=value.currency,
    )


def _field(value: Column) -> Field:
    return Field("value", value.label, _FORMATS.get(value.kind, Format.NUMBER))
