"""Every statement that names a tenant table, against SCALE_OUT.md rules 10 to 13. Active in the whole test suite.

A statement is parsed once per shape. In each of its queries every tenant table must be bound: its tenant_id equals a
constant, or the tenant_id of something that is bound. What an outer join says binds only its optional side, and what a
sub-query says never binds the query around it.
"""

from __future__ import annotations

import logging
import re
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from .exceptions import QUERIES

JUDGED = exp.Query | exp.Insert | exp.Update | exp.Delete | exp.Merge

# A parameter becomes a text, and any number of them in a list one: both are one shape.
PLACEHOLDER = re.compile(r"%s|%\(\w+\)s|%b|%t")
LIST = re.compile(r"('\?'|\('\?'\))(?:\s*,\s*\1)+")
# Only migrations define things; a temporary table is filled by a query, and that is judged.
NOT_JUDGED = re.compile(
    r"\s*(?:CREATE\s+(?!TEMP)|ALTER|DROP|COMMENT|GRANT|REVOKE|ANALYZE|VACUUM|EXPLAIN|SET|TRUNCATE|SAVEPOINT|RELEASE)",
    re.I,
)
FILLED = re.compile(
    r"\s*CREATE\s+TEMP(?:ORARY)?\s+TABLE\s.*?\sAS\s+(?=SELECT|WITH|\()(.*?)(?:\s+WITH\s+NO\s+DATA\s*)?$", re.I | re.S
)

# Says of each statement that it does not know what it will refuse anyway.
logging.getLogger("sqlglot").setLevel(logging.ERROR)


class QueryLintError(AssertionError):
    """A statement reads or writes tenant rows and does not say whose."""


@dataclass
class Source:
    """A name in FROM: a tenant table, a query in brackets or another relation."""

    name: str
    is_tenant: bool = False
    # For a query: whether the tenant_id that it gives out is bound.
    gives_tenant: bool = False


@dataclass
class Scope:
    """The names that one query sees, and which of them are bound to the tenant."""

    outer: Scope | None = None
    sources: dict[str, Source] = field(default_factory=dict)
    queries: dict[str, Source] = field(default_factory=dict)
    # Edges (a, b): when a is bound, b is. None stands for a constant.
    edges: set[tuple[str | None, str]] = field(default_factory=set)

    @cached_property
    def bound(self) -> set[str]:
        bound: set[str] = {alias for alias, source in self.sources.items() if source.gives_tenant}
        pending = True
        while pending:
            reached = {to for start, to in self.edges if start is None or start in bound or self._bound_outside(start)}
            pending = not reached <= bound
            bound |= reached
        return bound & self.sources.keys()

    def _bound_outside(self, alias: str) -> bool:
        if alias in self.sources or self.outer is None:
            return False
        return alias in self.outer.bound or self.outer._bound_outside(alias)

    def query(self, name: str) -> Source | None:
        return self.queries.get(name) or (self.outer.query(name) if self.outer else None)

    def holder(self, column: exp.Column) -> str | None:
        """The alias that a column belongs to; for a column without one, the only source that can have it."""
        if column.table:
            return column.table
        own = [alias for alias, source in self.sources.items() if source.is_tenant or source.gives_tenant]
        if not own and len(self.sources) == 1:
            own = list(self.sources)
        return own[0] if len(own) == 1 else None

    def is_tenant(self, alias: str | None) -> bool:
        if alias in self.sources:
            return self.sources[alias].is_tenant
        return self.outer is not None and self.outer.is_tenant(alias)


def shape_of(sql: str) -> str:
    text = PLACEHOLDER.sub("'?'", sql).replace("%%", "%")
    return LIST.sub(r"\1", LIST.sub(r"\1", text))


