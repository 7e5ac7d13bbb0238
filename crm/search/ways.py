# ruff: noqa: S608  # names in the statements come from models
"""Which way leads to the matches of one word: past the newest entries one by one, or through the index of words.

A common word is met soon on the first way and fills the second with entries that are thrown away again; with a rare one
it is the other way round. The planner would choose, had it an idea how common a word is. It has none of the beginning
of a word, and none of the words of a small tenant among large ones: it was wrong by a factor of thirty, and a search
for two initials took a fifth of a second. So the newest thousand are asked first, in a millisecond: how many of them
match, and how many of those does the member see? A page of many kinds asks so only for one word: of several, the
planner's guess will do for its few rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from string import Formatter
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import BigIntegerField, BooleanField, Exists, Expression, Func, OuterRef, QuerySet, Subquery

from crm.tenancy.context import current_tenant_id
from crm.tenancy.views import tenant_views, through_views

from .index import Matches, SearchEntry

ASKED = 1000
# With fewer matches that the member sees among those asked, it is chance whether 25 are met soon.
MET_SOON = 3
# Passing entries takes 25 times as many of them as there are to one that is met, at 1 µs each; the index takes 2 µs for
# each match. In a million entries both are even when this is the product of what was found and what was met.
EVEN = 20
# A list looks up the words of each row it passes, at 8 µs, against 2 µs for each match out of the index.
COMMON = 13
# So many are not worth taking out of the index for somebody who sees few of them.
VERY_COMMON = 30


@dataclass(frozen=True, slots=True)
class Share:
    """Of the newest thousand entries, how many match, and how many of these the member sees."""

    found: int
    met: int

    @property
    def is_worth_passing(self) -> bool:
        return self.met >= MET_SOON and self.met * self.found >= EVEN


@dataclass(frozen=True, slots=True)
class Where:
    """Entries to search, and the rows the member sees of what they describe; None when nothing is hidden."""

    entry: type[SearchEntry]
    visible: QuerySet | None


@dataclass(frozen=True, slots=True)
class Sql:
    """A piece of a statement, with its parameters."""

    text: str
    params: list[Any] = field(default_factory=list)

    @classmethod
    def of(cls, template: str, **pieces: Sql) -> Sql:
        """The template with pieces in place of their {names}."""
        texts: list[str] = []
        params: list[Any] = []
        for text, name, _spec, _conversion in Formatter().parse(template):
            texts.append(text)
            if name:
                texts.append(pieces[name].text)
                params += pieces[name].params
        return cls("".join(texts), params)


_ENTRIES = "(SELECT {key} AS id, updated_at, vec FROM {view} WHERE tenant_id = {tenant})"
_SEEN = "EXISTS (SELECT 1 FROM ({visible}) AS seen (id) WHERE seen.id = entry.id)"
_NEWEST = "ORDER BY updated_at DESC, id DESC"
_ASKED = (
    "SELECT count(*) AS found, count(*) FILTER (WHERE {seen}) AS met "
    f"FROM (SELECT id, vec FROM {{entries}} AS e {_NEWEST} LIMIT {ASKED}) AS entry WHERE vec @@ {{words}}"
)
# No index serves a CASE, and OFFSET 0 keeps two steps apart: so the planner takes the way that was chosen.
_PASSING = (
    "SELECT id FROM {entries} AS entry WHERE CASE WHEN vec @@ {words} THEN true END AND {seen} "
    f"{_NEWEST} LIMIT {{limit}}"
)
_OUT_OF_THE_INDEX = "SELECT id, updated_at FROM {entries} AS e WHERE vec @@ {words} OFFSET 0"
_INDEXED = (
    f"SELECT id FROM (SELECT id, updated_at FROM ({_OUT_OF_THE_INDEX}) AS e {_NEWEST} OFFSET 0) AS entry "
    f"WHERE {{seen}} {_NEWEST} LIMIT {{limit}}"
)
# The planner knows how much the member sees, and may begin with that.
_ANY_WAY = f"SELECT id FROM {{entries}} AS entry WHERE vec @@ {{words}} AND {{seen}} {_NEWEST} LIMIT {{limit}}"


def ask(places: Sequence[Where], words: str) -> list[Share]:
    """How common a word is among the newest entries. One statement, however many places."""
    asked = [Sql.of(_ASKED, **_pieces(place, words)) for place in places]
    rows = [f"SELECT {number}, found, met FROM ({one.text}) AS asked" for number, one in enumerate(asked)]
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(rows), [param for one in asked for param in one.params])
        return [Share(found, met) for _number, found, met in sorted(cursor.fetchall())]


class NewestMatches(Expression):
    """The ids of the `limit` newest matches, as an array. `share` is None when nobody asked."""

    output_field = ArrayField(BigIntegerField())

    def __init__(self, where: Where, words: str, share: Share | None, limit: int):
        super().__init__()
        self.where, self.words, self.share, self.limit = where, words, share, limit

    def as_sql(self, compiler, connection):
        pieces = _pieces(self.where, self.words) | {"limit": Sql(str(int(self.limit)))}
        array = Sql.of(f"ARRAY({self._way()})", **pieces)
        return array.text, array.params

    def _way(self) -> str:
        share = self.share
        if share is None:
            return _ANY_WAY
        if share.is_worth_passing:
            return _PASSING
        return _ANY_WAY if share.found >= VERY_COMMON else _INDEXED


def matches_to_look_up(place: Where, words: str) -> str | None:
    """The ids of all matches, as the text of an array; None where rows had better be passed one by one.

    One statement. An array tells the planner how many there are, whatever other filters and orders a list has.
    """
    pieces = _pieces(place, words)
    statement = Sql.of(
        f"SELECT CASE WHEN found < {COMMON} OR (met < {MET_SOON} AND found < {VERY_COMMON}) "
        "THEN ARRAY(SELECT id FROM ({matches}) AS e)::text END FROM ({asked}) AS asked",
        matches=Sql.of(_OUT_OF_THE_INDEX, **pieces),
        asked=Sql.of(_ASKED, **pieces),
    )
    with connection.cursor() as cursor:
        cursor.execute(statement.text, statement.params)
        (ids,) = cursor.fetchone()
    return ids


class PassedOneByOne(Func):
    """Whether a row matches a common word, in a filter. A page looks its words up, row after row, until it is full."""

    conditional = True
    output_field = BooleanField()

    def __init__(self, entry: type[SearchEntry], words: str):
        entries = entry._default_manager.filter(tenant_id=OuterRef("tenant_id"), pk=OuterRef("pk"))
        super().__init__(
            Matches(Subquery(entries.values("vec")), words),
            Exists(entries.filter(vec__matches=words)),
        )

    def as_sql(  # type: ignore[override]  # Func has parameters for templates, which this has none of
        self, compiler: Any, connection: Any, **extra: Any
    ) -> tuple[str, list[Any]]:
        of_this_row, among_all = self.get_source_expressions()
        # What is counted or exported as a whole is better read the planner's way.
        is_page = compiler.query.is_sliced and compiler.query.order_by
        return compiler.compile(of_this_row if is_page else among_all)


def _pieces(place: Where, words: str) -> dict[str, Sql]:
    quote, meta = connection.ops.quote_name, place.entry._meta
    entries = Sql.of(
        _ENTRIES,
        key=Sql(quote(str(meta.pk.column))),
        view=Sql(quote(tenant_views()[meta.db_table])),
        tenant=Sql(str(current_tenant_id())),
    )
    return {"entries": entries, "words": Sql("%s::tsquery", [words]), "seen": _seen(place.visible)}


def _seen(visible: QuerySet | None) -> Sql:
    if visible is None:
        return Sql("true")
    try:
        text, params = through_views(visible.order_by().values("pk")).query.sql_with_params()
    except EmptyResultSet:
        return Sql("false")
    return Sql.of(_SEEN, visible=Sql(text, list(params)))
