"""How many customers fit, told while somebody is still choosing: within a fixed time, exact when that is enough."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from django.db import OperationalError, connection, transaction
from django.db.models import QuerySet
from django.utils.translation import gettext, ngettext
from psycopg.errors import QueryCanceled

from crm.pages import formats
from crm.pages.counts import CAP, capped_count

# What an index serves takes 1 to 40 ms at a million customers; the rest is estimated by the planner's statistics.
MILLISECONDS = 50


@dataclass(frozen=True, slots=True)
class Reach:
    number: int
    is_capped: bool = False
    is_estimate: bool = False

    def __str__(self) -> str:
        shown = formats.number(self.number) + ("+" if self.is_capped else "")
        return gettext("about %(number)s") % {"number": shown} if self.is_estimate else shown

    @property
    def noun(self) -> str:
        return ngettext("customer", "customers", self.number)


def reach_of(rows: QuerySet[Any], milliseconds: int = MILLISECONDS) -> Reach:
    """Counted up to 10,000, or estimated when that takes longer than `milliseconds`."""
    return reaches_of(rows, milliseconds=milliseconds)[0]


def reaches_of(*several: QuerySet[Any], milliseconds: int = MILLISECONDS) -> list[Reach]:
    """The same for several; each gets the time. When one takes longer, all are estimated."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"SET LOCAL statement_timeout = {int(milliseconds)}")
            counts = [capped_count(rows) for rows in several]
            cursor.execute("SET LOCAL statement_timeout = DEFAULT")
    except OperationalError as error:
        if not isinstance(error.__cause__, QueryCanceled):
            raise
        return [estimate_of(rows) for rows in several]
    return [Reach(count.number, count.is_capped) for count in counts]


def estimate_of(rows: QuerySet[Any]) -> Reach:
    """What the planner expects, to two digits: it does not know better."""
    plan = json.loads(rows.order_by().explain(format="json"))
    expected = max(1, round(plan[0]["Plan"]["Plan Rows"]))
    digits = max(0, len(str(expected)) - 2)
    rounded = round(expected, -digits)
    return Reach(min(rounded, CAP), is_capped=rounded > CAP, is_estimate=True)