class QueryLint:
    """Judge statements, remember each shape, and count. `install` hangs it on a connection."""

    def __init__(self, relations: Collection[str], granted: Mapping[str, str] | None = None):
        granted = QUERIES if granted is None else granted
        self.listen_to(relations)
        self.granted = {re.compile(pattern): pattern for pattern in granted}
        self.figures: Counter[str] = Counter()
        self._shapes: dict[str, tuple[str, ...]] = {}

    def listen_to(self, relations: Collection[str]) -> None:
        self.names = frozenset(relations)
        self.named = re.compile(rf"\b(?:{'|'.join(map(re.escape, sorted(relations))) or '(?!)'})\b")

    def judge(self, sql: str) -> tuple[str, ...]:
        """What is wrong with a statement, in words; nothing when all is well."""
        shape = shape_of(sql)
        faults = self._shapes.get(shape)
        if faults is None:
            faults = self._shapes[shape] = tuple(dict.fromkeys(self._judge(shape)))
        return faults

    def __call__(self, execute: Callable[..., Any], sql: Any, params: Any, many: bool, context: Any) -> Any:
        """As an execute wrapper of Django's."""
        text = str(sql)
        self.figures["statements seen"] += 1
        if self.named.search(text) and not NOT_JUDGED.match(text):
            self.figures["statements on tenant tables"] += 1
            if faults := self.judge(text):
                self.refuse(text, faults)
        return execute(sql, params, many, context)

    def refuse(self, sql: str, faults: tuple[str, ...]) -> None:
        if any(pattern.fullmatch(shape_of(sql)) for pattern in self.granted):
            self.figures["without tenant filter, granted"] += 1
            return
        self.figures["without tenant filter"] += 1
        raise QueryLintError(f"{'; '.join(faults)}\n{sql}")

    def _judge(self, shape: str) -> Iterator[str]:
        try:
            filled = FILLED.match(shape)
            statements = sqlglot.parse(filled[1] if filled else shape, dialect="postgres")
        except SqlglotError as error:
            yield f"the statement cannot be read ({str(error).splitlines()[0]})"
            return
        for statement in statements:
            if isinstance(statement, JUDGED):
                yield from self._query(statement, None)
            elif statement is not None:
                yield f"{type(statement).__name__} on a tenant table is not foreseen"

    # -- one query

    def _query(self, query: exp.Expr, outer: Scope | None, given: Source | None = None) -> Iterator[str]:
        """Judge a query and those inside it; `given` learns whether the tenant_id it gives out is bound."""
        if isinstance(query, exp.Subquery):
            yield from self._query(query.this, outer, given)
            return
        scope = Scope(outer)
        yield from self._common(query, scope)
        if isinstance(query, exp.SetOperation):
            sides = [Source("left"), Source("right")]
            for side, part in zip(sides, (query.left, query.right), strict=True):
                yield from self._query(part, scope, side)
            if given:
                given.gives_tenant = all(side.gives_tenant for side in sides)
            return
        if isinstance(query, exp.Insert):
            yield from self._insert(query, scope)
            return
        yield from self._from(query, scope)
        self._bind(query, scope)
        for alias in sorted(alias for alias in scope.sources.keys() - scope.bound if scope.sources[alias].is_tenant):
            yield f"{scope.sources[alias].name} has no tenant_id = constant"
        yield from self._lookups(query, scope)
        for inner in _inner_queries(query):
            yield from self._query(inner, scope)
        if given:
            given.gives_tenant = _gives_tenant(query, scope)

    def _common(self, query: exp.Expr, scope: Scope) -> Iterator[str]:
        """WITH: each query is judged by itself, and a recursive one sees what its first half gives."""
        with_ = query.args.get("with_")
        for cte in with_.expressions if with_ else ():
            source = scope.queries[cte.alias] = Source(cte.alias)
            body = cte.this
            if isinstance(body, exp.SetOperation):
                first = Source(cte.alias)
                yield from self._query(body.left, scope, first)
                scope.queries[cte.alias] = first
            yield from self._query(body, scope, source)
            scope.queries[cte.alias] = source

    def _from(self, query: exp.Expr, scope: Scope) -> Iterator[str]:
        """Name the sources, and judge the queries among them, which do not see their neighbours."""
        beside = Scope(scope.outer, queries=scope.queries)
        for table in _tables(query):
            if isinstance(table, exp.Table) and isinstance(table.this, exp.Identifier):
                known = scope.query(table.name)
                scope.sources[table.alias_or_name] = known or Source(table.name, is_tenant=table.name in self.names)
            else:
                source = scope.sources[table.alias_or_name] = Source(table.alias_or_name)
                if isinstance(table, exp.Subquery):
                    yield from self._query(table, beside, source)

    def _insert(self, query: exp.Insert, scope: Scope) -> Iterator[str]:
        target = query.this
        columns = {column.name for column in target.expressions} if isinstance(target, exp.Schema) else set()
        table = target.find(exp.Table)
        if table is not None and table.name in self.names:
            if "tenant_id" not in columns:
                yield f"INSERT into {table.name} does not name tenant_id"
            conflict = query.args.get("conflict")
            keys = {key.name for key in conflict.args.get("conflict_keys") or ()} if conflict else set()
            if keys and "tenant_id" not in keys:
                yield f"the upsert into {table.name} does not name tenant_id"
        if isinstance(query.expression, exp.Query):
            yield from self._query(query.expression, scope)

    # -- what binds

    def _bind(self, query: exp.Expr, scope: Scope) -> None:
        where = query.args.get("where")
        if where is not None:
            self._equate(where.this, scope, lambda _alias: True)
        for join in _joins(query):
            _bind_join(join, scope, self._equate)
        if isinstance(query, exp.Merge):
            self._equate(query.args["on"], scope, lambda _alias: True)

    def _equate(self, condition: exp.Expr, scope: Scope, may_bind: Callable[[str], bool]) -> None:
        """Read the conjuncts of a condition; it may bind the aliases that `may_bind` says."""
        for left, right in _equalities(condition):
            for one, other in ((left, right), (right, left)):
                alias = _tenant_alias(one, scope)
                if alias is None or not may_bind(alias):
                    continue
                other_alias = _tenant_alias(other, scope)
                if _is_constant(other) or other_alias is not None:
                    scope.edges.add((other_alias, alias))

    def _lookups(self, query: exp.Expr, scope: Scope) -> Iterator[str]:
        """DATA_DESIGN.md section 4: operators that row-level security keeps from an index."""
        for node in _own_nodes(query):
            by_pattern = isinstance(node, exp.Like | exp.ILike | exp.RegexpLike | exp.RegexpILike | exp.SimilarTo)
            by_case = isinstance(node, exp.EQ) and isinstance(node.this, exp.Upper | exp.Lower)
            for column in node.this.find_all(exp.Column) if by_pattern or by_case else ():
                if scope.is_tenant(scope.holder(column)):
                    yield f"{column.sql()} is compared by {type(node).__name__.upper()}, which no index serves"


