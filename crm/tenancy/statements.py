"""SQL written by hand, where the ORM has no words for it (LATERAL, windows over groups of groups).

Written as a `TenantStatement` it needs no excuse: the source lint reads its text and proves that every tenant table in
it is bound to the tenant, before it ever runs. SQL that is put together from parts cannot be read so, and needs a
reason in lints/exceptions.py.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db import connection

from .context import current_tenant_id


@dataclass(frozen=True, slots=True)
class TenantStatement:
    """`text` is a literal. It binds each tenant table to %(tenant)s, which is always the tenant entered; its other
    parameters have names too.
    """

    text: str

    def bound(self, **values: Any) -> tuple[str, dict[str, Any]]:
        """The text and its values, for whoever runs it as a part of something."""
        return self.text, {**values, "tenant": current_tenant_id()}

    def fetch(self, **values: Any) -> list[tuple[Any, ...]]:
        with connection.cursor() as cursor:
            cursor.execute(*self.bound(**values))
            return cursor.fetchall()

    def execute(self, **values: Any) -> int:
        """Run it; returns how many rows it wrote."""
        with connection.cursor() as cursor:
            cursor.execute(*self.bound(**values))
            return max(cursor.rowcount, 0)
