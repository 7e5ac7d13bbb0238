"""The model classes against SCALE_OUT.md: what a migration would make of them, before it is made."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from django.contrib.admin.sites import all_sites
from django.contrib.auth import get_user_model
from django.contrib.contenttypes.fields import GenericForeignKey
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models.constants import LOOKUP_SEP

from crm.tenancy.base import TenantManager, TenantModel
from crm.tenancy.constraints import TenantPolicy, TenantPrimaryKey, TenantReference
from crm.tenancy.fields import MemberForeignKey, TenantForeignKey

from .exceptions import MODELS
from .kinds import SCALES, all_models, scale_of
from .report import Finding, Report

Model = type[models.Model]
Rule = Callable[[Model], Iterator[Finding]]

# Lookups that row-level security keeps from an index (DATA_DESIGN.md section 4).
BANNED_LOOKUPS = frozenset(
    {"contains", "icontains", "startswith", "istartswith", "endswith", "iendswith", "iexact", "regex", "iregex"}
)


def lint_models(classes: Sequence[Model] | None = None, granted: Mapping[tuple[str, str], str] | None = None) -> Report:
    """Judge `classes`, or every model of the project and of others."""
    judged = all_models() if classes is None else classes
    findings = [one for model in judged for rule in RULES for one in rule(model)]
    figures = {f"{scale}_models": sum(scale_of(model) == scale for model in judged) for scale in SCALES}
    granted = (MODELS if classes is None else {}) if granted is None else granted
    return Report.of(findings, granted, figures=figures)


def _is_tenant(model: object) -> bool:
    return isinstance(model, type) and issubclass(model, models.Model) and scale_of(model) == "tenant"


def states_its_kind(model: Model) -> Iterator[Finding]:
    if scale_of(model) is None:
        yield Finding("kind-unstated", model._meta.label, f'say `scale = "…"`, one of {", ".join(SCALES)}')


def inherits_the_base(model: Model) -> Iterator[Finding]:
    if _is_tenant(model) != issubclass(model, TenantModel) and not model._meta.auto_created:
        yield Finding("tenant-base", model._meta.label, "the kind tenant and the base TenantModel go together")


def reads_through_the_tenant(model: Model) -> Iterator[Finding]:
    """A stock manager, also one named beside `objects`, would begin at every tenant."""
    if not _is_tenant(model) or model._meta.auto_created:
        return
    if model._meta.base_manager_name != "objects":
        yield Finding("tenant-manager", model._meta.label, "base_manager_name must be 'objects'")
    for manager in model._meta.managers:
        if not isinstance(manager, TenantManager):
            yield Finding("tenant-manager", model._meta.label, f"{manager.name} must be a TenantManager")


def has_its_constraints(model: Model) -> Iterator[Finding]:
    if not issubclass(model, TenantModel) or model._meta.proxy:
        return
    constraints = model._meta.constraints
    for needed in (TenantPrimaryKey, TenantPolicy):
        if not any(isinstance(one, needed) for one in constraints):
            yield Finding("tenant-constraint", model._meta.label, f"lacks its {needed.__name__}")
    referenced = {one.field for one in constraints if isinstance(one, TenantReference)}
    for field in model._meta.local_concrete_fields:
        if isinstance(field, TenantForeignKey | MemberForeignKey) and field.name not in referenced:
            yield Finding("tenant-constraint", f"{model._meta.label}.{field.name}", "lacks its composite foreign key")


def points_with_the_tenant(model: Model) -> Iterator[Finding]:
    """Keys by what they join: tenant rows, people, a team, the tenant itself."""
    for field in model._meta.local_fields:
        target = field.related_model if isinstance(field, models.ForeignKey) else None
        if not isinstance(target, type):
            continue
        where = f"{model._meta.label}.{field.name}"
        if not _is_tenant(model):
            if _is_tenant(target):
                yield Finding("into-tenant", where, f"a {scale_of(model)} model must not point to a tenant model")
        elif isinstance(field, models.OneToOneField):
            yield Finding("stock-key", where, "use a TenantForeignKey and a UniqueConstraint that begins with tenant")
        elif scale_of(target) == "local":
            yield Finding("to-local", where, f"a tenant model must not point to the local model {target._meta.label}")
        elif _carries_tenant(target) and not isinstance(field, TenantForeignKey):
            yield Finding("stock-key", where, "use a TenantForeignKey")
        elif target is get_user_model() and not isinstance(field, MemberForeignKey):
            yield Finding("stock-key", where, "use a MemberForeignKey, so that the person belongs to the tenant")


def _carries_tenant(model: Model) -> bool:
    return any(field.column == "tenant_id" for field in model._meta.concrete_fields)


def writes_its_link_tables(model: Model) -> Iterator[Finding]:
    for field in model._meta.local_many_to_many:
        ends: tuple[object, object] = (model, field.related_model)
        if (
            any(_is_tenant(end) for end in ends)
            and field.remote_field.through is not None
            and field.remote_field.through._meta.auto_created
        ):
            yield Finding("automatic-link", f"{model._meta.label}.{field.name}", "write the through model")
    for other in model._meta.private_fields:
        if _is_tenant(model) and isinstance(other, GenericForeignKey):
            yield Finding("generic-key", f"{model._meta.label}.{other.name}", "a generic key has no tenant to hold")


def is_unique_within_the_tenant(model: Model) -> Iterator[Finding]:
    if not _is_tenant(model):
        return
    label = model._meta.label
    for field in model._meta.local_fields:
        if field.unique and not field.primary_key:
            yield Finding("unique-everywhere", f"{label}.{field.name}", "use a UniqueConstraint with tenant")
        if any(getattr(field, f"unique_for_{period}") for period in ("date", "month", "year")):
            yield Finding("unique-everywhere", f"{label}.{field.name}", "use a UniqueConstraint with tenant")
    for names in model._meta.unique_together:
        if "tenant" not in names:
            yield Finding("unique-everywhere", label, f"unique_together {names} must contain tenant")
    for constraint in model._meta.constraints:
        if isinstance(constraint, models.UniqueConstraint) and "tenant" not in _first(constraint):
            yield Finding("unique-everywhere", f"{label}.{constraint.name}", "must begin with tenant")


def is_indexed_below_the_tenant(model: Model) -> Iterator[Finding]:
    if not _is_tenant(model):
        return
    for index in model._meta.indexes:
        if "tenant" not in _first(index) and not _is_of_words(model, index):
            yield Finding("index-everywhere", f"{model._meta.label}.{index.name}", "must begin with tenant")
    for field in model._meta.local_fields:
        if getattr(field, "db_index", False) and not field.primary_key:
            yield Finding("index-everywhere", f"{model._meta.label}.{field.name}", "db_index has no tenant")


def _is_of_words(model: Model, index: models.Index) -> bool:
    """Every word of a search table begins with the tenant's id (docs/search.md)."""
    return len(index.fields) == 1 and isinstance(model._meta.get_field(index.fields[0]), SearchVectorField)


