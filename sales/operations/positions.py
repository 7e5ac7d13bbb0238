"""Where a deal stands within its stage: numbers with room between them, so that placing one changes one row.

New arrivals stand on top. When two neighbours have no number left between them, the rows below are spread over the
next stretch that has room: a few dozen rows, not the whole stage.
"""

from __future__ import annotations

from django.db.models import BigIntegerField, Case, F, Q, QuerySet, Value, When

from ..models import Deal, Stage
from ..models.deals import GAP, top_position

# How many rows below are looked at for room, one after the other.
STRETCHES = (32, 256, 2_048)


def place_below(*, stage: Stage, above: int | None, moving: Deal) -> int:
    """A position in the stage right below the deal with the id `above`, or on top.

    Called with `moving` locked. A deal that has left the stage meanwhile is no neighbour any more: then it is the top.
    """
    others = Deal.objects.filter(stage=stage).exclude(pk=moving.pk)
    upper = others.filter(pk=above).values_list("pos", "pk").first() if above is not None else None
    if upper is None:
        first = others.order_by("pos", "id").values_list("pos", flat=True).first()
        return top_position() if first is None else min(top_position(), first - GAP)
    lower = _below(others, *upper).values_list("pos", flat=True).first()
    if lower is None:
        return upper[0] + GAP
    if lower - upper[0] < 2:
        lower = _make_room(others, *upper)
    return upper[0] + (lower - upper[0]) // 2


def _below(others: QuerySet[Deal], pos: int, pk: int) -> QuerySet[Deal]:
    # In this form an index serves it (DATA_DESIGN.md section 6).
    return others.filter(Q(pos__gt=pos) | Q(pk__gt=pk), pos__gte=pos).order_by("pos", "id")


def _make_room(others: QuerySet[Deal], pos: int, pk: int) -> int:
    """Spread the rows below; returns the position of the first of them.

    Rows that somebody else holds are not waited for, which could go round in a circle: then the deal shares a number
    with its neighbour, and stands beside it in the order of their ids.
    """
    for length in STRETCHES:
        rows = list(_below(others, pos, pk).values_list("pk", "pos")[: length + 1])
        is_end = len(rows) <= length
        room = GAP * (len(rows) + 1) if is_end else rows[-1][1] - pos
        moved = rows if is_end else rows[:-1]
        if room > 2 * (len(moved) + 1):
            return _spread([key for key, _pos in moved], pos, room)
    return pos


def _spread(ids: list[int], start: int, room: int) -> int:
    locked = Deal.objects.filter(pk__in=ids).order_by("pk").select_for_update(skip_locked=True)
    if len(locked.values_list("pk", flat=True)) != len(ids):
        return start
    step = room // (len(ids) + 1)
    places = [When(pk=pk, then=Value(start + step * number)) for number, pk in enumerate(ids, start=1)]
    Deal.objects.filter(pk__in=ids).update(pos=Case(*places, default=F("pos"), output_field=BigIntegerField()))
    return start + step
