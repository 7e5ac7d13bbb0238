"""Lookups that row-level security lets an index serve. DATA_DESIGN.md section 4."""

from django.db import models
from django.db.models.lookups import BuiltinLookup, Lookup


@models.CharField.register_lookup
@models.TextField.register_lookup
class Prefix(BuiltinLookup):
    """`field__prefix="abc"`: `^@` is leakproof, LIKE is not."""

    lookup_name = "prefix"

    def as_sql(self, compiler, connection):
        lhs, lhs_params = self.process_lhs(compiler, connection)
        rhs, rhs_params = self.process_rhs(compiler, connection)
        return f"{lhs} ^@ {rhs}", (*lhs_params, *rhs_params)


class Among(Lookup):
    """`Among(F("pk"), ids)`: whose number is in an array, which is one value: `in` would make thousands of parameters.

    `ids` are a list, the text of an array ("{1,2}"), or an expression that gives an array.
    """

    lookup_name = "among"
    prepare_rhs = False

    def get_db_prep_lookup(self, value, connection):
        # The driver takes a list apart, at five times the time.
        return "%s::bigint[]", [value if isinstance(value, str) else f"{{{','.join(map(str, value))}}}"]

    def as_sql(self, compiler, connection):
        lhs, lhs_params = self.process_lhs(compiler, connection)
        rhs, rhs_params = self.process_rhs(compiler, connection)
        return f"{lhs} = ANY({rhs})", (*lhs_params, *rhs_params)
