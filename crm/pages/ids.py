"""Ids as they come out of addresses and forms."""

from __future__ import annotations


def is_id(raw: str) -> bool:
    """Whether the text may be a row's id: "²" is a digit to Python and a number to nobody, and bigint has an end."""
    return raw.isascii() and raw.isdigit() and len(raw) < 19