def _bind_join(join: exp.Join, scope: Scope, equate: Callable[..., None]) -> None:
    joined = join.this.alias_or_name
    side = (join.side or "").upper()
    may_bind: Callable[[str], bool] = lambda _alias: side == ""
    if side == "LEFT":
        may_bind = lambda alias: alias == joined
    elif side == "RIGHT":
        may_bind = lambda alias: alias != joined
    if (condition := join.args.get("on")) is not None:
        equate(condition, scope, may_bind)
    if any(column.name == "tenant_id" for column in join.args.get("using") or ()):
        for alias in scope.sources.keys() - {joined}:
            scope.edges |= {pair for pair in ((alias, joined), (joined, alias)) if may_bind(pair[1])}


def _equalities(condition: exp.Expr) -> Iterator[tuple[exp.Expr, exp.Expr]]:
    for part in condition.flatten() if isinstance(condition, exp.And) else (condition,):
        part = part.unnest()
        if isinstance(part, exp.And):
            yield from _equalities(part)
        elif isinstance(part, exp.EQ):
            left, right = part.left.unnest(), part.right.unnest()
            if isinstance(left, exp.Tuple) and isinstance(right, exp.Tuple):
                yield from zip(left.expressions, right.expressions, strict=False)
            else:
                yield left, right


def _tenant_alias(node: exp.Expr, scope: Scope) -> str | None:
    return scope.holder(node) if isinstance(node, exp.Column) and node.name == "tenant_id" else None


def _is_constant(node: exp.Expr) -> bool:
    if isinstance(node, exp.Cast | exp.Paren):
        return _is_constant(node.this)
    return isinstance(node, exp.Literal | exp.Parameter | exp.Placeholder)


def _gives_tenant(query: exp.Expr, scope: Scope) -> bool:
    returning = query.args.get("returning")
    selected = returning.expressions if returning else query.expressions
    for one in selected if isinstance(query, exp.Select) or returning else ():
        if one.is_star:
            alias = one.table if isinstance(one, exp.Column) else None
            return alias in scope.bound if alias else any(scope.sources[name].is_tenant for name in scope.bound)
        if one.alias_or_name == "tenant_id":
            value = one.unalias()
            return _is_constant(value) or _tenant_alias(value, scope) in scope.bound
    return False


# -- the tree


def _tables(query: exp.Expr) -> Iterator[exp.Expr]:
    """The relations that a SELECT, UPDATE, DELETE or MERGE names itself."""
    yield from (table for table in _first_tables(query) if not _is_bracket(table))
    yield from (join.this for join in _joins(query))
    yield from query.args.get("laterals") or ()


def _joins(query: exp.Expr) -> Iterator[exp.Join]:
    for owner in (query, *_first_tables(query)):
        yield from owner.args.get("joins") or ()


def _first_tables(query: exp.Expr) -> Iterator[exp.Expr]:
    """What stands before the joins; for `(a JOIN b …)`, which is no query, the bracket and what is in it."""
    using, start = query.args.get("using"), query.args.get("from_")
    first = [query.this] if isinstance(query, exp.Update | exp.Delete | exp.Merge) or _is_bracket(query) else []
    first += using if isinstance(using, list) else filter(None, [using])
    first += [start.this] if start is not None else []
    for table in first:
        yield table
        if _is_bracket(table):
            yield from _first_tables(table)


def _is_bracket(node: exp.Expr) -> bool:
    return isinstance(node, exp.Subquery) and isinstance(node.this, exp.Table)


def _own_nodes(query: exp.Expr) -> Iterator[exp.Expr]:
    """All nodes of a query, without those of the queries inside it."""
    pending = list(query.iter_expressions())
    while pending:
        node = pending.pop()
        yield node
        if _is_bracket(node) or not isinstance(node, JUDGED | exp.With):
            pending += node.iter_expressions()


def _inner_queries(query: exp.Expr) -> Iterator[exp.Expr]:
    """Queries in conditions, columns and LATERAL, which see the names around them."""
    sources = {id(table) for table in _tables(query) if isinstance(table, exp.Subquery)}
    for node in _own_nodes(query):
        if isinstance(node, exp.Query) and id(node) not in sources and not _is_bracket(node):
            yield node
