from zoneinfo import ZoneInfo

import pytest
from django.db import models
from hypothesis import given, settings
from hypothesis import strategies as st

from crm.imports import values
from crm.imports.faults import Fault, Invalid
from crm.imports.values import ValueContext
from customers.normalise import email_address, phone_digits

SHANGHAI = ValueContext(time_zone=ZoneInfo("Asia/Shanghai"))
AMERICAN = ValueContext(month_first=True)


def outcome(convert, cell):
    try:
        return convert(cell)
    except Invalid as error:
        return error.code


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("2026-03-31", "2026-03-31"),
        ("2026/3/1", "2026-03-01"),
        ("2026.03.01", "2026-03-01"),
        ("2026年3月1日", "2026-03-01"),
        ("２０２６年３月１日", "2026-03-01"),
        ("20260301", "2026-03-01"),
        ("2024-02-29", "2024-02-29"),
        ("2026-02-29", Fault.BAD_DATE),
        ("2100-02-29", Fault.BAD_DATE),
        ("31/12/2026", "2026-12-31"),
        ("12/31/2026", "2026-12-31"),
        ("03/04/2026", "2026-04-03"),
        ("3 April 2026", "2026-04-03"),
        ("April 3, 2026", "2026-04-03"),
        ("2026-03-31 00:00:00", "2026-03-31"),
        ("2026-03-31T00:00", "2026-03-31"),
        ("2026-03-31 14:30", Fault.BAD_DATE),
        ("2026-13-01", Fault.BAD_DATE),
        ("0000-01-01", Fault.BAD_DATE),
        ("0026-03-31", Fault.BAD_DATE),
        ("1900-01-01", "1900-01-01"),
        ("2999-12-31", "2999-12-31"),
        ("3000-01-01", Fault.BAD_DATE),
        ("tomorrow", Fault.BAD_DATE),
        ("45382", Fault.BAD_DATE),
        ("  ", ""),
    ],
)
def test_day(cell, expected):
    assert outcome(values.day(SHANGHAI), cell) == expected


def test_month_may_come_first():
    assert outcome(values.day(AMERICAN), "03/04/2026") == "2026-03-04"
    assert outcome(values.day(AMERICAN), "31/12/2026") == "2026-12-31"


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("2026-03-31 14:30", "2026-03-31T14:30:00+08:00"),
        ("2026-03-31T14:30:05Z", "2026-03-31T14:30:05+00:00"),
        ("2026-03-31 14:30+02:00", "2026-03-31T14:30:00+02:00"),
        ("2026/3/31 2:30 PM", "2026-03-31T14:30:00+08:00"),
        ("2026/3/31 12:05 am", "2026-03-31T00:05:00+08:00"),
        ("2026年3月31日 下午2:30", "2026-03-31T14:30:00+08:00"),
        ("2026年3月31日 14时30分", "2026-03-31T14:30:00+08:00"),
        ("2026-03-31", "2026-03-31T00:00:00+08:00"),
        ("2022-05-25 10.39.15", "2022-05-25T10:39:15+08:00"),
        ("2026-03-31 25:00", Fault.BAD_TIME),
        ("2026-03-31 noon", Fault.BAD_TIME),
        ("2026-03-31 14:30+24:00", Fault.BAD_TIME),
        ("2026-03-31 14:30+99:99", Fault.BAD_TIME),
        ("9999-12-31 23:59", Fault.BAD_TIME),
        ("14:30", Fault.BAD_TIME),
    ],
)
def test_moment(cell, expected):
    assert outcome(values.moment(SHANGHAI), cell) == expected


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("0", "0"),
        ("1250.5", "125050"),
        ("1,250.50", "125050"),
        ("1.250,50", "125050"),
        ("1 250,50", "125050"),
        ("1,250", "125000"),
        ("1,25", "125"),
        ("1,234,567", "123456700"),
        ("¥1,000", "100000"),
        ("￥１，０００．５０", "100050"),
        ("1000元", "100000"),
        ("$ 12", "1200"),
        ("USD 12.5", "1250"),
        ("-3", "-300"),
        ("−3", "-300"),
        ("(3.50)", "-350"),
        ("-¥3", "-300"),
        ("0.001", Fault.BAD_AMOUNT),
        ("free", Fault.BAD_AMOUNT),
        ("1e400", Fault.BAD_AMOUNT),
        ("NaN", Fault.BAD_AMOUNT),
        ("CNY", Fault.BAD_AMOUNT),
        ("-", Fault.BAD_AMOUNT),
        ("99999999999999999999", Fault.BAD_AMOUNT),
        ("1e1000000", Fault.BAD_AMOUNT),
        ("1e-1000000", Fault.BAD_AMOUNT),
        (" ", ""),
    ],
)
def test_money_is_minor_units(cell, expected):
    assert outcome(values.money(SHANGHAI), cell) == expected


