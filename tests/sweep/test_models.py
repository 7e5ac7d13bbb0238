"""Every tenant model, by itself, in the database: another tenant's row is not there, and cannot be put there."""

import pytest
from django.db import Error, ProgrammingError, connection, models, transaction
from django.db.models.sql import InsertQuery

from crm.errors import NoTenant
from crm.tenancy.context import use_tenant
from crm.tenancy.lints.kinds import tenant_models

EVERY_MODEL = pytest.mark.parametrize("model", tenant_models(), ids=lambda model: model._meta.label)


def raw_count(model: type[models.Model], condition: str = "true", params: tuple = ()) -> int:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {model._meta.db_table} WHERE {condition}", params)
        return cursor.fetchone()[0]


def of_tenant(tenant) -> tuple[str, tuple]:
    return "tenant_id = %s", (tenant.pk,)


@EVERY_MODEL
def test_another_tenants_rows_are_not_there(world, model):
    with use_tenant(world.theirs.tenant):
        assert raw_count(model, *of_tenant(world.theirs.tenant)) > 0, "nothing is there that could leak"

    with use_tenant(world.ours.tenant):
        assert raw_count(model, *of_tenant(world.theirs.tenant)) == 0
        assert not model._default_manager.filter(tenant_id=world.theirs.tenant.pk).exists()


@EVERY_MODEL
def test_without_a_tenant_no_row_is_there(world, model):
    assert raw_count(model) == 0
    with pytest.raises(NoTenant):
        model._default_manager.exists()


@EVERY_MODEL
def test_a_row_for_another_tenant_is_refused(world, model):
    with use_tenant(world.theirs.tenant):
        stolen = model._default_manager.first()
    query = InsertQuery(model)
    query.insert_values([one for one in model._meta.concrete_fields if not one.generated], [stolen])

    # A table that the application may not write to at all refuses with "permission denied".
    with (
        use_tenant(world.ours.tenant),
        pytest.raises(ProgrammingError, match=r"row-level security|permission denied"),
        transaction.atomic(),
    ):
        query.get_compiler("default").execute_sql()


@EVERY_MODEL
def test_another_tenants_rows_are_not_changed_or_deleted(world, model):
    table = model._meta.db_table
    for statement in (f"UPDATE {table} SET tenant_id = tenant_id", f"DELETE FROM {table}"):
        with use_tenant(world.ours.tenant), transaction.atomic(), connection.cursor() as cursor:
            try:
                with transaction.atomic():
                    cursor.execute(f"{statement} WHERE tenant_id = %s", [world.theirs.tenant.pk])
            except Error as error:
                assert "permission denied" in str(error)
            else:
                assert cursor.rowcount == 0
