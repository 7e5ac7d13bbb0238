"""Campaign results by month, kept by the database with every change of results, whoever makes it."""

from django.db import migrations

# One statement, however many rows it changes, writes the net change of each key once. Whoever writes takes the first
# slot that nobody else writes to, until the end of the transaction: a new result does not wait for an import, and two that
# change several months in different order cannot wait for each other. Only sums over the slots mean anything.
FUNCTION = """
CREATE FUNCTION marketing_result_month() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
    tenant bigint;
    own smallint := 0;
    changes jsonb;
BEGIN
    -- One statement changes rows of one tenant: row-level security lets it see no other.
    tenant := app_tenant();
    IF TG_OP = 'INSERT' THEN
        SELECT jsonb_agg(net) INTO changes FROM (
            SELECT date_trunc('month', result_on::timestamp)::date AS month, result, count(*) AS n FROM new_rows GROUP BY 1, 2) net;
    ELSIF TG_OP = 'DELETE' THEN
        SELECT jsonb_agg(net) INTO changes FROM (
            SELECT date_trunc('month', result_on::timestamp)::date AS month, result, -count(*) AS n FROM old_rows GROUP BY 1, 2) net;
    ELSE
        SELECT jsonb_agg(net) INTO changes FROM (
            SELECT month, result, sum(n) AS n FROM (
                SELECT date_trunc('month', result_on::timestamp)::date AS month, result, 1 AS n FROM new_rows
                UNION ALL
                SELECT date_trunc('month', result_on::timestamp)::date, result, -1 FROM old_rows
            ) both_sides GROUP BY 1, 2 HAVING sum(n) <> 0) net;
    END IF;
    IF changes IS NULL THEN
        RETURN NULL;
    END IF;
    WHILE NOT pg_try_advisory_xact_lock(hashtextextended(format('result_month/%s/%s', tenant, own), 0)) LOOP
        own := own + 1;
        IF own = 16 THEN
            -- All are taken, so it waits for one of them.
            own := pg_backend_pid() % 16;
            PERFORM pg_advisory_xact_lock(hashtextextended(format('result_month/%s/%s', tenant, own), 0));
            EXIT;
        END IF;
    END LOOP;
    INSERT INTO marketing_resultmonth AS m (tenant_id, month, result, slot, result_count)
    SELECT tenant, c.month, c.result, own, c.n
    FROM jsonb_to_recordset(changes) AS c(month date, result text, n bigint)
    ON CONFLICT (tenant_id, month, result, slot) DO UPDATE SET result_count = m.result_count + excluded.result_count;
    RETURN NULL;
END $$;
"""

TRIGGERS = """
CREATE TRIGGER months_insert AFTER INSERT ON marketing_campaignresult REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION marketing_result_month();
CREATE TRIGGER months_update AFTER UPDATE ON marketing_campaignresult REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION marketing_result_month();
CREATE TRIGGER months_delete AFTER DELETE ON marketing_campaignresult REFERENCING OLD TABLE AS old_rows
    FOR EACH STATEMENT EXECUTE FUNCTION marketing_result_month();
"""

REVERSE = """
DROP TRIGGER months_insert ON marketing_campaignresult;
DROP TRIGGER months_update ON marketing_campaignresult;
DROP TRIGGER months_delete ON marketing_campaignresult;
DROP FUNCTION marketing_result_month();
"""


class Migration(migrations.Migration):
    dependencies = [("marketing", "0002_result_month")]

    operations = [migrations.RunSQL(FUNCTION + TRIGGERS, REVERSE)]
