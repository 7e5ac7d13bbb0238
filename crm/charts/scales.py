"""The numbers beside an axis: few, round, and enclosing all values."""

from __future__ import annotations

from math import ceil, floor, log10

_STEPS = (1, 2, 2.5, 5, 10)


def ticks(low: float, high: float, *, whole: bool, most: int = 5) -> list[float]:
    """From at most 0 to at least the highest value. `whole`: things that are counted have no halves."""
    low, high = min(low, 0), max(high, 0)
    if low == high:
        high = 1
    step = _step((high - low) / (most - 1), whole)
    first, last = floor(round(low / step, 9)), ceil(round(high / step, 9))
    return [_plain(place * step) for place in range(first, last + 1)]


def _step(least: float, whole: bool) -> float:
    scale = 10 ** floor(log10(least))
    found = next(step * scale for step in _STEPS if step * scale >= least * (1 - 1e-9))
    if whole:
        return max(1, 5 if found == 2.5 else ceil(found))
    return found


def _plain(value: float) -> float:
    """Without the dust of floating point: the drawing looks its label up by it."""
    value = round(value, 9)
    return int(value) if value == int(value) else value
