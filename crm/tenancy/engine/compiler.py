from django.db.backends.postgresql import compiler
from django.db.backends.postgresql.compiler import SQLAggregateCompiler, SQLDeleteCompiler, SQLUpdateCompiler
from django.db.models.sql.compiler import SQLInsertCompiler

from crm.tenancy.views import ReadsThroughViews

# Django's generic insert compiler on purpose: the PostgreSQL one writes bulk inserts as `INSERT … SELECT FROM
# UNNEST(…)`, which a distributed table refuses; the generic one writes VALUES.
__all__ = [
    "SQLAggregateCompiler",
    "SQLCompiler",
    "SQLDeleteCompiler",
    "SQLInsertCompiler",
    "SQLUpdateCompiler",
]


class SQLCompiler(ReadsThroughViews, compiler.SQLCompiler):
    pass
