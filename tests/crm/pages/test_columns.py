"""Each column on the page and in a file."""

from datetime import UTC, date, datetime
from decimal import Decimal
from types import SimpleNamespace

import pytest
from django.template import engines
from django.utils import timezone, translation

from crm.pages import formats
from crm.pages.columns import EMPTY, initials
from crm.pages.tables import (
    ChoiceColumn,
    Column,
    DateColumn,
    DateTimeColumn,
    LinkColumn,
    MoneyColumn,
    NumberColumn,
    PercentColumn,
    PersonColumn,
    RelatedColumn,
    Table,
    TagsColumn,
    YesNoColumn,
)

EVIL = '<img src=x onerror=alert(1)>"'
SAFE = "&lt;img src=x onerror=alert(1)&gt;&quot;"


@pytest.fixture(autouse=True)
def english():
    with translation.override("en"):
        yield


def named(column, key="field"):
    column.__set_name__(Table, key)
    return column


def row(**fields):
    return SimpleNamespace(pk=7, get_absolute_url=lambda: "/t/acme/x/7/", **fields)


COLUMNS = [
    (Column("L"), EVIL, f'<span class="gx-clip" title="{SAFE}">{SAFE}</span>', EVIL),
    (Column("L"), "", EMPTY, ""),
    (Column("L"), None, EMPTY, None),
    (Column("L"), 0, '<span class="gx-clip" title="0">0</span>', 0),
    (LinkColumn("L"), EVIL, f'<a class="gx-clip" href="/t/acme/x/7/" title="{SAFE}">{SAFE}</a>', EVIL),
    (NumberColumn("L"), 1234567, "1,234,567", 1234567),
    (NumberColumn("L"), 0, "0", 0),
    (NumberColumn("L"), Decimal("1.50"), "1.5", Decimal("1.50")),
    (PercentColumn("L"), 0.256, "26%", "0.256"),
    (
        MoneyColumn("L", currency=lambda row: "CNY"),
        123456,
        '<span class="text-nowrap">CN¥1,234.56</span>',
        Decimal("1234.56"),
    ),
    (MoneyColumn("L", currency=lambda row: "JPY"), -500, '<span class="text-nowrap">-¥500</span>', Decimal("-500")),
    (MoneyColumn("L", currency=lambda row: "KWD"), 1, '<span class="text-nowrap">KWD0.001</span>', Decimal("0.001")),
    (MoneyColumn("L", currency=lambda row: "USD"), None, EMPTY, None),
    (
        DateColumn("L", due=True),
        date(2020, 2, 29),
        '<time datetime="2020-02-29" title="Feb 29, 2020" class="gx-late">Feb 29, 2020</time>',
        date(2020, 2, 29),
    ),
    (YesNoColumn("L"), False, EMPTY, False),
    (ChoiceColumn("L", colors={"x": "green"}), "x", '<span class="gx-badge gx-green">x</span>', "x"),
    (ChoiceColumn("L"), EVIL, f'<span class="gx-badge">{SAFE}</span>', EVIL),
    (
        TagsColumn("L"),
        [
            SimpleNamespace(name=EVIL, color="red"),
            SimpleNamespace(name="b", color="blue"),
            SimpleNamespace(name="c", color=""),
        ],
        f'<span class="gx-tags"><span class="gx-badge gx-red">{SAFE}</span><span class="gx-badge gx-blue">b</span>'
        '<span class="gx-badge" title="c">+1</span></span>',
        f"{EVIL}, b, c",
    ),
]


@pytest.mark.parametrize(("column", "value", "html", "exported"), COLUMNS)
def test_a_value_on_the_page_and_in_a_file(column, value, html, exported):
    column = named(column)
    shown = row(field=value)

    assert (str(column.html(shown)).replace("\xa0", " "), column.export(shown)) == (html.replace("\xa0", " "), exported)


def test_a_moment_is_in_the_persons_time_zone_and_language():
    column, shown = named(DateTimeColumn("L")), row(field=datetime(2024, 12, 31, 20, 30, tzinfo=UTC))

    with timezone.override("Asia/Shanghai"), translation.override("zh-hans"):
        html, exported = column.html(shown), column.export(shown)

    assert html == ('<time datetime="2024-12-31T20:30:00+00:00" title="2025年1月1日 04:30">2025年1月1日</time>')
    assert exported.isoformat() == "2025-01-01T04:30:00+08:00"