def _first(index: models.Index | models.UniqueConstraint) -> Iterable[str]:
    """The name of the first column, in a tuple; empty when an expression stands first."""
    if index.fields:
        return index.fields[:1]
    expression = index.expressions[0]
    if isinstance(expression, models.expressions.OrderBy):
        expression = expression.expression
    return (str(expression.name),) if isinstance(expression, models.F) else ()  # type: ignore[attr-defined]  # not stubbed


def is_searched_by_prefix_in_the_admin(model: Model) -> Iterator[Finding]:
    """The admin's search is `icontains` where nothing else is said."""
    if not _is_tenant(model):
        return
    for site in all_sites:
        admin = site._registry.get(model)
        for name in getattr(admin, "search_fields", ()):
            if name.rpartition(LOOKUP_SEP)[2] not in {"prefix", "exact"}:
                where = f"{site.name}:{model._meta.label}"
                yield Finding("admin-search", where, f"write search_fields {name!r} with __prefix or __exact")


RULES: tuple[Rule, ...] = (
    states_its_kind,
    inherits_the_base,
    reads_through_the_tenant,
    has_its_constraints,
    points_with_the_tenant,
    writes_its_link_tables,
    is_unique_within_the_tenant,
    is_indexed_below_the_tenant,
    is_searched_by_prefix_in_the_admin,
)
