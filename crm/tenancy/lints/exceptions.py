"""Every place that may differ from a rule, and why. An entry that excuses nothing any more is itself a violation.

Keys are (rule, where) as the lints print them.
"""

CATALOGUE: dict[tuple[str, str], str] = {
    ("tenant-id-outside", "tenancy_team"): "read before a tenant is known, to find what a member may see",
    ("tenant-id-outside", "tenancy_membership"): "read before a tenant is known, to find whether a person may enter",
    ("tenant-id-outside", "jobs_jobwakeup"): "the sweeper's list of ids for all tenants; says nothing of a tenant",
    ("tenant-id-outside", "jobs_jobturn"): "whose turn it is in the queue of all tenants; says nothing of a tenant",
    ("tenant-id-outside", "accounts_invitation"): "opened by a link, before the invited person has a tenant",
    ("definer-function", "audit_changes"): "writes the trail of the rows just changed, which no role may write itself",
    ("definer-function", "audit_platform_changes"): "the same for members, teams and the tenant itself",
    ("definer-function", "audit_event"): "adds what no row shows, for the tenant of the transaction; no row changes",
    ("definer-function", "audit_requeue"): "seals the trail of the transaction's own tenant at its end",
    ("definer-function", "audit_seal"): "seals the trail of the transaction's own tenant at its end",
}

MODELS: dict[tuple[str, str], str] = {
    ("stock-key", "audit.AuditEntry.actor"): "an operator, who is no member, is recorded too; without a constraint",
}

MIGRATIONS: dict[tuple[str, str], str] = {}

SOURCE: dict[tuple[str, str], str] = {
    ("copy", "crm/imports/batch.py"): "the one batch writer: copies into a temporary table of the transaction",
    ("raw-sql", "crm/imports/batch.py"): "updates many rows from its temporary table, the tenant's number a constant",
    ("raw-sql", "crm/audit/verify.py"): "judges links and hashes set-based, with the tenant's number in every part",
    ("copy", "crm/demo/bulk.py"): "invents rows by the million, through a temporary table of the transaction",
    ("raw-sql", "crm/demo/bulk.py"): "INSERT … SELECT from its temporary table, with the tenant's number as a constant",
    ("raw-sql", "crm/tenancy/inserts.py"): "INSERT … SELECT of a query that the ORM has written, its tenant a constant",
    ("raw-sql", "crm/imports/judging.py"): "set-based, joins the chunk's temporary table to rows of one tenant",
    ("raw-sql", "crm/imports/stage.py"): "set-based, takes numbers for a chunk's new rows from the table's identity",
    ("raw-sql", "crm/imports/tagging.py"): "set-based, tags the rows of a chunk, of one tenant",
    ("raw-sql", "crm/imports/undo.py"): "set-based, takes back a chunk of one import, of one tenant",
    ("raw-sql", "crm/search/index.py"): "an upsert of words that is skipped where nothing changed; the ORM has none",
    ("raw-sql", "crm/search/ways.py"): "reads words through their tenant view, by the one way that is quick",
}

# Patterns of whole statements, as the query lint spells them: a list of parameters is ('?').
QUERIES: dict[str, str] = {
    r'DELETE FROM "\w+" WHERE "\w+"\."id" IN \(\'\?\'\)': "Django's collector deletes by the keys it has read",
    r'UPDATE "\w+" SET "\w+_id" = NULL WHERE "\w+"\."id" IN \(\'\?\'\)': "Django's collector lets go of the deleted",
}
