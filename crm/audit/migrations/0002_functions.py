"""The functions that write the trail. docs/audit.md describes it, docs/decisions/audit-chain.md gives the reasons."""

from django.db import migrations

# What the application's role sets off runs as the owner of the tables (SECURITY DEFINER, fixed search_path, all names
# qualified), because that role may not write here. Row-level security still holds: the owner is subject to it (FORCE).
HELPERS = """
CREATE FUNCTION audit_short(value jsonb) RETURNS jsonb LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN length(value::text) <= 600 THEN value ELSE to_jsonb(left(value #>> '{}', 500) || '…') END
$$;

-- What makes up an entry. Written down as JSON text, whose form does not depend on any setting of the session.
CREATE FUNCTION audit_digest(e audit_auditentry) RETURNS bytea LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT sha256(convert_to(jsonb_build_array(
        e.tenant_id, e.id, extract(epoch FROM e.at), e.actor_id, e.action, e.kind, e.object_id, e.row_count,
        e.changes, e.detail, e.request_id, e.transaction)::text, 'UTF8'))
$$;

CREATE FUNCTION audit_link_hash(l audit_auditlink, content bytea) RETURNS bytea LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT sha256(l.previous_hash || content || convert_to(jsonb_build_array(
        l.tenant_id, l.position, extract(epoch FROM l.at), l.transaction, l.first_entry, l.last_entry, l.entry_count
        )::text, 'UTF8'))
$$;
"""

# One row of `changes` per changed row. An import says its number and gets one entry per statement, because it keeps
# its rows itself; more than 1,000 new rows of one statement get one too, because the rows are there to be read, and
# their first values stay readable as the "before" of later entries.
CHANGES = """
CREATE OR REPLACE FUNCTION audit_changes() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp SET timezone = 'UTC' SET enable_seqscan = off AS $$
DECLARE
    import_id text := nullif(current_setting('app.import_id', true), '');
    skip text[] := TG_ARGV[1:] || '{id,tenant_id,version,created_at,updated_at}';
    empty jsonb[] := ARRAY['null', '""', '[]', '{}'];
    batch record;
BEGIN
    IF TG_OP = 'UPDATE' AND import_id IS NULL THEN
        INSERT INTO public.audit_auditentry (tenant_id, action, kind, object_id, changes)
        SELECT n.tenant_id, 'update', TG_ARGV[0], n.id, diff.changes
        FROM new_rows n JOIN old_rows o USING (tenant_id, id), LATERAL (
            SELECT jsonb_object_agg(a.key, jsonb_build_array(
                public.audit_short(before -> a.key), public.audit_short(a.value))) AS changes
            FROM jsonb_each(to_jsonb(n) - skip) a, to_jsonb(o) before
            WHERE a.value <> before -> a.key) diff
        WHERE diff.changes IS NOT NULL ORDER BY n.id;
        RETURN NULL;
    ELSIF TG_OP = 'DELETE' AND import_id IS NULL THEN
        INSERT INTO public.audit_auditentry (tenant_id, action, kind, object_id, changes)
        SELECT o.tenant_id, 'delete', TG_ARGV[0], o.id, coalesce(diff.changes, '{}')
        FROM old_rows o, LATERAL (
            SELECT jsonb_object_agg(key, jsonb_build_array(public.audit_short(value), NULL)) AS changes
            FROM jsonb_each(to_jsonb(o) - skip) WHERE value <> ALL (empty)) diff
        ORDER BY o.id;
        RETURN NULL;
    END IF;
    IF TG_OP = 'INSERT' THEN
        SELECT min(tenant_id) AS tenant_id, count(*)::int AS n, min(id) AS a, max(id) AS z INTO batch FROM new_rows;
        IF batch.n <= 1000 AND import_id IS NULL THEN
            INSERT INTO public.audit_auditentry (tenant_id, action, kind, object_id, changes)
            SELECT n.tenant_id, 'insert', TG_ARGV[0], n.id, coalesce(diff.changes, '{}')
            FROM new_rows n, LATERAL (
                SELECT jsonb_object_agg(key, jsonb_build_array(NULL, public.audit_short(value))) AS changes
                FROM jsonb_each(to_jsonb(n) - skip) WHERE value <> ALL (empty)) diff
            ORDER BY n.id;
            RETURN NULL;
        END IF;
    ELSIF TG_OP = 'UPDATE' THEN
        SELECT min(tenant_id) AS tenant_id, count(*)::int AS n, min(id) AS a, max(id) AS z INTO batch FROM new_rows;
    ELSE
        SELECT min(tenant_id) AS tenant_id, count(*)::int AS n, min(id) AS a, max(id) AS z INTO batch FROM old_rows;
    END IF;
    IF batch.n > 0 THEN
        INSERT INTO public.audit_auditentry (tenant_id, action, kind, row_count, detail)
        VALUES (batch.tenant_id, CASE WHEN import_id IS NULL THEN 'bulk' ELSE 'import' END, TG_ARGV[0], batch.n,
            jsonb_strip_nulls(jsonb_build_object('operation', lower(TG_OP), 'first_id', batch.a, 'last_id', batch.z,
                'import_id', import_id::bigint)));
    END IF;
    RETURN NULL;
END $$;

-- Tables that are read before a tenant is known: members, teams, the tenant itself. The operator changes them from
-- outside any tenant, so the function enters the tenant of the row. Written row by row; they change rarely.
CREATE OR REPLACE FUNCTION audit_platform_changes() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp SET timezone = 'UTC' AS $$
DECLARE
    before jsonb := CASE WHEN TG_OP <> 'INSERT' THEN to_jsonb(OLD) END;
    after jsonb := CASE WHEN TG_OP <> 'DELETE' THEN to_jsonb(NEW) END;
    outer_tenant text := coalesce(current_setting('app.tenant_id', true), '');
    home bigint := coalesce(after, before) ->> CASE TG_TABLE_NAME WHEN 'tenancy_tenant' THEN 'id' ELSE 'tenant_id' END;
    changed jsonb;
BEGIN
    IF TG_OP = 'DELETE' AND TG_TABLE_NAME = 'tenancy_tenant' THEN
        RETURN NULL;  -- its trail was deleted before it
    END IF;
    SELECT jsonb_object_agg(key, jsonb_build_array(public.audit_short(before -> key), public.audit_short(after -> key)))
    INTO changed
    FROM jsonb_object_keys(coalesce(after, before) - '{id,tenant_id,created_at}'::text[]) key
    WHERE coalesce(before -> key, 'null') <> coalesce(after -> key, 'null');
    IF changed IS NULL THEN
        RETURN NULL;
    END IF;
    EXECUTE format('SET LOCAL app.tenant_id = %L', home);
    INSERT INTO public.audit_auditentry (tenant_id, action, kind, object_id, changes)
    VALUES (home, lower(TG_OP), TG_ARGV[0], (coalesce(after, before) ->> 'id')::bigint, changed);
    EXECUTE format('SET LOCAL app.tenant_id = %L', outer_tenant);
    RETURN NULL;
END $$;

-- What no row shows: a sign-in, an export. The code may say these; it may not claim that a row changed.
CREATE FUNCTION audit_event(action text, kind text, object_id bigint, row_count integer, detail jsonb)
    RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF action IN ('insert', 'update', 'delete', 'import', 'bulk') THEN
        RAISE EXCEPTION 'Only the database itself writes "%" to the audit trail.', action
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    INSERT INTO public.audit_auditentry (tenant_id, action, kind, object_id, row_count, detail)
    VALUES (public.app_tenant(), action, kind, object_id, row_count, detail);
END $$;
"""

