"""Charts: what they say, in which language, and that nothing somebody typed becomes part of a program."""

from __future__ import annotations

import itertools
import json
import re
import sys
from datetime import date

import pytest
from django.template import Context, Template
from django.utils.translation import override
from hypothesis import given
from hypothesis import strategies as st

from crm.charts import Chart, Field, Format, Kind, Tone, chart_spec, chart_svg
from crm.charts.scales import ticks
from crm.charts.spec import PRINT
from crm.errors import DocumentsUnavailable


@pytest.fixture(autouse=True)
def english():
    with override("en"):
        yield


MONTHS = [date(2025, 12, 1), date(2026, 1, 1), date(2026, 2, 1)]


def revenue(kind: Kind = Kind.BAR, **fields) -> Chart:
    usual = {
        "title": "Revenue by month",
        "rows": [{"month": month, "amount": 1_200_000_00 * place} for place, month in enumerate(MONTHS, 1)],
        "x": Field("month", "Month", Format.MONTH),
        "values": [Field("amount", "Revenue", Format.MONEY)],
        "currency": "USD",
    }
    return Chart(kind, **(usual | fields))


def closed(kind: Kind = Kind.STACKED, **fields) -> Chart:
    usual = {
        "title": "Won and lost",
        "rows": [{"month": month, "won": 4, "lost": place} for place, month in enumerate(MONTHS)],
        "x": Field("month", "Month", Format.MONTH),
        "values": [Field("won", "Won", tone=Tone.GOOD), Field("lost", "Lost", tone=Tone.BAD)],
    }
    return Chart(kind, **(usual | fields))


def looked_up(expression: str) -> list:
    """The labels in an expression such as `["a", "b"][datum.value]`."""
    labels, end = json.JSONDecoder().raw_decode(expression)
    assert re.fullmatch(r"\[(datum\.value|indexof\(\[[-0-9., ]*\], datum\.value\))\]", expression[end:])
    return labels


@pytest.mark.parametrize("language, head", [("en", "Dec 2025"), ("zh-hans", "2025年12月")])
def test_the_table_says_the_same_in_the_persons_language(language, head):
    with override(language):
        cells = revenue().cells()

    assert cells[0][0] == head
    assert cells[0][1] == ("$1,200,000.00" if language == "en" else "US$1,200,000.00")


@pytest.mark.parametrize("language, expected", [("en", ["$0", "$1M", "$2M", "$3M", "$4M"]), ("zh-hans", "US$100万")])
def test_the_axis_is_short_and_of_the_language(language, expected):
    with override(language):
        axis = chart_spec(revenue())["encoding"]["y"]["axis"]

    labels = looked_up(axis["labelExpr"])
    assert len(labels) == len(axis["values"])
    assert labels == expected if isinstance(expected, list) else expected in labels


def test_a_year_is_said_where_it_begins():
    with override("en"):
        axis = chart_spec(revenue())["encoding"]["x"]["axis"]

    assert looked_up(axis["labelExpr"]) == [["Dec", "2025"], ["Jan", "2026"], "Feb"]


def test_money_is_drawn_in_whole_units_and_told_exactly():
    with override("en"):
        first = chart_spec(revenue())["data"]["values"][0]

    assert first == {"at": 0, "series": 0, "y": 1_200_000.0, "said": "Dec 2025\nRevenue: $1,200,000.00"}


def test_yen_has_no_decimals_to_take_off():
    with override("en"):
        first = chart_spec(revenue(currency="JPY", rows=[{"month": MONTHS[0], "amount": 500}]))["data"]["values"][0]

    assert first["y"] == 500


def test_series_are_stacked_side_by_side_or_lines():
    stacked, grouped, lines = (chart_spec(closed(kind))["encoding"] for kind in (Kind.STACKED, Kind.BAR, Kind.LINE))

    assert (stacked["y"]["stack"], stacked["y"]["scale"]["domain"]) == ("zero", [0, 6])
    assert (grouped["y"]["stack"], grouped["xOffset"]["field"]) == (None, "series")
    assert "xOffset" not in lines and "order" not in lines
    assert stacked["color"]["scale"]["range"] == ["var(--gx-chart-good)", "var(--gx-chart-bad)"]


def test_row_without_a_value_keeps_its_place():
    spec = chart_spec(
        closed(rows=[{"month": MONTHS[0], "won": 0, "lost": 0}, {"month": MONTHS[1], "won": 2, "lost": 0}])
    )

    assert [(value["at"], value["y"]) for value in spec["data"]["values"]] == [(1, 2)]
    assert spec["encoding"]["x"]["scale"]["domain"] == [0, 1]


def test_bars_lie_where_names_are_long():
    encoding = chart_spec(revenue(is_lying=True))["encoding"]

    assert (encoding["y"]["field"], encoding["x"]["field"]) == ("at", "y")


def test_a_donut_says_its_numbers_beside_it():
    chart = Chart(
        Kind.DONUT,
        "Tickets",
        rows=[{"status": "New", "count": 3}, {"status": "Open", "count": 1_200}],
        x=Field("status", "Status", Format.TEXT),
        values=[Field("count", "Tickets"), Field("more", "More")],
    )

    with override("en"):
        spec = chart_spec(chart)

    assert looked_up(spec["encoding"]["color"]["legend"]["labelExpr"]) == ["New  3", "Open  1,200"]
    assert [value["y"] for value in spec["data"]["values"]] == [3, 1_200]