def test_a_person_and_another_record_are_escaped_too():
    class Named:
        pk = 3

        def __str__(self):
            return EVIL

        def get_absolute_url(self):
            return '/x/"><script>'

    person = named(PersonColumn("L")).html(row(field=Named()))
    other = named(RelatedColumn("L")).html(row(field=Named()))

    assert "<img" not in person + other
    assert "<script" not in other


def test_a_column_follows_a_path_and_ends_at_nothing():
    column = named(Column("L", accessor="customer.name"))

    assert column.value(row(customer=SimpleNamespace(name="Blue River"))) == "Blue River"
    assert column.html(row(customer=None)) == EMPTY


@pytest.mark.parametrize(
    ("name", "expected"),
    [("Jane Doe", "JD"), ("张三丰", "三丰"), ("王芳", "王芳"), ("x@y.example", "X"), ("", "?"), ("李 雷", "李")],
)
def test_initials(name, expected):
    assert initials(name) == expected


class Base(Table):
    name = LinkColumn("Name", sort="name_sort")
    stage = ChoiceColumn("Stage", sort=("stage", "-updated_at"))
    hidden = Column("Hidden", visible=False)
    owner = PersonColumn("Owner")
    updated_at = DateTimeColumn("Updated", sort="updated_at")
    default_sort = "-updated_at"


class Derived(Base):
    stage = None
    extra = Column("Extra")


def keys(columns):
    return [column.key for column in columns]


def test_a_table_inherits_columns_and_drops_those_set_to_none():
    assert list(Derived.columns) == ["name", "hidden", "owner", "updated_at", "extra"]
    assert list(Base.columns) == ["name", "stage", "hidden", "owner", "updated_at"]


def test_the_persons_columns_are_shown_in_their_order_after_the_fixed_ones():
    assert keys(Base().shown) == ["name", "stage", "owner", "updated_at"]
    assert keys(Base(["updated_at", "hidden", "nonsense", "hidden"]).shown) == ["name", "updated_at", "hidden"]
    assert keys(Base(["nonsense"]).shown) == keys(Base().shown)


@pytest.mark.parametrize(
    ("sort", "order"),
    [
        ("", ("-updated_at", "-id")),
        ("updated_at", ("updated_at", "id")),
        ("name", ("name_sort", "id")),
        ("-name", ("-name_sort", "-id")),
        ("stage", ("stage", "-updated_at", "-id")),
        ("-stage", ("-stage", "updated_at", "id")),
        ("hidden", ("-id",)),
    ],
)
def test_the_order_of_a_sort_ends_with_the_id_in_the_last_keys_direction(sort, order):
    assert Base.order(sort) == order


@pytest.mark.parametrize(
    ("minor", "currency", "language", "expected"),
    [
        (0, "CNY", "zh-hans", "¥0.00"),
        (-123456, "USD", "zh-hans", "-US$1,234.56"),
        (100, "JPY", "en", "¥100"),
        (10**15, "USD", "en", "$10,000,000,000,000.00"),
        (5, "XXQ", "en", "XXQ0.05"),
        (None, "USD", "en", ""),
    ],
)
def test_money(minor, currency, language, expected):
    with translation.override(language):
        assert formats.money(minor, currency).replace("\xa0", " ") == expected


@pytest.mark.parametrize(("language", "expected"), [("en", "3 hours ago"), ("zh-hans", "3小时前")])
def test_how_long_ago_in_words(language, expected):
    now = datetime(2026, 3, 1, 12, tzinfo=UTC)

    with translation.override(language):
        assert formats.ago(datetime(2026, 3, 1, 9, tzinfo=UTC), now) == expected


def test_values_are_written_by_filters_in_templates_too():
    source = (
        '{{ minor|money:"USD" }} {{ minor|number }} {{ share|percent }} {{ at|day }} {{ at|moment }} {{ none|day }}|'
    )
    template = engines["django"].from_string(source)

    with timezone.override("UTC"):
        text = template.render(
            {"minor": 1234, "share": 0.5, "at": datetime(2024, 2, 29, 23, 5, tzinfo=UTC), "none": None}
        )

    assert text == "$12.34 1,234 50% Feb 29, 2024 Feb 29, 2024 11:05\u202fPM |"
