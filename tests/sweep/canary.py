"""Rows that could leak: one of every tenant model, each of its texts holding a word that occurs nowhere else.

The rows are made from the model's fields, so a model that is not written yet gets its canary too.
"""

from __future__ import annotations

import datetime
import itertools
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.search import SearchVectorField
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection, models, transaction
from django.db.models.sql import InsertQuery
from django.utils import timezone

from crm.tenancy.base import TenantModel
from crm.tenancy.context import use_tenant
from crm.tenancy.fields import MemberForeignKey
from crm.tenancy.lints.kinds import all_models, tenant_models
from crm.tenancy.models import Membership, Tenant
from tests.factories import make_customer

WEEK = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")

# What the types of the fields do not say.
SPECIAL: dict[str, Callable[[Canary, Any], dict[str, Any]]] = {
    # There are such reports only, and what they are asked for.
    "analytics.Schedule": lambda canary, key: {"report": "pipeline", "parameters": {}},
    "files.StoredFile": lambda canary, key: {"key": canary.file(), "size": len(canary.word)},
    "imports.Import": lambda canary, key: {"kind": "customers"},
    "pages.SavedView": lambda canary, key: {"kind": "customers", "query": ""},
    # Hours and statuses are read, so they have to make sense.
    "service.BusinessCalendar": lambda canary, key: {"time_zone": "UTC", **dict.fromkeys(WEEK, "09:00-17:00")},
    "service.SpecialDay": lambda canary, key: {"hours": ""},
    # Of which a ticket can be made.
    "service.InboundMail": lambda canary, key: {"state": "quarantine"},
    "service.TicketEvent": lambda canary, key: {"before": "", "after": "0"},
    # Sums add up, there is one kind of discount, and a pattern says where its counter stands.
    "sales.Quote": lambda canary, key: {"discount_bp": 0, "discount_amount": 0, "total_amount": 2},
    "sales.QuoteSettings": lambda canary, key: {"number_pattern": "Q{number}"},
    "tenancy.Team": lambda canary, key: {"path": f"/{key}/"},
}