def test_nothing_known_is_a_gap_and_not_nothing():
    chart = revenue(
        Kind.LINE, values=[Field("rate", "Rate", Format.PERCENT)], rows=[{"month": MONTHS[0], "rate": None}]
    )

    assert chart.cells() == [["Dec 2025", "–"]]
    assert chart_spec(chart)["data"]["values"][0]["y"] is None


@pytest.mark.parametrize("rows", [[], [{"month": MONTHS[0], "amount": 0}], [{"month": MONTHS[0], "amount": None}]])
def test_a_chart_of_nothing_is_empty_and_still_drawn_without_fault(rows):
    chart = revenue(rows=rows)

    assert chart.is_empty
    assert chart_spec(chart)["encoding"]["y"]["axis"]["values"]


def test_what_is_not_drawn_stands_in_the_table():
    chart = closed(values=[Field("won", "Won"), Field("lost", "Lost", is_drawn=False)])

    assert chart.heads == ["Month", "Won", "Lost"]
    assert {value["series"] for value in chart_spec(chart)["data"]["values"]} == {0}


@pytest.mark.parametrize(
    "name", ['"][0]+alert(1)+["', "</script><script>alert(1)</script>", "'; drop", "龘\u2028\\", "datum.label"]
)
def test_a_name_somebody_typed_is_data_and_no_program(name):
    chart = revenue(x=Field("stage", "Stage", Format.TEXT), rows=[{"stage": name, "amount": 100}], is_lying=True)

    spec = chart_spec(chart)
    assert "datum.label" not in json.dumps(spec["encoding"])
    page = Template("{% load charts %}{% chart one %}").render(Context({"one": chart}))

    assert looked_up(spec["encoding"]["y"]["axis"]["labelExpr"]) == [name]
    described = re.search(r'<script type="application/json">(.*?)</script>', page, re.S)[1]
    assert json.loads(described) == json.loads(json.dumps(spec))
    assert page.count("<script") == 1


def test_the_page_has_the_chart_as_a_table_and_no_inline_style():
    with override("en"):
        page = Template("{% load charts %}{% chart one %}").render(Context({"one": closed(note="Without returns.")}))

    assert re.findall(r"<th[^>]*>([^<]*)</th>", page) == ["Month", "Won", "Lost"]
    assert re.findall(r"<td[^>]*>([^<]*)</td>", page)[:3] == ["Dec 2025", "4", "0"]
    assert "Without returns." in page
    assert "style=" not in page and 'aria-hidden="true" data-drawing' in page


def test_an_empty_chart_says_so():
    with override("en"):
        page = Template("{% load charts %}{% chart one %}").render(Context({"one": revenue(rows=[])}))

    assert "Nothing to show for this time." in page
    assert "<script" not in page


AMOUNTS = st.integers(-(10**14), 10**14).map(lambda cents: cents / 100)


@given(low=AMOUNTS, high=AMOUNTS, whole=st.booleans())
def test_ticks_are_few_rise_evenly_and_enclose(low, high, whole):
    marks = ticks(low, high, whole=whole)

    assert 2 <= len(marks) <= 7
    steps = [after - before for before, after in itertools.pairwise(marks)]
    # But for the dust of floating point.
    assert marks[0] <= min(low, 0) + steps[0] * 1e-6 and marks[-1] >= max(high, 0) - steps[0] * 1e-6
    assert max(steps) - min(steps) <= 1e-6 * max(steps)
    assert 0 in marks
    assert not whole or all(mark == int(mark) for mark in marks)


@pytest.mark.parametrize(
    "high, whole, expected",
    [
        (0, True, [0, 1]),
        (3, True, [0, 1, 2, 3]),
        (7, True, [0, 2, 4, 6, 8]),
        (10, True, [0, 5, 10]),
        (0.63, False, [0, 0.2, 0.4, 0.6, 0.8]),
        (9_500, False, [0, 2_500, 5_000, 7_500, 10_000]),
    ],
)
def test_ticks_are_round(high, whole, expected):
    assert ticks(0, high, whole=whole) == expected


# -- on paper


def test_paper_has_colours_and_fonts_of_its_own():
    spec = json.dumps(chart_spec(closed(), palette=PRINT, width=500))

    assert "var(" not in spec
    assert "Noto Sans CJK SC" in spec


@pytest.mark.parametrize("kind", list(Kind))
def test_the_same_chart_is_printed_with_its_texts(kind):
    with override("zh-hans"):
        svg = chart_svg(closed(kind, values=[Field("won", "赢单"), Field("lost", "输单")]), width=500, height=200)

    assert svg.startswith("<svg")
    assert not re.search(r"https?://(?!www\.w3\.org)", svg)
    assert ("2025年12月" if kind == Kind.DONUT else "12月") in svg
    assert kind == Kind.DONUT or ("赢单" in svg and "输单" in svg)
    # Drawn, and not only described: a bar, a line, a slice for each value.
    assert svg.count("<path") > 3


def test_without_the_converter_one_is_told(monkeypatch):
    monkeypatch.setitem(sys.modules, "vl_convert", None)

    with pytest.raises(DocumentsUnavailable):
        chart_svg(revenue())
