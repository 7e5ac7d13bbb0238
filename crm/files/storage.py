"""Where private files lie: below DATA_DIR/files, one folder per tenant, under random names, readable by us alone."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.core.files.storage import FileSystemStorage


class PrivateStorage(FileSystemStorage):
    """No file here has an address: files are served by views, which ask the policy first."""

    def __init__(self, **kwargs):
        super().__init__(file_permissions_mode=0o600, directory_permissions_mode=0o700, **kwargs)

    @property
    def base_location(self):
        return self.location

    @property
    def location(self):
        return str(Path(settings.DATA_DIR).resolve() / "files")

    def url(self, name):
        raise ValueError("Private files have no address; link to a view that checks who asks.")

    def _save(self, name, content):
        name = super()._save(name, content)  # type: ignore[misc]  # the hook that Django documents for storages
        # The row that names the file is about to be committed; after a power cut it must not point to an empty file.
        with Path(self.path(name)).open("rb") as saved:
            os.fsync(saved.fileno())
        return name

    def keys_before(self, tenant_id: int, moment: datetime) -> Iterator[str]:
        """Keys of the tenant's files that were last written before the moment."""
        folder = Path(self.path(str(tenant_id)))
        for path in folder.glob("*/*"):
            if path.is_file() and path.stat().st_mtime < moment.timestamp():
                yield f"{tenant_id}/{path.parent.name}/{path.name}"


def new_key(tenant_id: int) -> str:
    name = secrets.token_hex(16)
    # Two letters as a folder: no folder grows so full that listing it takes long.
    return f"{tenant_id}/{name[:2]}/{name[2:]}"
