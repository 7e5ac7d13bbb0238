"""Text as people see it."""

from __future__ import annotations

import re

# What nobody sees and nobody typed: control characters, blanks without width, and marks that turn the direction of text
# around. They come along when something is copied from a page or a chat, and keep it from being found.
_UNSEEN = re.compile("[\x00-\x1f\x7f-\x9f\u00ad\u200b\u202a-\u202e\u2060-\u206f\ufeff]")
_BLANKS = re.compile(r"\s+")
# The joiners of emoji and of Persian, and the marks between two directions, belong to what they stand in; alone they
# say nothing.
_JOINERS = "\u200c\u200d\u200e\u200f\ufe0f"


def plain_line(text: str) -> str:
    """One line of text without what came along unseen; "" when nothing is to be seen."""
    if text.isprintable():
        return text.strip()
    # Blanks first: some of them are control characters too.
    plain = _UNSEEN.sub("", _BLANKS.sub(" ", text)).strip()
    return plain if plain.strip(_JOINERS) else ""