def test_money_of_a_currency_without_decimals():
    assert outcome(values.money(ValueContext(minor_digits=0)), "1,250") == "1250"
    assert outcome(values.money(ValueContext(minor_digits=0)), "1,250.5") == Fault.BAD_AMOUNT


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("12", "12"),
        ("12.0", "12"),
        ("1,200", "1200"),
        ("-5", "-5"),
        ("12.5", Fault.BAD_NUMBER),
        ("x", Fault.BAD_NUMBER),
    ],
)
def test_whole_number(cell, expected):
    assert outcome(values.integer, cell) == expected


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("13800000000", "13800000000"),
        ("+86 138-0000-0000", "8613800000000"),
        ("（010）8888 9999", "01088889999"),
        ("１３８００００００００", "13800000000"),
        ("007", "007"),
        ("010-88889999转123", "01088889999"),
        ("555 0100 ext. 12", "5550100"),
        ("'13800000000", "13800000000"),
        ("\u202d138\u200b00000000\u202c", "13800000000"),
        ("123456789012345678901", Fault.BAD_PHONE),
        ("call me", Fault.BAD_PHONE),
        ("138 or 139", Fault.BAD_PHONE),
        ("1.38E+10", Fault.BAD_PHONE),
        ("  ", ""),
    ],
)
def test_phone(cell, expected):
    assert outcome(values.phone(20, phone_digits), cell) == expected


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("Zhang@Mail.Example", "zhang@mail.example"),
        (" a@b.example ", "a@b.example"),
        ("mailto:a@b.example", "a@b.example"),
        ("o'brien@b.example", "o'brien@b.example"),
        ("\ufeffa@b.example\u200b", "a@b.example"),
        ("a..b@c.example", Fault.BAD_EMAIL),
        ("a@b", Fault.BAD_EMAIL),
        ("a b@c.example", Fault.BAD_EMAIL),
        ("@", Fault.BAD_EMAIL),
        ("", ""),
    ],
)
def test_email(cell, expected):
    assert outcome(values.email(254, email_address), cell) == expected


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("example.com", "https://example.com"),
        ("http://example.com/a?b=1", "http://example.com/a?b=1"),
        ("javascript://alert(1)", Fault.BAD_URL),
        ("not a page", Fault.BAD_URL),
    ],
)
def test_url(cell, expected):
    assert outcome(values.url(300), cell) == expected


class Stage(models.TextChoices):
    WON = "won", "Won"
    LOST = "lost", "Lost"


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("won", "won"),
        ("Won", "won"),
        (" 成功 ", "won"),
        ("失败", "lost"),
        ("ＬＯＳＴ", "lost"),
        ("maybe", Fault.BAD_CHOICE),
    ],
)
def test_choice_is_understood_in_both_languages(cell, expected):
    words = values.choice_words(Stage.choices, {"won": ["成功"], "lost": ["失败"]}, ["en", "zh-hans"])

    assert outcome(values.one_of(words), cell) == expected


@pytest.mark.parametrize(
    ("cell", "expected"),
    [("是", "t"), ("TRUE", "t"), ("x", "t"), ("否", "f"), ("0", "f"), ("perhaps", Fault.BAD_YES_NO)],
)
def test_yes_or_no(cell, expected):
    assert outcome(values.one_of(values.YES_NO, Fault.BAD_YES_NO), cell) == expected


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("ann@acme.example", "1"),
        ("ANN@acme.example", "1"),
        ("Ann Lee", "1"),
        ("李四", Fault.TWO_MEMBERS),
        ("nobody@acme.example", Fault.NO_MEMBER),
    ],
)
def test_member(cell, expected):
    context = ValueContext(members={"ann@acme.example": 1, "ann lee": 1, "李四": None})

    assert outcome(values.member(context), cell) == expected


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("VIP", '{"VIP"}'),
        ("VIP，老客户;  VIP ; a  b", '{"VIP","老客户","a b"}'),
        ('quote " and \\', '{"quote \\" and \\\\"}'),
        (" ; ", ""),
        ("x" * 41, Fault.TOO_LONG),
    ],
)
def test_tags(cell, expected):
    assert outcome(values.tags(40), cell) == expected


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("  张三  ", "张三"),
        ("two\nlines", "two lines"),
        ("\u202ered\u202c\u200b\x07", "red"),
        ("\u200b\u200d", ""),
        ("שלום", "שלום"),
        ("👨\u200d👩\u200d👧", "👨\u200d👩\u200d👧"),
        ("'=1+1", "=1+1"),
        ("'-", "-"),
        ("'quoted'", "'quoted'"),
        ("x" * 11, Fault.TOO_LONG),
    ],
)
def test_text_of_one_line(cell, expected):
    assert outcome(values.text(10), cell) == expected


ODD_TEXT = st.one_of(
    # As files give them: without NUL, which the reader leaves out, and without halves of characters.
    st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), min_size=1, max_size=60),
    st.text("0123456789-/.:年月日T +Z上午下午apm,()¥$eE%xX转²٣一'\"\\\\{};", min_size=1, max_size=40),
    st.from_regex(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d)?([+-]\d\d:?\d\d|Z)?", fullmatch=True),
    st.from_regex(r"[-+(]?[0-9.,eE-]{1,30}\)?", fullmatch=True),
    st.from_regex(r"(https?://)?[a-z\[\]:.@/?#0-9%-]{1,30}", fullmatch=True),
)
CONVERTERS = {
    "text": values.text(200),
    "phone": values.phone(20, phone_digits),
    "email": values.email(254, email_address),
    "url": values.url(300),
    "day": values.day(SHANGHAI),
    "moment": values.moment(SHANGHAI),
    "integer": values.integer,
    "money": values.money(SHANGHAI),
    "choice": values.one_of({"a": ["x"]}),
    "member": values.member(SHANGHAI),
    "tags": values.tags(40),
}


@pytest.mark.parametrize("name", CONVERTERS)
@settings(max_examples=150, deadline=None, derandomize=True, database=None)
@given(cell=ODD_TEXT)
def test_any_cell_is_converted_or_refused(name, cell):
    assert isinstance(outcome(CONVERTERS[name], cell), str)
