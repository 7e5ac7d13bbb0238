"""What a model inherits from TenantModel, and what it may still say for itself."""

import pytest
from django.db import DataError, connection, models, transaction
from django.test.utils import isolate_apps

from crm.tenancy.base import TenantForeignKey, TenantModel
from crm.tenancy.constraints import AuditTrigger, TenantPolicy, TenantPrimaryKey, TenantReference
from crm.tenancy.context import use_tenant
from customers.models import Customer


@isolate_apps("customers")
def test_meta_of_an_abstract_parent_is_kept():
    class Named(TenantModel):
        name = models.CharField(max_length=10)
        customer = TenantForeignKey(Customer, models.CASCADE, related_name="+")

        class Meta:
            abstract = True
            app_label = "customers"
            ordering = ["name"]
            indexes = [models.Index(fields=["tenant", "name"], name="%(class)s_name")]

    class Silent(Named):
        pass

    class Spoken(Named):
        class Meta(Named.Meta):
            verbose_name = "spoken"

    for model in (Silent, Spoken):
        assert model._meta.ordering == ["name"]
        assert [index.name for index in model._meta.indexes] == [f"{model.__name__.lower()}_name"]
        assert [type(one) for one in model._meta.constraints] == [
            TenantPrimaryKey,
            TenantReference,
            TenantPolicy,
            AuditTrigger,
        ]
        assert not model._meta.abstract


@isolate_apps("customers")
def test_a_proxy_adds_nothing_to_the_database():
    class Prospect(Customer):
        class Meta:
            proxy = True
            app_label = "customers"

    assert Prospect._meta.constraints == []
    assert Prospect._meta.db_table == Customer._meta.db_table


@pytest.mark.django_db
def test_an_error_of_the_database_is_not_hidden_by_leaving_the_tenant(tenant):
    with pytest.raises(DataError, match="division by zero"), transaction.atomic():  # noqa: SIM117  # the order matters
        with use_tenant(tenant), connection.cursor() as cursor:
            cursor.execute("SELECT 1 / 0")
