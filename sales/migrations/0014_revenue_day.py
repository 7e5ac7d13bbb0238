"""The revenue of each day, kept by the database with every change of purchases, whoever makes it."""

from django.db import migrations

# One statement, however many purchases it changes, writes the net change of each day once. Whoever writes takes the
# first slot that nobody else writes to, until the end of the transaction: a sale at the till does not wait for an
# import, and two that change several days in different order cannot wait for each other. Only sums over the slots mean
# anything. A day is one of the tenant's time zone.
FUNCTION = """
CREATE FUNCTION sales_revenue_day() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
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
            SELECT (at AT TIME ZONE zone)::date AS day, currency, count(*) AS n, sum(amount) AS total,
                   coalesce(sum(amount) FILTER (WHERE amount < 0), 0) AS returned
            FROM new_rows GROUP BY 1, 2) net;
    ELSIF TG_OP = 'DELETE' THEN
        SELECT jsonb_agg(net) INTO changes FROM (
            SELECT (at AT TIME ZONE zone)::date AS day, currency, -count(*) AS n, -sum(amount) AS total,
                   -coalesce(sum(amount) FILTER (WHERE amount < 0), 0) AS returned
            FROM old_rows GROUP BY 1, 2) net;
    ELSE
        SELECT jsonb_agg(net) INTO changes FROM (
            SELECT day, currency, sum(n) AS n, sum(total) AS total, sum(returned) AS returned FROM (
                SELECT (at AT TIME ZONE zone)::date AS day, currency, 1 AS n, amount AS total, least(amount, 0) AS returned
                FROM new_rows
                UNION ALL
                SELECT (at AT TIME ZONE zone)::date, currency, -1, -amount, -least(amount, 0) FROM old_rows
            ) both_sides GROUP BY 1, 2 HAVING sum(n) <> 0 OR sum(total) <> 0 OR sum(returned) <> 0) net;
    END IF;
    IF changes IS NULL THEN
        RETURN NULL;
    END IF;
    WHILE NOT pg_try_advisory_xact_lock(hashtextextended(format('revenue_day/%s/%s', tenant, own), 0)) LOOP
        own := own + 1;
        IF own = 16 THEN
            -- All are taken, so it waits for one of them.
            own := pg_backend_pid() % 16;
            PERFORM pg_advisory_xact_lock(hashtextextended(format('revenue_day/%s/%s', tenant, own), 0));
            EXIT;
        END IF;
    END LOOP;
    INSERT INTO sales_revenueday AS r (tenant_id, day, currency, slot, transaction_count, amount, returned_amount)
    SELECT tenant, c.day, c.currency, own, c.n, c.total, c.returned
    FROM jsonb_to_recordset(changes) AS c(day date, currency text, n bigint, total bigint, returned bigint)
    ON CONFLICT (tenant_id, day, currency, slot) DO UPDATE SET
        transaction_count = r.transaction_count + excluded.transaction_count,
        amount = r.amount + excluded.amount,
        returned_amount = r.returned_amount + excluded.returned_amount;
    RETURN NULL;
END $$;
"""

TRIGGERS = """
CREATE TRIGGER revenue_day_insert AFTER INSERT ON sales_transaction REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION sales_revenue_day();
CREATE TRIGGER revenue_day_update AFTER UPDATE ON sales_transaction REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION sales_revenue_day();
CREATE TRIGGER revenue_day_delete AFTER DELETE ON sales_transaction REFERENCING OLD TABLE AS old_rows
    FOR EACH STATEMENT EXECUTE FUNCTION sales_revenue_day();
"""

REVERSE = """
DROP TRIGGER revenue_day_insert ON sales_transaction;
DROP TRIGGER revenue_day_update ON sales_transaction;
DROP TRIGGER revenue_day_delete ON sales_transaction;
DROP FUNCTION sales_revenue_day();
"""


class Migration(migrations.Migration):
    dependencies = [("sales", "0013_search_of_documents")]

    operations = [migrations.RunSQL(FUNCTION + TRIGGERS, REVERSE)]
