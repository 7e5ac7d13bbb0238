"""Tickets by day and by status, kept by the database with every change of tickets, whoever makes it."""

from django.db import migrations

# One statement, however many tickets it changes, writes the net change of each key once. Whoever writes takes the first
# slot that nobody else writes to, until the end of the transaction: a reply does not wait for an import, and two that
# change several queues in different order cannot wait for each other. Only sums over the slots mean anything. A day is
# one of the tenant's time zone.
CAME = """
            SELECT 1 AS sign, queue_id, status, created_at, solved_at,
                   (first_reply_missed OR resolve_missed)::int AS missed
            FROM new_rows"""
WENT = """
            SELECT -1 AS sign, queue_id, status, created_at, solved_at,
                   (first_reply_missed OR resolve_missed)::int AS missed
            FROM old_rows"""

NET = """
        WITH sides AS (SIDES)
        SELECT (SELECT jsonb_agg(net) FROM (
                    SELECT day, queue_id, sum(opened) AS opened, sum(missed) AS missed, sum(solved) AS solved FROM (
                        SELECT (created_at AT TIME ZONE zone)::date AS day, queue_id, sign AS opened,
                               sign * missed AS missed, 0 AS solved
                        FROM sides
                        UNION ALL
                        SELECT (solved_at AT TIME ZONE zone)::date, queue_id, 0, 0, sign FROM sides
                        WHERE solved_at IS NOT NULL
                    ) events GROUP BY 1, 2 HAVING sum(opened) <> 0 OR sum(missed) <> 0 OR sum(solved) <> 0) net),
               (SELECT jsonb_agg(net) FROM (
                    SELECT queue_id, status, sum(sign) AS n FROM sides GROUP BY 1, 2 HAVING sum(sign) <> 0) net)
        INTO days, states;
"""

FUNCTION = """
CREATE FUNCTION service_ticket_rollups() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
    zone text;
    tenant bigint;
    own smallint := 0;
    days jsonb;
    states jsonb;
BEGIN
    -- One statement changes rows of one tenant: row-level security lets it see no other.
    SELECT id, time_zone INTO tenant, zone FROM tenancy_tenant WHERE id = app_tenant();
    IF TG_OP = 'INSERT' THEN
        ON_INSERT
    ELSIF TG_OP = 'DELETE' THEN
        ON_DELETE
    ELSE
        ON_UPDATE
    END IF;
    IF days IS NULL AND states IS NULL THEN
        RETURN NULL;
    END IF;
    WHILE NOT pg_try_advisory_xact_lock(hashtextextended(format('ticket_rollups/%s/%s', tenant, own), 0)) LOOP
        own := own + 1;
        IF own = 16 THEN
            -- All are taken, so it waits for one of them.
            own := pg_backend_pid() % 16;
            PERFORM pg_advisory_xact_lock(hashtextextended(format('ticket_rollups/%s/%s', tenant, own), 0));
            EXIT;
        END IF;
    END LOOP;
    INSERT INTO service_ticketday AS d (tenant_id, day, queue_id, slot, opened_count, missed_count, solved_count)
    SELECT tenant, c.day, c.queue_id, own, c.opened, c.missed, c.solved
    FROM jsonb_to_recordset(days) AS c(day date, queue_id bigint, opened bigint, missed bigint, solved bigint)
    ON CONFLICT (tenant_id, day, queue_id, slot) DO UPDATE SET
        opened_count = d.opened_count + excluded.opened_count,
        missed_count = d.missed_count + excluded.missed_count,
        solved_count = d.solved_count + excluded.solved_count;
    INSERT INTO service_ticketstate AS s (tenant_id, queue_id, status, slot, ticket_count)
    SELECT tenant, c.queue_id, c.status, own, c.n
    FROM jsonb_to_recordset(states) AS c(queue_id bigint, status smallint, n bigint)
    ON CONFLICT (tenant_id, queue_id, status, slot) DO UPDATE SET ticket_count = s.ticket_count + excluded.ticket_count;
    RETURN NULL;
END $$;
"""
for branch, sides in {"ON_INSERT": CAME, "ON_DELETE": WENT, "ON_UPDATE": CAME + " UNION ALL" + WENT}.items():
    FUNCTION = FUNCTION.replace(branch, NET.replace("SIDES", sides).strip())

TRIGGERS = """
CREATE TRIGGER rollups_insert AFTER INSERT ON service_ticket REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION service_ticket_rollups();
CREATE TRIGGER rollups_update AFTER UPDATE ON service_ticket REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION service_ticket_rollups();
CREATE TRIGGER rollups_delete AFTER DELETE ON service_ticket REFERENCING OLD TABLE AS old_rows
    FOR EACH STATEMENT EXECUTE FUNCTION service_ticket_rollups();
"""

REVERSE = """
DROP TRIGGER rollups_insert ON service_ticket;
DROP TRIGGER rollups_update ON service_ticket;
DROP TRIGGER rollups_delete ON service_ticket;
DROP FUNCTION service_ticket_rollups();
"""


class Migration(migrations.Migration):
    dependencies = [("service", "0002_ticket_rollups")]

    operations = [migrations.RunSQL(FUNCTION + TRIGGERS, REVERSE)]
