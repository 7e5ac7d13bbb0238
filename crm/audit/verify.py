"""Check a tenant's audit chain: set-based, some thousand links at a time, in one snapshot and constant memory."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any

from django.db import connection, transaction

from crm.tenancy.context import use_tenant
from crm.tenancy.models import Tenant

LINKS_AT_A_TIME = 5_000

# For each link, in the order of the chain: is it the one after the last, does it follow from it, are its entries all
# there and as they were. Returns the first link that fails (or nothing), and where to go on.
_CHUNK = """
WITH links AS (
    SELECT * FROM audit_auditlink l WHERE l.tenant_id = %(tenant)s AND l.position > %(position)s
    ORDER BY l.position LIMIT %(limit)s
), judged AS (
    SELECT l.position, l.hash, l.entry_count,
        lag(l.position, 1, %(position)s) OVER chain AS position_before,
        lag(l.hash, 1, %(hash)s) OVER chain AS hash_before,
        l.previous_hash, found.n, found.altered, audit_link_hash(l, found.content) AS expected
    FROM links l, LATERAL (
        SELECT count(*) AS n, sha256(string_agg(e.digest, '' ORDER BY e.id)) AS content,
            min(e.id) FILTER (WHERE e.digest <> audit_digest(e)) AS altered
        FROM audit_auditentry e
        WHERE e.tenant_id = %(tenant)s AND e.id BETWEEN l.first_entry AND l.last_entry
            AND e.transaction = l.transaction
    ) found
    WINDOW chain AS (ORDER BY l.position)
), faults AS (
    SELECT position, altered, CASE
        WHEN position <> position_before + 1 THEN 'gap'
        WHEN n <> entry_count THEN 'entries'
        WHEN altered IS NOT NULL THEN 'entry'
        WHEN previous_hash <> hash_before THEN 'order'
        WHEN hash IS DISTINCT FROM expected THEN 'link' END AS fault,
        position_before
    FROM judged
), broken AS (
    SELECT * FROM faults WHERE fault IS NOT NULL ORDER BY position LIMIT 1
)
SELECT
    (SELECT count(*) FROM judged), (SELECT coalesce(sum(n), 0)::bigint FROM judged),
    (SELECT max(position) FROM judged), (SELECT hash FROM judged ORDER BY position DESC LIMIT 1),
    (SELECT fault FROM broken), (SELECT CASE fault WHEN 'gap' THEN position_before + 1 ELSE position END FROM broken),
    (SELECT altered FROM broken)
"""

# Entries that no link seals: added behind the functions' back.
_UNSEALED = """
SELECT e.id FROM audit_auditentry e WHERE e.tenant_id = %(tenant)s AND NOT EXISTS (
    SELECT FROM audit_auditlink l WHERE l.tenant_id = %(tenant)s AND l.transaction = e.transaction
        AND e.id BETWEEN l.first_entry AND l.last_entry)
ORDER BY e.id LIMIT 1
"""

_REASONS = {
    "gap": "the link is missing",
    "entries": "entries were removed or added",
    "entry": "an entry was altered",
    "order": "the link does not follow from the one before",
    "link": "the link was altered",
    "tail": "the end was cut off",
    "head": "the end of the chain was altered",
    "unsealed": "an entry is not part of the chain",
}


@dataclass(frozen=True)
class Verdict:
    """`position` is the first broken one; None with a fault: an entry that belongs to no position."""

    links: int
    entries: int
    head_position: int
    head_hash: str
    fault: str = ""
    position: int | None = None
    entry_id: int | None = None

    @property
    def is_intact(self) -> bool:
        return not self.fault

    @property
    def reason(self) -> str:
        return _REASONS.get(self.fault, "")


def verify(tenant: Tenant) -> Verdict:
    """Check the whole chain of a tenant, from the first link to the head."""
    with use_tenant(tenant), transaction.atomic(), connection.cursor() as cursor:
        if not _is_nested():
            # One snapshot: links sealed while we read neither count nor miss. Must be the transaction's first query.
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        return _Walk(cursor, tenant.pk).run()


def _is_nested() -> bool:
    return bool(connection.savepoint_ids)


class _Walk:
    def __init__(self, cursor, tenant_id: int):
        self.cursor = cursor
        self.tenant_id = tenant_id
        self.links = self.entries = self.position = 0
        self.hash = b""

    def run(self) -> Verdict:
        head_position, head_hash = self._row(
            "SELECT position, hash FROM audit_audithead WHERE tenant_id = %(tenant)s"
        ) or (0, b"")
        seen = partial(Verdict, head_position=head_position, head_hash=bytes(head_hash).hex())
        while True:
            links, entries, position, hash_, fault, broken_at, entry_id = self._row(_CHUNK, limit=LINKS_AT_A_TIME)
            self.links += links
            self.entries += entries
            if fault:
                return seen(self.links, self.entries, fault=fault, position=broken_at, entry_id=entry_id)
            if not links:
                break
            self.position, self.hash = position, bytes(hash_)
        return seen(self.links, self.entries, **self._judge_end(head_position, bytes(head_hash)))

    def _judge_end(self, head_position: int, head_hash: bytes) -> dict[str, Any]:
        if self.position < head_position:
            return {"fault": "tail", "position": self.position + 1}
        if (self.position, self.hash) != (head_position, head_hash):
            return {"fault": "head", "position": self.position}
        (count,) = self._row("SELECT count(*) FROM audit_auditentry WHERE tenant_id = %(tenant)s")
        if count != self.entries:
            return {"fault": "unsealed", "entry_id": self._row(_UNSEALED)[0]}
        return {}

    def _row(self, sql: str, **params):
        self.cursor.execute(sql, params | {"tenant": self.tenant_id, "position": self.position, "hash": self.hash})
        return self.cursor.fetchone()