# An entry is completed as it is written, and sealed when its transaction ends. Sealing comes last of all that happens
# at the end (the deferred update puts it behind every check that was queued meanwhile), because whoever seals holds
# the tenant's head until the commit: the wait is short, and nothing else is waited for while it is held.
CHAIN = """
CREATE FUNCTION audit_complete() RETURNS trigger LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    NEW.at := clock_timestamp();
    NEW.actor_id := public.app_user();
    NEW.request_id := coalesce(current_setting('app.request_id', true), '');
    NEW.transaction := pg_current_xact_id()::text::bigint;
    NEW.row_count := coalesce(NEW.row_count, 1);
    NEW.kind := coalesce(NEW.kind, '');
    NEW.changes := coalesce(NEW.changes, '{}');
    NEW.detail := coalesce(NEW.detail, '{}');
    NEW.digest := public.audit_digest(NEW);
    RETURN NEW;
END $$;

CREATE FUNCTION audit_await_end() RETURNS trigger LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp SET enable_seqscan = off AS $$
BEGIN
    INSERT INTO public.audit_auditpending (tenant_id, transaction, first_entry, is_last)
    SELECT tenant_id, transaction, min(id), false FROM new_entries GROUP BY tenant_id, transaction
    ON CONFLICT (tenant_id, transaction) DO NOTHING;
    RETURN NULL;
END $$;

CREATE FUNCTION audit_requeue() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp SET enable_seqscan = off AS $$
DECLARE
    outer_tenant text := coalesce(current_setting('app.tenant_id', true), '');
BEGIN
    EXECUTE format('SET LOCAL app.tenant_id = %L', NEW.tenant_id);
    UPDATE public.audit_auditpending SET is_last = true WHERE tenant_id = NEW.tenant_id AND id = NEW.id;
    EXECUTE format('SET LOCAL app.tenant_id = %L', outer_tenant);
    RETURN NULL;
END $$;

CREATE FUNCTION audit_seal() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp SET enable_seqscan = off AS $$
DECLARE
    outer_tenant text := coalesce(current_setting('app.tenant_id', true), '');
    link public.audit_auditlink;
    head public.audit_audithead;
    content bytea;
BEGIN
    -- The transaction may end outside the tenant it worked in.
    EXECUTE format('SET LOCAL app.tenant_id = %L', NEW.tenant_id);
    link.tenant_id := NEW.tenant_id;
    link.transaction := NEW.transaction;
    -- What this session numbered last is at or behind this transaction's last entry: a bound for the index.
    SELECT min(id), max(id), count(*), sha256(string_agg(digest, '' ORDER BY id))
    INTO link.first_entry, link.last_entry, link.entry_count, content
    FROM public.audit_auditentry
    WHERE tenant_id = NEW.tenant_id AND transaction = NEW.transaction
        AND id BETWEEN NEW.first_entry AND currval('public.audit_auditentry_id_seq');

    SELECT * INTO head FROM public.audit_audithead WHERE tenant_id = NEW.tenant_id FOR UPDATE;
    IF NOT FOUND THEN
        INSERT INTO public.audit_audithead (tenant_id, position, hash) VALUES (NEW.tenant_id, 0, '')
        ON CONFLICT (tenant_id) DO NOTHING;
        SELECT * INTO head FROM public.audit_audithead WHERE tenant_id = NEW.tenant_id FOR UPDATE;
    END IF;
    link.id := nextval('public.audit_auditlink_id_seq');
    link.at := clock_timestamp();
    link.position := head.position + 1;
    link.previous_hash := head.hash;
    link.hash := public.audit_link_hash(link, content);
    INSERT INTO public.audit_auditlink SELECT link.*;
    UPDATE public.audit_audithead SET position = link.position, hash = link.hash
    WHERE tenant_id = NEW.tenant_id AND id = head.id;
    DELETE FROM public.audit_auditpending WHERE tenant_id = NEW.tenant_id AND id = NEW.id;
    EXECUTE format('SET LOCAL app.tenant_id = %L', outer_tenant);
    RETURN NULL;
END $$;

CREATE FUNCTION audit_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'The audit trail is only ever added to.' USING ERRCODE = 'insufficient_privilege';
END $$;

CREATE TRIGGER audit_complete BEFORE INSERT ON audit_auditentry FOR EACH ROW EXECUTE FUNCTION audit_complete();
CREATE TRIGGER audit_await_end AFTER INSERT ON audit_auditentry REFERENCING NEW TABLE AS new_entries
    FOR EACH STATEMENT EXECUTE FUNCTION audit_await_end();
CREATE CONSTRAINT TRIGGER audit_requeue AFTER INSERT ON audit_auditpending DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION audit_requeue();
CREATE CONSTRAINT TRIGGER audit_seal AFTER UPDATE ON audit_auditpending DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION audit_seal();
CREATE TRIGGER audit_refuse BEFORE UPDATE OR DELETE ON audit_auditentry FOR EACH ROW EXECUTE FUNCTION audit_refuse();
CREATE TRIGGER audit_refuse BEFORE UPDATE OR DELETE ON audit_auditlink FOR EACH ROW EXECUTE FUNCTION audit_refuse();
"""

