"""The model lint passes on every model of the project and catches each planted violation."""

import pytest
from django.contrib.admin import ModelAdmin, site
from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.fields import GenericForeignKey
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.test.utils import isolate_apps

from crm.accounts.models import User
from crm.tenancy.base import MemberForeignKey, TenantForeignKey, TenantModel
from crm.tenancy.lints.kinds import THIRD_PARTY, all_models
from crm.tenancy.lints.model_lint import lint_models
from crm.tenancy.models import Team, Tenant
from customers.models import Customer


def rules_broken(*classes) -> set[tuple[str, str]]:
    return {(one.rule, one.where) for one in lint_models(classes).violations}


def test_every_model_follows_the_rules():
    report = lint_models()

    assert report.violations == []
    assert report.figures["tenant_models"] >= 5


def test_no_line_about_others_models_is_left_over():
    labels = {part for model in all_models() for part in (model._meta.label, model._meta.app_label)}

    assert labels >= THIRD_PARTY.keys()


@isolate_apps("customers")
def test_good_models_are_not_complained_about():
    class Note(TenantModel):
        customer = TenantForeignKey(Customer, models.CASCADE, related_name="+")
        author = MemberForeignKey(related_name="+")
        team = TenantForeignKey(Team, models.PROTECT, related_name="+")
        number = models.IntegerField()

        class Meta:
            app_label = "customers"
            constraints = [models.UniqueConstraint(fields=["tenant", "number"], name="note_number")]
            indexes = [models.Index("tenant", models.F("number").desc(), name="note_by_number")]

    assert rules_broken(Note) == set()


def kind_unstated():
    class Plain(models.Model):
        class Meta:
            app_label = "customers"

    return Plain


def kind_misspelt():
    class Plain(models.Model):
        scale = "tennant"

        class Meta:
            app_label = "customers"

    return Plain


def base_missing():
    class Plain(models.Model):
        scale = "tenant"
        tenant = models.ForeignKey(Tenant, models.CASCADE, db_index=False)

        class Meta:
            app_label = "customers"

    return Plain


def base_contradicted():
    class Plain(TenantModel):
        scale = "reference"

        class Meta:
            app_label = "customers"

    return Plain


def manager_beside():
    class Plain(TenantModel):
        everything = models.Manager()

        class Meta:
            app_label = "customers"

    return Plain


def constraint_lost():
    class Plain(TenantModel):
        customer = TenantForeignKey(Customer, models.CASCADE, related_name="+")

        class Meta:
            app_label = "customers"

    Plain._meta.constraints = []
    return Plain


def stock_key():
    class Plain(TenantModel):
        customer = models.ForeignKey(Customer, models.CASCADE, related_name="+", db_index=False)

        class Meta:
            app_label = "customers"

    return Plain


def stock_key_to_a_team():
    class Plain(TenantModel):
        team = models.ForeignKey(Team, models.CASCADE, related_name="+", db_index=False)

        class Meta:
            app_label = "customers"

    return Plain


def stock_key_to_a_person():
    class Plain(TenantModel):
        owner = models.ForeignKey(User, models.CASCADE, related_name="+", db_index=False)

        class Meta:
            app_label = "customers"

    return Plain


def one_to_one():
    class Plain(TenantModel):
        customer = models.OneToOneField(Customer, models.CASCADE, related_name="+")

        class Meta:
            app_label = "customers"

    return Plain


def key_to_local():
    class Plain(TenantModel):
        entry = models.ForeignKey(LogEntry, models.CASCADE, related_name="+", db_index=False)

        class Meta:
            app_label = "customers"

    return Plain


def key_into_tenant():
    class Plain(models.Model):
        scale = "reference"
        customer = models.ForeignKey(Customer, models.CASCADE, related_name="+")

        class Meta:
            app_label = "customers"

    return Plain


def automatic_link():
    class Plain(TenantModel):
        customers = models.ManyToManyField(Customer, related_name="+")

        class Meta:
            app_label = "customers"

    return Plain


def generic_key():
    class Plain(TenantModel):
        kind = models.ForeignKey(ContentType, models.CASCADE, related_name="+", db_index=False)
        object_id = models.BigIntegerField()
        target = GenericForeignKey("kind", "object_id")

        class Meta:
            app_label = "customers"

    return Plain


def unique_field():
    class Plain(TenantModel):
        number = models.IntegerField(unique=True)

        class Meta:
            app_label = "customers"

    return Plain


def unique_constraint():
    class Plain(TenantModel):
        number = models.IntegerField()

        class Meta:
            app_label = "customers"
            constraints = [models.UniqueConstraint(fields=["number", "tenant"], name="plain_number")]

    return Plain


def unique_expression():
    class Plain(TenantModel):
        number = models.IntegerField()

        class Meta:
            app_label = "customers"
            constraints = [models.UniqueConstraint(models.F("number") + 1, "tenant", name="plain_number")]

    return Plain


def index_on_field():
    class Plain(TenantModel):
        number = models.IntegerField(db_index=True)

        class Meta:
            app_label = "customers"

    return Plain


def index_without_tenant():
    class Plain(TenantModel):
        number = models.IntegerField()

        class Meta:
            app_label = "customers"
            indexes = [models.Index(fields=["number"], name="plain_number")]

    return Plain


@pytest.mark.parametrize(
    ("plant", "rule", "where"),
    [
        (kind_unstated, "kind-unstated", "customers.Plain"),
        (kind_misspelt, "kind-unstated", "customers.Plain"),
        (base_missing, "tenant-base", "customers.Plain"),
        (base_missing, "tenant-manager", "customers.Plain"),
        (base_contradicted, "tenant-base", "customers.Plain"),
        (manager_beside, "tenant-manager", "customers.Plain"),
        (constraint_lost, "tenant-constraint", "customers.Plain"),
        (constraint_lost, "tenant-constraint", "customers.Plain.customer"),
        (stock_key, "stock-key", "customers.Plain.customer"),
        (stock_key_to_a_team, "stock-key", "customers.Plain.team"),
        (stock_key_to_a_person, "stock-key", "customers.Plain.owner"),
        (one_to_one, "stock-key", "customers.Plain.customer"),
        (key_to_local, "to-local", "customers.Plain.entry"),
        (key_into_tenant, "into-tenant", "customers.Plain.customer"),
        (automatic_link, "automatic-link", "customers.Plain.customers"),
        (generic_key, "generic-key", "customers.Plain.target"),
        (unique_field, "unique-everywhere", "customers.Plain.number"),
        (unique_constraint, "unique-everywhere", "customers.Plain.plain_number"),
        (unique_expression, "unique-everywhere", "customers.Plain.plain_number"),
        (index_on_field, "index-everywhere", "customers.Plain.number"),
        (index_without_tenant, "index-everywhere", "customers.Plain.plain_number"),
    ],
)
def test_a_planted_violation_is_caught(plant, rule, where):
    with isolate_apps("customers"):
        planted = plant()

    assert (rule, where) in rules_broken(planted)


def test_a_substring_search_in_the_admin_is_caught(monkeypatch):
    class CustomerAdmin(ModelAdmin):
        search_fields = ("name", "^city", "phone__prefix")

    monkeypatch.setitem(site._registry, Customer, CustomerAdmin(Customer, site))

    messages = [one.what for one in lint_models([Customer]).violations]

    assert [name for name in ("name", "^city", "phone__prefix") if any(repr(name) in what for what in messages)] == [
        "name",
        "^city",
    ]
