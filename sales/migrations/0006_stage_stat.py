"""What lies in each stage, kept by the database with every change of deals, whoever makes it."""

from django.db import migrations

# One statement, however many deals it changes, writes the net change of each key once. Whoever writes takes the first
# slot that nobody else writes to, until the end of the transaction: a move does not wait for an import, and two that
# change several stages in different order cannot wait for each other. Only sums over the slots mean anything.
FUNCTION = """
CREATE FUNCTION sales_deal_stage_stat() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
    tenant bigint;
    own smallint := 0;
    changes jsonb;
BEGIN
    IF TG_OP = 'INSERT' THEN
        SELECT min(net.tenant_id), jsonb_agg(net) INTO tenant, changes FROM (
            SELECT tenant_id, pipeline_id, stage_id, owner_id, currency, count(*) AS n, coalesce(sum(amount), 0) AS total
            FROM new_rows GROUP BY 1, 2, 3, 4, 5) net;
    ELSIF TG_OP = 'DELETE' THEN
        SELECT min(net.tenant_id), jsonb_agg(net) INTO tenant, changes FROM (
            SELECT tenant_id, pipeline_id, stage_id, owner_id, currency, -count(*) AS n, -coalesce(sum(amount), 0) AS total
            FROM old_rows GROUP BY 1, 2, 3, 4, 5) net;
    ELSE
        SELECT min(net.tenant_id), jsonb_agg(net) INTO tenant, changes FROM (
            SELECT tenant_id, pipeline_id, stage_id, owner_id, currency, sum(n) AS n, sum(total) AS total FROM (
                SELECT tenant_id, pipeline_id, stage_id, owner_id, currency, 1 AS n, coalesce(amount, 0) AS total
                FROM new_rows
                UNION ALL
                SELECT tenant_id, pipeline_id, stage_id, owner_id, currency, -1, -coalesce(amount, 0) FROM old_rows
            ) both_sides GROUP BY 1, 2, 3, 4, 5 HAVING sum(n) <> 0 OR sum(total) <> 0) net;
    END IF;
    IF changes IS NULL THEN
        RETURN NULL;
    END IF;
    WHILE NOT pg_try_advisory_xact_lock(hashtextextended(format('deal_stage_stat/%s/%s', tenant, own), 0)) LOOP
        own := own + 1;
        IF own = 16 THEN
            -- All are taken, so it waits for one of them.
            own := pg_backend_pid() % 16;
            PERFORM pg_advisory_xact_lock(hashtextextended(format('deal_stage_stat/%s/%s', tenant, own), 0));
            EXIT;
        END IF;
    END LOOP;
    INSERT INTO sales_dealstagestat AS s (tenant_id, pipeline_id, stage_id, owner_id, currency, slot, deal_count, amount)
    SELECT c.tenant_id, c.pipeline_id, c.stage_id, c.owner_id, c.currency, own, c.n, c.total
    FROM jsonb_to_recordset(changes) AS c(
        tenant_id bigint, pipeline_id bigint, stage_id bigint, owner_id bigint, currency text, n bigint, total bigint)
    ON CONFLICT (tenant_id, pipeline_id, stage_id, owner_id, currency, slot)
    DO UPDATE SET deal_count = s.deal_count + excluded.deal_count, amount = s.amount + excluded.amount;
    RETURN NULL;
END $$;
"""

TRIGGERS = """
CREATE TRIGGER stage_stat_insert AFTER INSERT ON sales_deal REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION sales_deal_stage_stat();
CREATE TRIGGER stage_stat_update AFTER UPDATE ON sales_deal REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION sales_deal_stage_stat();
CREATE TRIGGER stage_stat_delete AFTER DELETE ON sales_deal REFERENCING OLD TABLE AS old_rows
    FOR EACH STATEMENT EXECUTE FUNCTION sales_deal_stage_stat();
"""

REVERSE = """
DROP TRIGGER stage_stat_insert ON sales_deal;
DROP TRIGGER stage_stat_update ON sales_deal;
DROP TRIGGER stage_stat_delete ON sales_deal;
DROP FUNCTION sales_deal_stage_stat();
"""


class Migration(migrations.Migration):
    dependencies = [("sales", "0005_search")]

    operations = [migrations.RunSQL(FUNCTION + TRIGGERS, REVERSE)]
