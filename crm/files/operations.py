"""Keep and remove private files.

The bytes are written before the row, and removed after it: a crash in between leaves bytes without a row, which
`remove_strays` finds, and never a row without bytes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import IO

from django.core.files.base import File
from django.core.files.storage import default_storage, storages
from django.db import transaction
from django.db.models import Exists, ForeignObjectRel, OuterRef, QuerySet
from django.utils import timezone

from crm.accounts.models import User
from crm.errors import FileTooLarge
from crm.tenancy.context import use_tenant
from crm.tenancy.models import Tenant

from .models import StoredFile
from .names import clean_file_name, content_type_of
from .storage import PrivateStorage, new_key

CHUNK = 1 << 20
# Long enough for any transaction that stores a file to have ended.
STRAY_AFTER = timedelta(days=1)


class _Measured(File):
    """Counts and hashes what passes, and stops at the limit, so that a false Content-Length fills no disk."""

    def __init__(self, source: IO[bytes], limit: int | None):
        super().__init__(source)
        self.source = source
        self.limit = limit
        self.seen = 0
        self.digest = hashlib.sha256()

    def chunks(self, chunk_size=None) -> Iterator[bytes]:
        if self.source.seekable():
            self.source.seek(0)
        while chunk := self.source.read(chunk_size or CHUNK):
            self.seen += len(chunk)
            if self.limit is not None and self.seen > self.limit:
                raise FileTooLarge()
            self.digest.update(chunk)
            yield chunk


def store_file(
    *,
    tenant: Tenant,
    source: IO[bytes] | Path | str,
    name: str,
    user: User | int | None = None,
    content_type: str = "",
    keep_for: timedelta | None = None,
    limit: int | None = None,
) -> StoredFile:
    """Copy `source` into the tenant's private files, and return its row, saved in the caller's transaction.

    `keep_for` None keeps it until `remove_file`. Raises FileTooLarge past `limit` bytes, and then keeps nothing.
    """
    if isinstance(source, Path | str):
        with Path(source).open("rb") as opened:
            return store_file(
                tenant=tenant,
                source=opened,
                name=name,
                user=user,
                content_type=content_type,
                keep_for=keep_for,
                limit=limit,
            )
    name = clean_file_name(name)
    key, measured = _write(tenant, source, limit)
    try:
        with transaction.atomic():
            return tenant.files.create(
                key=key,
                name=name,
                content_type=content_type or content_type_of(name),
                size=measured.seen,
                sha256=measured.digest.hexdigest(),
                user_id=user if isinstance(user, int) or user is None else user.pk,
                expires_at=timezone.now() + keep_for if keep_for else None,
            )
    except BaseException:
        default_storage.delete(key)
        raise


def _write(tenant: Tenant, source: IO[bytes], limit: int | None) -> tuple[str, _Measured]:
    measured = _Measured(source, limit)
    wanted = new_key(tenant.pk)
    try:
        return default_storage.save(wanted, measured), measured
    except BaseException:
        default_storage.delete(wanted)
        raise


def remove_file(file: StoredFile) -> None:
    """Remove the row now and the bytes once that is committed."""
    key = file.key
    file.delete()
    transaction.on_commit(lambda: default_storage.delete(key), robust=True)


def remove_expired(*, tenant: Tenant, most: int = 1000) -> int:
    """Remove up to `most` files whose time is over; returns how many."""
    with use_tenant(tenant), transaction.atomic():
        expired = list(tenant.files.filter(expires_at__lt=timezone.now()).order_by("expires_at")[:most])
        for file in expired:
            remove_file(file)
    return len(expired)


def remove_orphans(*, tenant: Tenant, most: int = 1000) -> int:
    """Remove up to `most` files that were to be kept for a row, and no row names any more; returns how many.

    The database takes rows along with what they belong to (a ticket with its attachments), and knows nothing of files.
    """
    with use_tenant(tenant), transaction.atomic():
        orphans = list(_unnamed(tenant.files.all()).order_by("pk")[:most])
        for file in orphans:
            remove_file(file)
    return len(orphans)


def _unnamed(files: QuerySet[StoredFile]) -> QuerySet[StoredFile]:
    rows = files.filter(expires_at__isnull=True, created_at__lt=timezone.now() - STRAY_AFTER)
    # Also of keys that have no name on this side.
    for relation in StoredFile._meta.get_fields(include_hidden=True):
        if not isinstance(relation, ForeignObjectRel):
            continue
        named = relation.related_model._default_manager.filter(
            **{"tenant_id": OuterRef("tenant_id"), f"{relation.field.name}_id": OuterRef("pk")}
        )
        rows = rows.filter(~Exists(named))
    return rows


def remove_strays(*, tenant: Tenant) -> int:
    """Remove bytes without a row, left behind by a transaction that did not commit; returns how many."""
    storage = storages["default"]
    if not isinstance(storage, PrivateStorage):
        return 0
    removed = 0
    batch: list[str] = []
    for key in storage.keys_before(tenant.pk, timezone.now() - STRAY_AFTER):
        batch.append(key)
        if len(batch) == 500:
            removed += _remove_unknown(tenant, batch)
            batch = []
    return removed + _remove_unknown(tenant, batch)


def _remove_unknown(tenant: Tenant, keys: list[str]) -> int:
    with use_tenant(tenant), transaction.atomic():
        known = set(tenant.files.filter(key__in=keys).values_list("key", flat=True))
    strays = [key for key in keys if key not in known]
    for key in strays:
        default_storage.delete(key)
    return len(strays)
