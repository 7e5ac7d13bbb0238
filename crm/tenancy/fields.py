"""Relations that keep the tenant: between tenant models, and from a tenant model to one of its members."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models

from .constraints import MemberReference, TenantReference


def column_field(model: type[models.Model], name: str) -> models.Field[Any, Any]:
    """The field of a column. What `get_field` returns as well, the far end of somebody's key, raises TypeError."""
    field = model._meta.get_field(name)
    if not isinstance(field, models.Field):
        raise TypeError(f"{model._meta.label}.{name} is no column.")
    return field


def column_of(model: type[models.Model], name: str) -> str:
    return str(column_field(model, name).column)


def tenant_key(related_name: str) -> models.ForeignKey:
    """The key that every tenant row carries. `related_name` is how call sites begin: `request.tenant.customers`."""
    return models.ForeignKey(
        "tenancy.Tenant", models.PROTECT, related_name=related_name, db_index=False, editable=False
    )


class TenantForeignKey(models.ForeignKey):
    """A key to another tenant model. Its joins carry `tenant_id = tenant_id`; the database constraint is composite.

    `cascade=True` lets the database delete this row with the one it points to, for set-based deletes.
    """

    def __init__(self, to, on_delete, *, cascade: bool = False, **kwargs):
        self.cascade = cascade
        kwargs["db_constraint"] = False
        kwargs["db_index"] = False
        super().__init__(to, on_delete, **kwargs)

    def deconstruct(self):
        name, path, args, kwargs = super().deconstruct()
        kwargs.pop("db_constraint", None)
        kwargs.pop("db_index", None)
        if self.cascade:
            kwargs["cascade"] = True
        return name, path, args, kwargs

    def get_joining_fields(self, reverse_join=False):
        mine, theirs = self.model._meta.get_field("tenant"), self.related_model._meta.get_field("tenant")
        tenant = (theirs, mine) if reverse_join else (mine, theirs)
        return (*super().get_joining_fields(reverse_join), tenant)

    def reference(self, name: str) -> TenantReference:
        return TenantReference(name=f"%(app_label)s_%(class)s_{name}_fk", field=name, target="id", cascade=self.cascade)


class MemberForeignKey(models.ForeignKey):
    """A key to a person; the database holds that the person is a member of the row's tenant.

    People leave by becoming inactive, never by deletion, so the default is PROTECT.
    """

    def __init__(self, to=settings.AUTH_USER_MODEL, on_delete=models.PROTECT, **kwargs):
        kwargs["db_constraint"] = False
        kwargs["db_index"] = False
        super().__init__(to, on_delete, **kwargs)

    def deconstruct(self):
        name, path, args, kwargs = super().deconstruct()
        kwargs.pop("db_constraint", None)
        kwargs.pop("db_index", None)
        return name, path, args, kwargs

    def reference(self, name: str) -> MemberReference:
        return MemberReference(name=f"%(app_label)s_%(class)s_{name}_fk", field=name, target="user_id", cascade=False)
