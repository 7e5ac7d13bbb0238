"""New customers by month, kept by the database with every change of customers, whoever makes it."""

from django.db import migrations

# One statement, however many rows it changes, writes the net change of each key once. Whoever writes takes the first
# slot that nobody else writes to, until the end of the transaction: a new customer does not wait for an import, and two that
# change several months in different order cannot wait for each other. Only sums over the slots mean anything. A
# month is one of the tenant's time zone.
FUNCTION = """
CREATE FUNCTION customers_customer_month() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
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
            SELECT date_trunc('month', created_at AT TIME ZONE zone)::date AS month, owner_id, count(*) AS n
            FROM new_rows GROUP BY 1, 2) net;
    ELSIF TG_OP = 'DELETE' THEN
        SELECT jsonb_agg(net) INTO changes FROM (
            SELECT date_trunc('month', created_at AT TIME ZONE zone)::date AS month, owner_id, -count(*) AS n
            FROM old_rows GROUP BY 1, 2) net;
    ELSE
        SELECT jsonb_agg(net) INTO changes FROM (
            SELECT month, owner_id, sum(n) AS n FROM (
                SELECT date_trunc('month', created_at AT TIME ZONE zone)::date AS month, owner_id, 1 AS n FROM new_rows
                UNION ALL
                SELECT date_trunc('month', created_at AT TIME ZONE zone)::date, owner_id, -1 FROM old_rows
            ) both_sides GROUP BY 1, 2 HAVING sum(n) <> 0) net;
    END IF;
    IF changes IS NULL THEN
        RETURN NULL;
    END IF;
    WHILE NOT pg_try_advisory_xact_lock(hashtextextended(format('customer_month/%s/%s', tenant, own), 0)) LOOP
        own := own + 1;
        IF own = 16 THEN
            -- All are taken, so it waits for one of them.
            own := pg_backend_pid() % 16;
            PERFORM pg_advisory_xact_lock(hashtextextended(format('customer_month/%s/%s', tenant, own), 0));
            EXIT;
        END IF;
    END LOOP;
    INSERT INTO customers_customermonth AS m (tenant_id, month, owner_id, slot, customer_count)
    SELECT tenant, c.month, c.owner_id, own, c.n
    FROM jsonb_to_recordset(changes) AS c(month date, owner_id bigint, n bigint)
    ON CONFLICT (tenant_id, month, owner_id, slot)
    DO UPDATE SET customer_count = m.customer_count + excluded.customer_count;
    RETURN NULL;
END $$;
"""

TRIGGERS = """
CREATE TRIGGER months_insert AFTER INSERT ON customers_customer REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION customers_customer_month();
CREATE TRIGGER months_update AFTER UPDATE ON customers_customer REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION customers_customer_month();
CREATE TRIGGER months_delete AFTER DELETE ON customers_customer REFERENCING OLD TABLE AS old_rows
    FOR EACH STATEMENT EXECUTE FUNCTION customers_customer_month();
"""

REVERSE = """
DROP TRIGGER months_insert ON customers_customer;
DROP TRIGGER months_update ON customers_customer;
DROP TRIGGER months_delete ON customers_customer;
DROP FUNCTION customers_customer_month();
"""


class Migration(migrations.Migration):
    dependencies = [("customers", "0006_customer_month")]

    operations = [migrations.RunSQL(FUNCTION + TRIGGERS, REVERSE)]
