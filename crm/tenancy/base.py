"""The base of every tenant model. A new model inherits isolation; there is nothing to remember."""

from __future__ import annotations

from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models.base import ModelBase

from .constraints import AuditTrigger, TenantPolicy, TenantPrimaryKey, TenantReference, TenantView
from .context import current_tenant_id
from .fields import MemberForeignKey, TenantForeignKey, tenant_key
from .lookups import Prefix

__all__ = ["MemberForeignKey", "Prefix", "TenantForeignKey", "TenantManager", "TenantModel", "TenantQuerySet"]


class TenantQuerySet(models.QuerySet):
    def bulk_create(self, objs, *args, **kwargs):
        objs = list(objs)
        for obj in objs:
            obj.settle_in_tenant()
        return super().bulk_create(objs, *args, **kwargs)


_Manager = models.Manager.from_queryset(TenantQuerySet)


class TenantManager(_Manager):
    """Rows of the current tenant. Without one it raises NoTenant, also for exists(), create() and forward keys."""

    def get_queryset(self):
        # The literal is not only a rope: with it the planner knows the tenant's size (DATA_DESIGN.md section 2).
        return super().get_queryset().filter(tenant_id=current_tenant_id())


class TenantModelBase(ModelBase):
    """Adds to `Meta` what DATA_DESIGN.md asks of a tenant table: key, policy, composite references, audit trail."""

    def __new__(mcs, name: str, bases: tuple[type, ...], attrs: dict[str, Any], **kwargs):
        own = attrs.get("Meta")
        below = any(isinstance(base, TenantModelBase) for base in bases)
        # A proxy has no table of its own, so nothing to key or to guard.
        if below and not (getattr(own, "abstract", False) or getattr(own, "proxy", False)):
            stated = _stated(bases, "not_audited", "unaudited_fields") | attrs
            attrs["Meta"] = _isolated_meta(own or _inherited_meta(bases), _declared_fields(bases) | stated)
        return super().__new__(mcs, name, bases, attrs, **kwargs)


class TenantModel(models.Model, metaclass=TenantModelBase):
    scale: ClassVar[str] = "tenant"
    # Why changes of this table are not written to the audit trail. Empty: they are.
    not_audited: ClassVar[str] = ""
    # Fields that only follow from others; their changes would be noise in the trail. Generated fields are left out too.
    unaudited_fields: ClassVar[tuple[str, ...]] = ()

    # Fields whose changes have consequences that only the app's operations see to, such as a line in a log: the
    # administrators' admin shows them, and changes and adds none.
    settled_fields: ClassVar[tuple[str, ...]] = ()

    id = models.BigAutoField(primary_key=True)
    tenant = tenant_key("%(class)ss")

    # A model with a queryset of its own says `TenantManager.from_queryset(…)()`.
    objects: TenantManager = TenantManager()

    class Meta:
        abstract = True
        base_manager_name = "objects"

    def save(self, *args, **kwargs):
        self.settle_in_tenant()
        super().save(*args, **kwargs)

    def settle_in_tenant(self) -> None:
        """Take the current tenant, and refuse to be saved for, or to point into, another one."""
        tenant_id = current_tenant_id()
        if self.tenant_id is None:
            self.tenant_id = tenant_id
        loaded = (self._state.fields_cache.get(field.name) for field in _tenant_keys(type(self)))
        if self.tenant_id != tenant_id or any(obj and obj.tenant_id != tenant_id for obj in loaded):
            raise ValidationError(f"{self._meta.label} would cross from one tenant into another.", code="tenant")


def _tenant_keys(model: type[models.Model]) -> list[TenantForeignKey]:
    return [field for field in model._meta.concrete_fields if isinstance(field, TenantForeignKey)]


def _declared_fields(bases) -> dict[str, models.Field]:
    return {
        field.name: field
        for base in bases
        if isinstance(base, ModelBase) and hasattr(base, "_meta") and base._meta.abstract
        for field in base._meta.local_fields
    }


def _stated(bases, *names: str) -> dict[str, Any]:
    return {name: getattr(base, name) for base in reversed(bases) for name in names if hasattr(base, name)}


def _inherited_meta(bases) -> type | None:
    """The Meta that Django would take when the class declares none: the first abstract parent's."""
    return next((base.Meta for base in bases if hasattr(base, "Meta")), None)


def _isolated_meta(meta: type | None, attrs: dict[str, Any]) -> type:
    declared = list(getattr(meta, "constraints", []))
    references = [
        attr.reference(name) for name, attr in attrs.items() if isinstance(attr, TenantForeignKey | MemberForeignKey)
    ]
    # Before the policy, as SCALE_OUT.md rule 9 has it.
    references += [constraint for constraint in declared if isinstance(constraint, TenantReference)]
    added = {
        "base_manager_name": "objects",
        "constraints": [
            TenantPrimaryKey(name="%(app_label)s_%(class)s_key"),
            *references,
            TenantPolicy(name="%(app_label)s_%(class)s_policy"),
            *_audit_trigger(attrs),
            *(_completed(constraint, attrs) for constraint in declared if constraint not in references),
        ],
    }
    # A subclass, so that what `class Meta(Parent.Meta)` inherits is kept.
    return type("Meta", (meta,) if meta else (), added)


def _completed(constraint: models.BaseConstraint, attrs: dict[str, Any]) -> models.BaseConstraint:
    if not isinstance(constraint, TenantView):
        return constraint
    fields = {name: attr for name, attr in attrs.items() if isinstance(attr, models.Field)}
    return TenantView(name=constraint.name, columns=tuple(sorted(map(_column, fields, fields.values()))))


def _column(name: str, field: models.Field) -> str:
    column = field.db_column or (f"{name}_id" if isinstance(field, models.ForeignKey) else name)
    return f"{column} {field.get_internal_type()}({field.max_length or ''})"


def _audit_trigger(attrs: dict[str, Any]) -> list[AuditTrigger]:
    if attrs.get("not_audited"):
        return []
    fields = {name: attr for name, attr in attrs.items() if isinstance(attr, models.Field)}
    generated = {attr.db_column or name for name, attr in fields.items() if isinstance(attr, models.GeneratedField)}
    skip = {fields[name].db_column or name for name in attrs.get("unaudited_fields", ())} | generated
    return [AuditTrigger(name="%(app_label)s_%(class)s_audit", skip=tuple(sorted(skip)))]
