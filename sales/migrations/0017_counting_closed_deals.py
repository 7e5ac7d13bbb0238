"""Won and lost deals by month, kept by the database with every change of deals, whoever makes it."""

from django.db import migrations

# One statement, however many rows it changes, writes the net change of each key once. Whoever writes takes the first
# slot that nobody else writes to, until the end of the transaction: a move does not wait for an import, and two that
# change several months in different order cannot wait for each other. Only sums over the slots mean anything. A
# month is one of the tenant's time zone.
FUNCTION = """
CREATE FUNCTION sales_deal_month() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
    zone text;
    tenant bigint;
    own smallint := 0;
    changes jsonb;
BEGIN
    -- One statement changes rows of one tenant: row-level security lets it see no other.
    SELECT id, time_zone INTO tenant, zone FROM tenancy_tenant WHERE id = app_tenant();
    IF TG_OP = 'INSERT' THEN
        SELECT jsonb_agg(net) INTO changes FROM (
            SELECT date_trunc('month', closed_at AT TIME ZONE zone)::date AS month, status, owner_id, currency,
                   count(*) AS n, coalesce(sum(amount), 0) AS total
            FROM new_rows WHERE status IN ('won', 'lost') AND closed_at IS NOT NULL GROUP BY 1, 2, 3, 4) net;
    ELSIF TG_OP = 'DELETE' THEN
        SELECT jsonb_agg(net) INTO changes FROM (
            SELECT date_trunc('month', closed_at AT TIME ZONE zone)::date AS month, status, owner_id, currency,
                   -count(*) AS n, -coalesce(sum(amount), 0) AS total
            FROM old_rows WHERE status IN ('won', 'lost') AND closed_at IS NOT NULL GROUP BY 1, 2, 3, 4) net;
    ELSE
        SELECT jsonb_agg(net) INTO changes FROM (
            SELECT month, status, owner_id, currency, sum(n) AS n, sum(total) AS total FROM (
                SELECT date_trunc('month', closed_at AT TIME ZONE zone)::date AS month, status, owner_id, currency,
                       1 AS n, coalesce(amount, 0) AS total
                FROM new_rows WHERE status IN ('won', 'lost') AND closed_at IS NOT NULL
                UNION ALL
                SELECT date_trunc('month', closed_at AT TIME ZONE zone)::date, status, owner_id, currency, -1, -coalesce(amount, 0)
                FROM old_rows WHERE status IN ('won', 'lost') AND closed_at IS NOT NULL
            ) both_sides GROUP BY 1, 2, 3, 4 HAVING sum(n) <> 0 OR sum(total) <> 0) net;
    END IF;
    IF changes IS NULL THEN
        RETURN NULL;
    END IF;
    WHILE NOT pg_try_advisory_xact_lock(hashtextextended(format('deal_month/%s/%s', tenant, own), 0)) LOOP
        own := own + 1;
        IF own = 16 THEN
            -- All are taken, so it waits for one of them.
            own := pg_backend_pid() % 16;
            PERFORM pg_advisory_xact_lock(hashtextextended(format('deal_month/%s/%s', tenant, own), 0));
            EXIT;
        END IF;
    END LOOP;
    INSERT INTO sales_dealmonth AS m (tenant_id, month, status, owner_id, currency, slot, deal_count, amount)
    SELECT tenant, c.month, c.status, c.owner_id, c.currency, own, c.n, c.total
    FROM jsonb_to_recordset(changes) AS c(
        month date, status text, owner_id bigint, currency text, n bigint, total bigint)
    ON CONFLICT (tenant_id, month, status, owner_id, currency, slot)
    DO UPDATE SET deal_count = m.deal_count + excluded.deal_count, amount = m.amount + excluded.amount;
    RETURN NULL;
END $$;
"""

TRIGGERS = """
CREATE TRIGGER months_insert AFTER INSERT ON sales_deal REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION sales_deal_month();
CREATE TRIGGER months_update AFTER UPDATE ON sales_deal REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION sales_deal_month();
CREATE TRIGGER months_delete AFTER DELETE ON sales_deal REFERENCING OLD TABLE AS old_rows
    FOR EACH STATEMENT EXECUTE FUNCTION sales_deal_month();
"""

REVERSE = """
DROP TRIGGER months_insert ON sales_deal;
DROP TRIGGER months_update ON sales_deal;
DROP TRIGGER months_delete ON sales_deal;
DROP FUNCTION sales_deal_month();
"""


class Migration(migrations.Migration):
    dependencies = [("sales", "0016_deal_month")]

    operations = [migrations.RunSQL(FUNCTION + TRIGGERS, REVERSE)]
