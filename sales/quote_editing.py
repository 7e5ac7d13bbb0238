"""The buttons of a quote's lines: one more, one less, one up, one down, and "what does it come to"."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .forms.quote_lines import MOST_LINES, Row

STEPS = ("add", "remove", "up", "down", "update")


@dataclass(frozen=True, slots=True)
class Step:
    name: str
    place: int


def step_of(data: Mapping[str, Any]) -> Step | None:
    """The button that was pressed, or None: then the quote is to be saved. `data` has `lines-remove` = 2."""
    for name in STEPS:
        value = data.get(f"lines-{name}")
        if value is not None:
            return Step(name, int(value) if value.isascii() and value.isdigit() and len(value) < 5 else -1)
    return None


def rearranged(rows: Sequence[Row], step: Step, blank: Row) -> list[Row]:
    found, at = list(rows), step.place
    if step.name == "add" and len(found) < MOST_LINES:
        found.append(blank)
    elif step.name == "remove" and 0 <= at < len(found):
        del found[at]
    elif step.name == "up" and 0 < at < len(found):
        found[at - 1], found[at] = found[at], found[at - 1]
    elif step.name == "down" and 0 <= at < len(found) - 1:
        found[at], found[at + 1] = found[at + 1], found[at]
    return found or [blank]
