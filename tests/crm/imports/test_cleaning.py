"""Files of customers do not lie about for ever."""

from __future__ import annotations

import io
from datetime import timedelta

import pytest
from django.utils import timezone

from crm.files.models import StoredFile
from crm.imports.models import Import
from crm.imports.operations import begin_import
from crm.imports.pipeline import run_import
from crm.imports.tasks import clean_up, clean_up_tenant
from crm.imports.undo import undo_import
from crm.jobs import start_job
from crm.tenancy.context import use_tenant
from customers.models import Customer

pytestmark = pytest.mark.django_db

ROWS = b"name,phone\nAnn,13800000001\n"


def draft(tenant, membership=None) -> Import:
    return begin_import(
        tenant=tenant, membership=membership, kind="customers", source=io.BytesIO(ROWS), name="people.csv"
    )


def long_ago(run: Import, settings) -> Import:
    Import.objects.filter(pk=run.pk).update(created_at=timezone.now() - timedelta(days=settings.IMPORT_KEEP_DAYS + 1))
    return run


def test_draft_that_nobody_went_on_with_goes_with_its_file_and_a_new_one_stays(in_tenant, settings):
    long_ago(draft(in_tenant), settings)
    new = draft(in_tenant)

    clean_up_tenant(tenant_id=in_tenant.pk)

    assert list(Import.objects.all()) == [new]
    assert list(StoredFile.objects.all()) == [new.file]


def test_import_that_is_over_loses_its_file_and_can_still_be_undone(in_tenant, admin, settings):
    run = long_ago(draft(in_tenant, admin.membership), settings)
    run_import(run, membership=admin.membership)

    clean_up_tenant(tenant_id=in_tenant.pk)

    kept = Import.objects.get()
    assert (kept.file, kept.file_name, kept.created_count) == (None, "people.csv", 1)
    assert not StoredFile.objects.exists()
    assert kept.can_undo
    assert admin.get(f"imports/{kept.pk}/").status_code == 200
    undo_import(kept)
    assert not Customer.objects.exists()


def test_import_that_waits_for_its_turn_keeps_its_file(in_tenant, settings):
    run = long_ago(draft(in_tenant), settings)
    run.job = start_job("imports.run", tenant=in_tenant, params={"import_id": run.pk})
    run.save()

    clean_up_tenant(tenant_id=in_tenant.pk)

    assert Import.objects.get().file is not None


def test_other_tenants_are_left_alone(tenant, other_tenant, settings):
    with use_tenant(other_tenant):
        long_ago(draft(other_tenant), settings)

    clean_up_tenant(tenant_id=tenant.pk)

    with use_tenant(other_tenant):
        assert Import.objects.count() == 1


def test_each_tenant_gets_a_task_of_its_own(tenant, other_tenant, monkeypatch):
    asked: list[int] = []
    monkeypatch.setattr(clean_up_tenant, "delay", lambda tenant_id: asked.append(tenant_id))

    clean_up()

    assert sorted(asked) == sorted([tenant.pk, other_tenant.pk])
