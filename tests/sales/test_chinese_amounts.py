"""Amounts as Chinese contracts write them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sales.chinese_amounts import yuan_in_words

_VALUES = {word: value for value, word in enumerate("零壹贰叁肆伍陆柒捌玖")}
_TENS = {"拾": 10, "佰": 100, "仟": 1_000}


@pytest.mark.parametrize(
    ("fen", "words"),
    [
        (0, "零元整"),
        (5, "伍分"),
        (50, "伍角整"),
        (105, "壹元零伍分"),
        (1050, "壹拾元伍角整"),
        (1_000_00, "壹仟元整"),
        (1_001_00, "壹仟零壹元整"),
        (1_010_00, "壹仟零壹拾元整"),
        (12_300_50, "壹万贰仟叁佰元伍角整"),
        (10_005_00, "壹万零伍元整"),
        (100_500_00, "壹拾万零伍佰元整"),
        (1_000_000_00, "壹佰万元整"),
        (100_000_000_00, "壹亿元整"),
        (100_000_001_23, "壹亿零壹元贰角叁分"),
        (2_050_060_708_09, "贰拾亿伍仟零陆万零柒佰零捌元零玖分"),
        (-12_34, "负壹拾贰元叁角肆分"),
    ],
)
def test_amount_in_words(fen, words):
    assert yuan_in_words(fen) == words


def read(words: str) -> int:
    """The amount back from its words, by another way than it was made."""
    whole, _, rest = words.removesuffix("整").rpartition("元") if "元" in words else ("", "", words.removesuffix("整"))
    total = section = digit = 0
    for word in whole:
        if word in _VALUES:
            digit = _VALUES[word]
        elif word in _TENS:
            section += digit * _TENS[word]
            digit = 0
        else:
            section += digit
            digit = 0
            total = (total + section) * 10**8 if word == "亿" else total + section * 10**4
            section = 0
    fen = (total + section + digit) * 100
    for value, unit in zip(rest.replace("零", "")[::2], rest.replace("零", "")[1::2], strict=True):
        fen += _VALUES[value] * (10 if unit == "角" else 1)
    return fen


@given(st.integers(1, 10**13))
def test_words_say_the_amount_and_nothing_else(fen):
    words = yuan_in_words(fen)

    assert read(words) == fen
    assert "零零" not in words
    assert not words.startswith("零")
