"""The prefix lookup that row-level security lets an index serve. DATA_DESIGN.md section 4."""

from django.db import models
from django.db.models.lookups import BuiltinLookup


@models.CharField.register_lookup
@models.TextField.register_lookup
class Prefix(BuiltinLookup):
    """`field__prefix="abc"`: `^@` is leakproof, LIKE is not."""

    lookup_name = "prefix"

    def as_sql(self, compiler, connection):
        lhs, lhs_params = self.process_lhs(compiler, connection)
        rhs, rhs_params = self.process_rhs(compiler, connection)
        return f"{lhs} ^@ {rhs}", (*lhs_params, *rhs_params)
