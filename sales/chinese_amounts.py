"""Amounts in Chinese financial writing, as quotes and contracts in China state them: 壹万贰仟叁佰元伍角整."""

from __future__ import annotations

_DIGITS = "零壹贰叁肆伍陆柒捌玖"
_PLACES = ("", "拾", "佰", "仟")
_GROUPS = ("", "万", "亿", "万亿")


def yuan_in_words(fen: int) -> str:
    """Of an amount of at most 16 digits before the point."""
    sign = "负" if fen < 0 else ""
    yuan, rest = divmod(abs(fen), 100)
    jiao, fen = divmod(rest, 10)
    whole = f"{_whole(yuan)}元" if yuan else ""
    if not rest:
        return f"{sign}{whole or '零元'}整"
    # 1.05 is 壹元零伍分, and 10.50 may be 壹拾元伍角: a zero is said where a place between two others is empty.
    gap = "零" if whole and not jiao else ""
    tenths = f"{_DIGITS[jiao]}角" if jiao else ""
    return f"{sign}{whole}{gap}{tenths}" + (f"{_DIGITS[fen]}分" if fen else "整")


def _whole(number: int) -> str:
    groups = []
    while number:
        number, group = divmod(number, 10_000)
        groups.append(group)
    text = ""
    for place in reversed(range(len(groups))):
        group = groups[place]
        if not group:
            continue
        # Zeros before it, or groups that were empty.
        if text and (group < 1_000 or not groups[place + 1]):
            text += "零"
        text += _group(group) + _GROUPS[place]
    return text


def _group(number: int) -> str:
    text = ""
    for place in (3, 2, 1, 0):
        digit = number // 10**place % 10
        if digit:
            if text and number // 10 ** (place + 1) % 10 == 0:
                text += "零"
            text += _DIGITS[digit] + _PLACES[place]
    return text
