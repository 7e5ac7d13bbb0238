"""The trigger that keeps a roll-up with every change of the rows it counts, as an operation of migrations.

KeepRollUp(
    "ResultMonth",
    of="CampaignResult",
    counted=[Counted(key={"month": "date_trunc('month', at AT TIME ZONE zone)::date"}, sums={"result_count": "1"})],
)

One statement, however many rows it changes, writes the net change of each key once. Whoever writes takes the first slot
that nobody else writes to, until the end of the transaction: somebody's save does not wait for an import, and two that
change several keys in different order cannot wait for each other. Only sums over the slots mean anything.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from django.db import connection
from django.db.migrations import RunSQL
from django.db.models import Model

SLOTS = 16


@dataclass(frozen=True)
class Counted:
    """What a row adds to which key: {column of the roll-up: SQL over the row's columns and `zone`}.

    `zone` is the tenant's time zone. A sum that is not named gets nothing; rows that `where` does not hold for neither.
    """

    key: Mapping[str, str]
    sums: Mapping[str, str]
    where: str = "true"

    def sides(self, sums: Sequence[str], rows: str, sign: str) -> str:
        key = ", ".join(f"{value} AS {name}" for name, value in self.key.items())
        added = ", ".join(f"{sign}({self.sums.get(name, '0')}) AS {name}" for name in sums)
        return f"SELECT {key}, {added} FROM {rows} WHERE {self.where}"  # noqa: S608  # a migration's own words


class KeepRollUp(RunSQL):
    """Create the trigger on the table `of`, another model of the app; `counted` names the same key in each part."""

    def __init__(self, name: str, *, of: str, counted: Sequence[Counted]):
        self.name, self.of, self.counted = name, of, counted
        # Written when it runs: tables and types are those of the models as they are then.
        super().__init__(sql=RunSQL.noop, reverse_sql=RunSQL.noop)

    def database_forwards(self, app_label, schema_editor, from_state, to_state):
        rollup, rows = self._models(app_label, to_state)
        self.sql = [*self._statements(rollup, rows._meta.db_table)]
        super().database_forwards(app_label, schema_editor, from_state, to_state)

    def database_backwards(self, app_label, schema_editor, from_state, to_state):
        rollup, rows = (model._meta.db_table for model in self._models(app_label, from_state))
        drops = [f"DROP TRIGGER {rollup}_{event} ON {rows}" for event in _EVENTS]
        self.reverse_sql = [*drops, f"DROP FUNCTION {rollup}_keep()"]
        super().database_backwards(app_label, schema_editor, from_state, to_state)

    def describe(self) -> str:
        return f"Keep the roll-up {self.name} with every change of {self.of}"

    def _models(self, app_label, state) -> tuple[type[Model], type[Model]]:
        return state.apps.get_model(app_label, self.name), state.apps.get_model(app_label, self.of)

    def _statements(self, rollup: type[Model], rows: str) -> Iterator[str]:
        table, types = rollup._meta.db_table, _types(rollup)
        key = list(self.counted[0].key)
        sums = list(dict.fromkeys(name for one in self.counted for name in one.sums))
        yield _FUNCTION % {
            "table": table,
            "came": self._net(key, sums, {"new_rows": "+"}),
            "went": self._net(key, sums, {"old_rows": "-"}),
            "changed": self._net(key, sums, {"new_rows": "+", "old_rows": "-"}),
            "slots": SLOTS,
            "key": ", ".join(key),
            "sums": ", ".join(sums),
            "types": ", ".join(f"{name} {types[name]}" for name in (*key, *sums)),
            "added": ", ".join(f"{name} = kept.{name} + excluded.{name}" for name in sums),
        }
        for event, tables in _EVENTS.items():
            yield (
                f"CREATE TRIGGER {table}_{event} AFTER {event.upper()} ON {rows} REFERENCING {tables} "
                f"FOR EACH STATEMENT EXECUTE FUNCTION {table}_keep()"
            )

    def _net(self, key: Sequence[str], sums: Sequence[str], signs: Mapping[str, str]) -> str:
        """What a statement changes: a query of keys and sums, without those that add up to nothing."""
        sides = " UNION ALL ".join(one.sides(sums, rows, sign) for one in self.counted for rows, sign in signs.items())
        added = ", ".join(f"sum({name}) AS {name}" for name in sums)
        places = ", ".join(str(place) for place in range(1, len(key) + 1))
        some = " OR ".join(f"sum({name}) <> 0" for name in sums)
        return f"SELECT {', '.join(key)}, {added} FROM ({sides}) sides GROUP BY {places} HAVING {some}"  # noqa: S608  # a migration's own words


_EVENTS = {
    "insert": "NEW TABLE AS new_rows",
    "update": "OLD TABLE AS old_rows NEW TABLE AS new_rows",
    "delete": "OLD TABLE AS old_rows",
}

_FUNCTION = """
CREATE FUNCTION %(table)s_keep() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
    zone text;
    tenant bigint;
    own smallint := 0;
    changes jsonb;
BEGIN
    -- One statement changes rows of one tenant: row-level security lets it see no other.
    SELECT id, time_zone INTO tenant, zone FROM tenancy_tenant WHERE id = app_tenant();
    IF TG_OP = 'INSERT' THEN
        SELECT jsonb_agg(net) INTO changes FROM (%(came)s) net;
    ELSIF TG_OP = 'DELETE' THEN
        SELECT jsonb_agg(net) INTO changes FROM (%(went)s) net;
    ELSE
        SELECT jsonb_agg(net) INTO changes FROM (%(changed)s) net;
    END IF;
    IF changes IS NULL THEN
        RETURN NULL;
    END IF;
    WHILE NOT pg_try_advisory_xact_lock(hashtextextended(format('%(table)s/%%s/%%s', tenant, own), 0)) LOOP
        own := own + 1;
        IF own = %(slots)s THEN
            -- All are taken, so it waits for one of them.
            own := pg_backend_pid() %% %(slots)s;
            PERFORM pg_advisory_xact_lock(hashtextextended(format('%(table)s/%%s/%%s', tenant, own), 0));
            EXIT;
        END IF;
    END LOOP;
    INSERT INTO %(table)s AS kept (tenant_id, slot, %(key)s, %(sums)s)
    SELECT tenant, own, %(key)s, %(sums)s FROM jsonb_to_recordset(changes) AS c(%(types)s)
    ON CONFLICT (tenant_id, %(key)s, slot) DO UPDATE SET %(added)s;
    RETURN NULL;
END $$
"""


def _types(model: type[Model]) -> dict[str, str]:
    """{column: its type}; what refers to a record holds its number."""
    return {
        str(one.column): "bigint" if one.is_relation else str(one.db_type(connection))
        for one in model._meta.concrete_fields
    }