# Whoever was granted rights on new tables by default (the application's role) keeps SELECT only. Nobody but the owner
# may make triggers of these functions: on a temporary table of one's own they would write whatever one likes.
RIGHTS = """
DO $$
DECLARE
    held record;
BEGIN
    FOR held IN
        SELECT DISTINCT c.oid::regclass AS name, a.grantee::regrole AS role
        FROM pg_class c, aclexplode(c.relacl) a
        WHERE c.relname IN ('audit_auditentry', 'audit_auditlink', 'audit_audithead', 'audit_auditpending')
            AND a.grantee NOT IN (0, c.relowner)
    LOOP
        EXECUTE format('REVOKE INSERT, UPDATE, DELETE, TRUNCATE, REFERENCES, TRIGGER ON %s FROM %s',
            held.name, held.role);
    END LOOP;
END $$;
REVOKE EXECUTE ON FUNCTION audit_changes(), audit_platform_changes(), audit_complete(), audit_await_end(),
    audit_requeue(), audit_seal() FROM PUBLIC;
"""

BACK = """
DROP TRIGGER audit_refuse ON audit_auditlink; DROP TRIGGER audit_refuse ON audit_auditentry;
DROP TRIGGER audit_seal ON audit_auditpending; DROP TRIGGER audit_requeue ON audit_auditpending;
DROP TRIGGER audit_await_end ON audit_auditentry; DROP TRIGGER audit_complete ON audit_auditentry;
DROP FUNCTION audit_refuse(); DROP FUNCTION audit_seal(); DROP FUNCTION audit_requeue();
DROP FUNCTION audit_await_end(); DROP FUNCTION audit_complete();
DROP FUNCTION audit_event(text, text, bigint, integer, jsonb);
CREATE OR REPLACE FUNCTION audit_changes() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$;
CREATE OR REPLACE FUNCTION audit_platform_changes() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$;
DROP FUNCTION audit_link_hash(audit_auditlink, bytea); DROP FUNCTION audit_digest(audit_auditentry);
DROP FUNCTION audit_short(jsonb);
"""


class Migration(migrations.Migration):
    dependencies = [("audit", "0001_initial")]

    operations = [migrations.RunSQL([HELPERS, CHANGES, CHAIN, RIGHTS], BACK)]
