"""What must be unique in a kind, read from its model's constraints, as parts of set-based statements."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import models

from crm.tenancy.fields import column_of


@dataclass(frozen=True)
class Unique:
    """Columns beside the tenant. `among` holds where only some records count, told by other fields than these."""

    model: type[models.Model]
    fields: tuple[str, ...]
    among: models.Q | None

    @property
    def columns(self) -> list[str]:
        return [column_of(self.model, name) for name in self.fields]

    def counts(self, expression: str) -> tuple[str, Sequence[Any]]:
        """Condition that the record with this id is one of those that count."""
        if self.among is None:
            return "true", ()
        query, params = self.model._default_manager.filter(self.among).order_by().values("pk").query.sql_with_params()
        return f"{expression} IN ({query})", params


def unique_rules(model: type[models.Model]) -> list[Unique]:
    rules = []
    for constraint in model._meta.constraints:
        if isinstance(constraint, models.UniqueConstraint) and constraint.fields:
            fields = tuple(name for name in constraint.fields if name != "tenant")
            condition = constraint.condition
            # "Unless it is blank" speaks of the field itself: blank cells are no values here anyway.
            itself = condition is None or condition.referenced_base_fields <= {*fields}
            rules.append(Unique(model, fields, None if itself else condition))
    return rules