def writable_models() -> list[type[TenantModel]]:
    """Models with a tenant whose rows the application writes itself; the audit trail is written by the database."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.relname FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace "
            "AND has_table_privilege(current_user, c.oid, 'INSERT')"
        )
        allowed = {name for (name,) in cursor.fetchall()}
    # Teams and invitations have a tenant and pages, but no row-level security.
    others = [model for model in all_models() if model is not Membership and _points_to_tenant(model)]
    return [model for model in dict.fromkeys([*tenant_models(), *others]) if model._meta.db_table in allowed]


def _points_to_tenant(model: type[models.Model]) -> bool:
    return any(one.name == "tenant" for one in model._meta.concrete_fields)


@dataclass(repr=False)
class Canary:
    """One tenant's rows. `word` is in each of their texts; their ids are like no other tenant's."""

    tenant: Tenant
    member: Membership
    word: str
    first_id: int
    rows: dict[type[models.Model], models.Model] = field(default_factory=dict)
    files: list[str] = field(default_factory=list)
    _ids: itertools.count = field(init=False)

    def __post_init__(self):
        self._ids = itertools.count(self.first_id)
        self.rows[Membership] = self.member

    def hatch(self) -> Canary:
        with use_tenant(self.tenant, self.member.user):
            for model in writable_models():
                self.row(model)
            # As at the end of a transaction: the keys are judged, and the audit trail is sealed.
            connection.check_constraints()
            # And one change that is not sealed yet.
            make_customer(self.tenant, name=self.word)
            for model in tenant_models():
                # What the database wrote by itself.
                self.rows.setdefault(model, model._default_manager.order_by("pk").first())
        return self

    def file(self) -> str:
        """The key of a stored file that holds the word."""
        self.files.append(default_storage.save(f"{self.tenant.pk}/{self.word}", ContentFile(self.word.encode())))
        return self.files[-1]

    def fly(self) -> None:
        """Leave no file behind; the rows go with the transaction."""
        for key in self.files:
            default_storage.delete(key)

    def row(self, model: type[models.Model]) -> models.Model:
        """The tenant's row of the model, made when first asked for, and the rows it points to before it."""
        if model not in self.rows:
            obj = model(**self.values(model))
            fields = [one for one in model._meta.concrete_fields if not one.generated]
            query = InsertQuery(model)
            query.insert_values(fields, [obj])
            # Below the model's own save(), which may do more than write a row. Signals would do the same.
            with transaction.atomic():
                query.get_compiler("default").execute_sql()
            self.rows[model] = model._default_manager.get(pk=obj.pk)
        return self.rows[model]

    def values(self, model: type[models.Model]) -> dict[str, Any]:
        values = {}
        for one in model._meta.concrete_fields:
            if one.generated or one.name == "tenant":
                continue
            values[one.name] = self.value(model, one)
        special = SPECIAL.get(model._meta.label, lambda canary, key: {})
        return values | {"tenant": self.tenant} | special(self, values[model._meta.pk.name])

    def value(self, model: type[models.Model], one: models.Field) -> Any:
        if one.primary_key:
            return self.key(model)
        if isinstance(one, MemberForeignKey):
            return self.member.user
        if isinstance(one, models.ForeignKey):
            return self.related(model, one)
        if isinstance(one, models.CharField | models.TextField) and not one.choices:
            return self.text(one)
        if one.null and not one.has_default():
            return None
        # An empty list or text as a default says nothing that could leak.
        return (one.get_default() if one.has_default() else None) or self.plain(one)

    def key(self, model: type[models.Model]) -> Any:
        """A number of its own, or that of the record whose key this row shares."""
        for constraint in model._meta.constraints:
            if getattr(constraint, "field", "") == model._meta.pk.name and hasattr(constraint, "to"):
                return self.row(model._meta.apps.get_model(constraint.to)).pk
        return uuid.uuid4() if isinstance(model._meta.pk, models.UUIDField) else next(self._ids)

    def related(self, model: type[models.Model], one: models.ForeignKey) -> Any:
        target = one.related_model
        if target is model:
            return None
        if _points_to_tenant(target):
            return self.row(target)
        if one.null:
            return None
        if issubclass(target, get_user_model()):
            return self.member.user
        raise NotImplementedError(f"say in SPECIAL what {one} points to")

    def text(self, one: models.Field) -> Any:
        if isinstance(one, models.UUIDField):
            return uuid.uuid4()
        if isinstance(one, models.FileField):
            return one.storage.save(f"{self.word}.txt", ContentFile(self.word.encode()))
        if isinstance(one, models.URLField):
            return f"https://{self.word}.example/"
        text = f"{self.word}@{self.word}.example" if "email" in one.name else f"{self.word} {one.name}"
        return text[: one.max_length] if one.max_length else text

    def plain(self, one: models.Field) -> Any:
        if isinstance(one, ArrayField):
            return [self.plain(one.base_field) if one.base_field.choices else self.word]
        if one.choices:
            return one.flatchoices[0][0]
        for types, value in (
            (models.BooleanField, False),
            ((models.IntegerField, models.DecimalField, models.FloatField), 1),
            (models.DateTimeField, timezone.now()),
            # A day of its own too: what is kept once a day is kept for each.
            (models.DateField, datetime.date(2026, 3, 31) - datetime.timedelta(self.first_id // 1_000_000 % 25)),
            (models.TimeField, datetime.time(9)),
            (models.DurationField, datetime.timedelta(hours=1)),
            (models.UUIDField, uuid.uuid4()),
            (models.GenericIPAddressField, "192.0.2.1"),
            (models.JSONField, {"word": self.word}),
            (SearchVectorField, f"'{self.word}'"),
            (models.BinaryField, self.word.encode()),
        ):
            if isinstance(one, types):
                return value
        raise NotImplementedError(f"no value for {one}; add its type here")
