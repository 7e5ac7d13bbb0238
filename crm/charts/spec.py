"""A chart as Vega-Lite: the same description for the page and for paper, with colours of each.

What people read is written here, in Python: Vega knows neither the person's language nor the currency's. Labels travel
as lists of texts that an expression looks up by place, so that a name somebody typed is never part of a program.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from crm.pages import formats

from . import texts
from .chart import Chart, Field, Format, Kind, Tone
from .scales import ticks

Spec = dict[str, Any]

# So few bars need not fill the whole room.
FEW = 4


@dataclass(frozen=True, slots=True)
class Palette:
    """Colours, and the font where the page does not say it."""

    series: tuple[str, ...]
    tones: dict[Tone, str]
    text: str
    muted: str
    line: str
    strong_line: str
    ground: str
    font: str = ""

    def color(self, field: Field, place: int) -> str:
        return self.tones[field.tone] if field.tone else self.series[place % len(self.series)]


# Tokens of static/css/charts.css: they follow the theme while the page is open, and paper when it is printed.
PAGE = Palette(
    series=tuple(f"var(--gx-chart-{number})" for number in range(1, 7)),
    tones={tone: f"var(--gx-chart-{tone})" for tone in Tone},
    text="var(--gx-text-2)",
    muted="var(--gx-muted)",
    line="var(--gx-line)",
    strong_line="var(--gx-line-strong)",
    ground="var(--gx-surface)",
)
# The fonts are those of static/css/document.css.
PRINT = Palette(
    series=("#3556d4", "#0d8a7f", "#c2620c", "#a83284", "#6d4bc4", "#5b6472"),
    tones={Tone.GOOD: "#1f8a4c", Tone.BAD: "#c0392f", Tone.QUIET: "#8a93a1"},
    text="#1d2530",
    muted="#5b6472",
    line="#dde1e7",
    strong_line="#c9ced6",
    ground="#ffffff",
    font='"Noto Sans CJK SC", "Noto Sans SC", "Source Han Sans SC", "PingFang SC", "Microsoft YaHei", '
    '"WenQuanYi Micro Hei", "DejaVu Sans", sans-serif',
)


def chart_spec(chart: Chart, *, palette: Palette = PAGE, width: int = 0, height: int = 240) -> Spec:
    """The whole description. Without a width, the page's script sets it to what room there is."""
    with formats.writing():
        drawing = _donut(chart, palette, height) if chart.kind == Kind.DONUT else _along_axes(chart, palette)
    return {
        **({"width": width} if width else {}),
        "height": height,
        # Labels and all within the width, nothing around it.
        "autosize": "fit",
        "padding": 0,
        "background": "transparent",
        **drawing,
        "config": _config(palette),
    }


def _config(palette: Palette) -> Spec:
    return {
        **({"font": palette.font} if palette.font else {}),
        # The table beside it is what is read out.
        "aria": False,
        "view": {"stroke": None},
        "axis": {
            "labelColor": palette.muted,
            "labelFontSize": 11,
            "labelLimit": 130,
            "labelPadding": 6,
            "title": None,
            "ticks": False,
            "gridColor": palette.line,
            "domainColor": palette.strong_line,
        },
        "legend": {
            "title": None,
            "labelColor": palette.text,
            "labelFontSize": 12,
            "labelLimit": 220,
            "symbolType": "circle",
            "symbolSize": 90,
            "symbolStrokeWidth": 0,
        },
    }


def _looked_up(labels: Sequence[Any], place: str) -> str:
    """The expression for a label by its place. Vega-Lite puts code for `datum.label`, also where that is a text."""
    return f"{json.dumps(labels)}[{place}]".replace("datum.label", r"datum\u002elabel")


# -- bars and lines


def _along_axes(chart: Chart, palette: Palette) -> Spec:
    """Bars stand or lie; lines go from left to right."""
    names, numbers = ("y", "x") if chart.is_lying else ("x", "y")
    values = chart.drawn
    encoding: Spec = {names: _name_axis(chart), numbers: _number_axis(chart), "tooltip": _TOOLTIP}
    if len(values) == 1:
        encoding["color"] = {"value": palette.color(values[0], 0)}
    else:
        encoding["color"] = _series_color(values, palette)
        if chart.kind == Kind.STACKED:
            encoding["order"] = {"field": "series"}
        elif chart.kind == Kind.BAR:
            encoding[f"{names}Offset"] = {"field": "series", "type": "nominal"}
    return {"data": {"values": _points(chart)}, "mark": _mark(chart, palette), "encoding": encoding}


_TOOLTIP = {"field": "said", "type": "nominal"}


