import hashlib
import io
import os
import time
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.core.files.storage import default_storage
from django.db import transaction
from django.utils import timezone

from crm.errors import FileTooLarge
from crm.files.models import StoredFile
from crm.files.operations import remove_expired, remove_file, remove_strays, store_file
from crm.tenancy.context import use_tenant
from tests.factories import make_tenant

pytestmark = pytest.mark.django_db


def folder_of(tenant) -> Path:
    return Path(settings.DATA_DIR) / "files" / str(tenant.pk)


def kept(tenant) -> list[Path]:
    return [path for path in folder_of(tenant).rglob("*") if path.is_file()]


def test_a_file_is_kept_in_the_tenants_folder_under_a_random_name(in_tenant):
    file = store_file(tenant=in_tenant, source=io.BytesIO(b"a,b\n"), name="../名单.csv")

    assert (file.name, file.content_type, file.size) == ("名单.csv", "text/csv", 4)
    assert file.sha256 == hashlib.sha256(b"a,b\n").hexdigest()
    assert file.local_path in kept(in_tenant)
    assert "名单" not in str(file.local_path)
    assert file.local_path.stat().st_mode & 0o777 == 0o600
    assert file.local_path.parent.stat().st_mode & 0o777 == 0o700
    assert file.open().read() == b"a,b\n"


def test_a_private_file_has_no_address(in_tenant):
    file = store_file(tenant=in_tenant, source=io.BytesIO(b"x"), name="x")

    with pytest.raises(ValueError, match="no address"):
        default_storage.url(file.key)


def test_a_file_past_the_limit_leaves_nothing_behind(in_tenant):
    before = kept(in_tenant)

    with pytest.raises(FileTooLarge):
        store_file(tenant=in_tenant, source=io.BytesIO(b"x" * 11), name="x", limit=10)

    assert kept(in_tenant) == before
    assert not StoredFile.objects.exists()


def test_a_file_whose_row_is_refused_leaves_nothing_behind(in_tenant):
    outsider = 999_999_999
    before = kept(in_tenant)

    # The key to the person is checked when the transaction ends, so make the row itself impossible.
    with pytest.raises(Exception, match="value too long"), transaction.atomic():
        store_file(tenant=in_tenant, source=io.BytesIO(b"x"), name="x", content_type="x" * 101, user=outsider)

    assert kept(in_tenant) == before


def test_a_removed_file_is_gone_after_the_commit(in_tenant, django_capture_on_commit_callbacks):
    file = store_file(tenant=in_tenant, source=io.BytesIO(b"x"), name="x")
    path = file.local_path

    with django_capture_on_commit_callbacks() as callbacks:
        remove_file(file)
    assert path.exists()

    callbacks[0]()
    assert not path.exists()


def test_expired_files_are_removed_and_others_stay(in_tenant, django_capture_on_commit_callbacks):
    gone = store_file(tenant=in_tenant, source=io.BytesIO(b"x"), name="old", keep_for=timedelta(days=1))
    StoredFile.objects.filter(pk=gone.pk).update(expires_at=timezone.now() - timedelta(minutes=1))
    store_file(tenant=in_tenant, source=io.BytesIO(b"x"), name="new", keep_for=timedelta(days=1))
    store_file(tenant=in_tenant, source=io.BytesIO(b"x"), name="for good")

    with django_capture_on_commit_callbacks(execute=True):
        assert remove_expired(tenant=in_tenant) == 1

    assert {file.name for file in StoredFile.objects.all()} == {"new", "for good"}
    assert not gone.local_path.exists()


def test_bytes_without_a_row_are_removed_when_they_are_old(in_tenant):
    known = store_file(tenant=in_tenant, source=io.BytesIO(b"x"), name="known")
    keys = [default_storage.save(f"{in_tenant.pk}/ab/{name}", io.BytesIO(b"x")) for name in ("old", "young")]
    for path in (known.local_path, default_storage.path(keys[0])):
        os.utime(path, (time.time() - 100_000,) * 2)

    assert remove_strays(tenant=in_tenant) == 1

    assert [default_storage.exists(key) for key in (known.key, *keys)] == [True, False, True]


def test_each_tenant_has_a_folder_of_its_own(tenant):
    other = make_tenant("elsewhere")
    with use_tenant(tenant):
        ours = store_file(tenant=tenant, source=io.BytesIO(b"x"), name="x")
    with use_tenant(other):
        theirs = store_file(tenant=other, source=io.BytesIO(b"x"), name="x")

    assert ours.key.startswith(f"{tenant.pk}/")
    assert theirs.key.startswith(f"{other.pk}/")
