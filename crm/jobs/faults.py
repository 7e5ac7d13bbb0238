"""What an operator needs of a fault, without what it says about customers."""

from __future__ import annotations

import traceback
from pathlib import Path

from django.conf import settings

DEEPEST_FRAMES = 12


def where_it_failed(error: BaseException) -> str:
    """Types and places, from the first cause on. Messages and values are left out: they quote rows and parameters."""
    chain: list[BaseException] = []
    current: BaseException | None = error
    while current is not None and current not in chain:
        chain.insert(0, current)
        current = current.__cause__ or (None if current.__suppress_context__ else current.__context__)
    return "\n".join(_describe(one) for one in chain)


def _describe(error: BaseException) -> str:
    kind = type(error)
    lines = [f"{kind.__module__}.{kind.__qualname__}{_database_code(error)}"]
    for frame in traceback.extract_tb(error.__traceback__)[-DEEPEST_FRAMES:]:
        lines.append(f"  {_short(frame.filename)}:{frame.lineno} in {frame.name}")
    return "\n".join(lines)


def _database_code(error: BaseException) -> str:
    """SQLSTATE and the constraint's name: ours, and no data."""
    state = getattr(error, "sqlstate", None)
    diagnosis = getattr(error, "diag", None)
    words = [word for word in (state, getattr(diagnosis, "constraint_name", None)) if word]
    return f" ({' '.join(words)})" if words else ""


def _short(filename: str) -> str:
    path = Path(filename)
    for root in (Path(settings.BASE_DIR), *(parent for parent in path.parents if parent.name == "site-packages")):
        if path.is_relative_to(root):
            return str(path.relative_to(root))
    return path.name
