"""Which of the three kinds of table (SCALE_OUT.md) a model is. Ours state it; here are those we did not write."""

from __future__ import annotations

from typing import Literal, cast

from django.apps import apps
from django.db import models

Scale = Literal["tenant", "reference", "local"]
SCALES: tuple[Scale, ...] = ("tenant", "reference", "local")

# App label or model label → (kind, reason). The model's own line wins over its app's.
THIRD_PARTY: dict[str, tuple[Scale, str]] = {
    "auth": ("reference", "rights of operators in the admin; small, rarely written, pointed to by people"),
    "contenttypes": ("reference", "one row per model, pointed to by rights"),
    "admin": ("local", "the operator's own log; a tenant's changes are in its audit"),
    "account": ("reference", "e-mail addresses of people, who may belong to several tenants"),
    "mfa": ("reference", "second factors of people, who may belong to several tenants"),
    "usersessions": ("local", "devices of a person; belongs beside the sessions"),
}

# Tables that have no model in the registry.
TABLES: dict[str, tuple[Scale, str]] = {
    "django_migrations": ("local", "Django's own record of what was run"),
}


def scale_of(model: type[models.Model]) -> Scale | None:
    """The kind the model or, for others' models, the table above states; None when nobody does."""
    if model._meta.auto_created:
        # The table of a many-to-many field goes where the model that declares the field goes.
        return scale_of(cast(type[models.Model], model._meta.auto_created))
    stated = getattr(model, "scale", None)
    if stated is None:
        stated, _reason = THIRD_PARTY.get(model._meta.label) or THIRD_PARTY.get(model._meta.app_label) or (None, "")
    return stated if stated in SCALES else None


def all_models() -> list[type[models.Model]]:
    return sorted(
        (model for model in apps.get_models(include_auto_created=True) if model._meta.managed),
        key=lambda model: model._meta.label,
    )


def tenant_models() -> list[type[models.Model]]:
    return [model for model in all_models() if scale_of(model) == "tenant" and not model._meta.proxy]


def table_kinds() -> dict[str, Scale]:
    """Return {table: kind}; tables of models without a kind are left out."""
    kinds = {table: scale for table, (scale, _reason) in TABLES.items()}
    for model in all_models():
        scale = scale_of(model)
        if scale is not None:
            kinds[model._meta.db_table] = scale
    return kinds