def _mark(chart: Chart, palette: Palette) -> Spec:
    if chart.kind == Kind.LINE:
        return {
            "type": "line",
            "strokeWidth": 2.5,
            "strokeJoin": "round",
            "interpolate": "linear",
            "point": {"size": 46, "filled": True},
        }
    stacked = chart.kind == Kind.STACKED
    return {
        "type": "bar",
        **({"stroke": palette.ground, "strokeWidth": 1} if stacked else {"cornerRadiusEnd": 3}),
    }


def _points(chart: Chart) -> list[Spec]:
    values = chart.drawn
    return [
        {"at": place, "series": series, "y": _drawn(chart, field, row.get(field.key)), "said": _said(chart, row, field)}
        for place, row in enumerate(chart.rows)
        for series, field in enumerate(values)
        # A bar of no height would cut a piece out of the line below it.
        if chart.kind != Kind.STACKED or row.get(field.key)
    ]


def _drawn(chart: Chart, field: Field, value: Any) -> float | None:
    """As it is measured along the axis: money in whole units. None leaves a gap."""
    if value is None:
        return None
    return float(formats.from_minor(value, chart.currency)) if field.format == Format.MONEY else float(value)


def _said(chart: Chart, row: Any, field: Field) -> str:
    """What the pointer tells: the row's name, then the value."""
    name, value = chart.write(chart.x, row.get(chart.x.key)), chart.write(field, row.get(field.key))
    return f"{name}\n{field.label}: {value}"


def _name_axis(chart: Chart) -> Spec:
    labels = texts.along_axis(chart.x.format, [row.get(chart.x.key) for row in chart.rows])
    upright = not chart.is_lying
    line, few = {"type": "point", "padding": 0.5}, len(chart.rows) <= FEW
    band = {"type": "band", "paddingInner": 0.55 if few else 0.28, "paddingOuter": 0.3 if few else 0.15}
    return {
        "field": "at",
        "type": "ordinal",
        "scale": {"domain": list(range(len(chart.rows))), **(line if chart.kind == Kind.LINE else band)},
        "axis": {
            "labelExpr": _looked_up(labels, "datum.value"),
            "grid": False,
            **({"labelAngle": 0, "labelOverlap": "greedy"} if upright else {}),
        },
    }


def _number_axis(chart: Chart) -> Spec:
    format = chart.drawn[0].format
    low, high = _reach(chart)
    marks = ticks(low, high, whole=format == Format.NUMBER)
    written = [texts.tick(format, mark, chart.currency) for mark in marks]
    return {
        "field": "y",
        "type": "quantitative",
        "scale": {"domain": [marks[0], marks[-1]], "nice": False},
        "stack": "zero" if chart.kind == Kind.STACKED else None,
        "axis": {
            "values": marks,
            "labelExpr": _looked_up(written, f"indexof({json.dumps(marks)}, datum.value)"),
            "domain": False,
        },
    }


def _reach(chart: Chart) -> tuple[float, float]:
    rows = [[_drawn(chart, field, row.get(field.key)) or 0 for field in chart.drawn] for row in chart.rows]
    if chart.kind == Kind.STACKED:
        rows = [[sum(value for value in row if value < 0), sum(value for value in row if value > 0)] for row in rows]
    values = [value for row in rows for value in row] or [0]
    return min(values), max(values)


def _series_color(values: Sequence[Field], palette: Palette) -> Spec:
    labels = [str(field.label) for field in values]
    return {
        "field": "series",
        "type": "nominal",
        "scale": {
            "domain": list(range(len(values))),
            "range": [palette.color(field, place) for place, field in enumerate(values)],
        },
        "legend": {
            "orient": "top",
            "direction": "horizontal",
            "offset": 8,
            "labelExpr": _looked_up(labels, "datum.value"),
        },
    }


# -- donuts


def _donut(chart: Chart, palette: Palette, height: int) -> Spec:
    field = chart.drawn[0]
    labels = [f"{chart.write(chart.x, row.get(chart.x.key))}  {_value(chart, row, field)}" for row in chart.rows]
    outer = max(20, height // 2 - 12)
    return {
        "data": {"values": _points(chart)},
        "mark": {
            "type": "arc",
            "innerRadius": round(outer * 0.62),
            "outerRadius": outer,
            "stroke": palette.ground,
            "strokeWidth": 2,
        },
        "encoding": {
            "theta": {"field": "y", "type": "quantitative", "stack": True},
            "order": {"field": "at"},
            "tooltip": _TOOLTIP,
            "color": {
                "field": "at",
                "type": "nominal",
                "scale": {
                    "domain": list(range(len(chart.rows))),
                    "range": [palette.series[place % len(palette.series)] for place in range(len(chart.rows))],
                },
                "legend": {
                    "orient": "right",
                    "rowPadding": 6,
                    "labelExpr": _looked_up(labels, "datum.value"),
                },
            },
        },
    }


def _value(chart: Chart, row: Any, field: Field) -> str:
    return chart.write(field, row.get(field.key))
