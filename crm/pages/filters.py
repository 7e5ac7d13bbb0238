"""Filters of a list, from the address. On django-filter; every filter here is one that an index can serve under RLS.

class CustomerFilter(TenantFilterSet):
    stage = ChoicesFilter(choices=CustomerStage)
    owner = MemberFilter()
    city = PrefixFilter()
    updated_at = DayRangeFilter(label=_("Updated"))

    class Meta:
        model = Customer
        fields = []
    quick = {"stage", "owner"}
"""

from __future__ import annotations

import copy
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, ClassVar

import django_filters
from django import forms
from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Exists, Model, OuterRef, QuerySet
from django.http import QueryDict
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django_filters.fields import ModelChoiceField, ModelChoiceIterator, RangeField
from django_filters.widgets import SuffixedMultiWidget

from crm.access.policy import visible
from crm.i18n.labels import labelled
from crm.tenancy.models import Membership, Tenant

from . import formats
from .days import check_day
from .widgets import PickSelect, dress

ME = "me"
NOBODY = "nobody"
NOBODY_LABEL = _("Nobody")


@dataclass(frozen=True, slots=True)
class Asker:
    """Who filters: stands where django-filter expects a request, so that a task can filter too."""

    membership: Membership

    @property
    def tenant(self) -> Tenant:
        return self.membership.tenant


def members_of(tenant: Tenant) -> QuerySet:
    """The people who work in the tenant now, by name."""
    return (
        get_user_model()
        .objects.filter(is_active=True, memberships__tenant=tenant, memberships__is_active=True)
        .order_by("name", "email")
    )


class _MemberIterator(ModelChoiceIterator):
    def __iter__(self):
        choices = super().__iter__()
        yield next(choices)
        yield ME, _("Me")
        yield from choices


class _MemberField(ModelChoiceField):
    iterator = _MemberIterator

    def __init__(self, *args, me=None, **kwargs):
        self.me = me
        super().__init__(*args, **kwargs)

    def to_python(self, value):
        return self.me if value == ME else super().to_python(value)


class MemberFilter(django_filters.ModelChoiceFilter):
    """A person of the tenant. `?owner=me` is whoever looks, so a view shared with all means each one's own."""

    field_class = _MemberField

    def __init__(self, *args, nobody: str | Promise | None = NOBODY_LABEL, **kwargs):
        kwargs.setdefault("queryset", lambda asker: members_of(asker.tenant))
        super().__init__(*args, null_label=nobody, null_value=NOBODY, **kwargs)

    @property
    def field(self):
        self.extra["me"] = self.parent.request.membership.user
        return super().field


class RelatedFilter(django_filters.ModelChoiceFilter):
    """Another record, out of those that the member sees. Only for kinds with few records: it lists them."""

    def __init__(self, model: type[Model], *args, **kwargs):
        kwargs.setdefault("queryset", lambda asker: visible(asker.membership, model))
        super().__init__(*args, **kwargs)


class RecordFilter(RelatedFilter):
    """Another record out of a kind with very many: chosen by typing, or given by a link (`?customer=7`)."""

    def __init__(self, model: type[Model], *args, **kwargs):
        super().__init__(model, *args, **{"widget": PickSelect} | kwargs)


class TagFilter(RelatedFilter):
    """Rows with a tag. `link`: the model of the link table; `source`, `target`: its keys to the row and to the tag."""

    def __init__(self, tag: type[Model], *, link: type[Model], source: str, target: str = "tag", **kwargs):
        self._link, self._source, self._target = link, source, target
        super().__init__(tag, **kwargs)

    def filter(self, qs, value):
        if not value:
            return qs
        # Exists and not a join: the row comes once, and both sides carry the tenant (SCALE_OUT.md rule 11).
        linked = self._link._default_manager.filter(
            **{"tenant_id": OuterRef("tenant_id"), f"{self._source}_id": OuterRef("pk"), f"{self._target}_id": value.pk}
        )
        return qs.filter(Exists(linked))


class ChoicesFilter(django_filters.ChoiceFilter):
    """One of the field's choices."""


class PrefixFilter(django_filters.CharFilter):
    """Text that begins with what is typed: the only match in text that a plain index serves (DATA_DESIGN.md, 4)."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, lookup_expr="prefix", **kwargs)


class YesNoFilter(django_filters.ChoiceFilter):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, choices=[("yes", _("Yes")), ("no", _("No"))], **kwargs)

    def filter(self, qs, value):
        return qs.filter(**{self.field_name: value == "yes"}) if value else qs


class FilledFilter(YesNoFilter):
    """Whether the field has a value at all."""

    def filter(self, qs, value):
        return qs.filter(**{f"{self.field_name}__isnull": value == "no"}) if value else qs


class _DaysWidget(SuffixedMultiWidget):
    suffixes = ["from", "to"]

    def __init__(self, attrs=None):
        labels = (_("First day"), _("Last day"))
        super().__init__([forms.DateInput({"aria-label": label}) for label in labels], attrs)

    def decompress(self, value):
        return [value.start, value.stop] if value else [None, None]


class _DaysField(RangeField):
    widget = _DaysWidget

    def __init__(self, *args, **kwargs):
        super().__init__((forms.DateField(), forms.DateField()), *args, **kwargs)

    def clean(self, value):
        days = super().clean(value)
        for day in (days.start, days.stop) if days else ():
            if day:
                check_day(day)
        if days and days.start and days.stop and days.stop < days.start:
            raise ValidationError(_("The last day lies before the first one."))
        return days


class DayRangeFilter(django_filters.Filter):
    """`?<name>_from=` and `?<name>_to=`, both days included; for a moment, days of the person's time zone."""

    field_class = _DaysField

    def filter(self, qs, value: slice | None):
        if not value:
            return qs
        field = self.model._meta.get_field(self.field_name)
        is_moment = isinstance(field, models.DateTimeField)
        if value.start:
            qs = qs.filter(**{f"{self.field_name}__gte": _begin(value.start) if is_moment else value.start})
        if value.stop:
            # Up to where the next day begins: a day that has its last hour twice ends with the second one.
            last = {"lt": _begin(value.stop + timedelta(days=1))} if is_moment else {"lte": value.stop}
            qs = qs.filter(**{f"{self.field_name}__{lookup}": bound for lookup, bound in last.items()})
        return qs


def _begin(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))


@dataclass(frozen=True, slots=True)
class Chip:
    """A filter that is on, in words, and the parameters to leave out when it is taken off."""

    label: str
    value: str
    parameters: list[str]


class TenantFilterSet(django_filters.FilterSet):
    """Filters for one member's list. Only those that are in the address are built: each may ask the database."""

    # Filters that an index serves alone. With another, or with two at once, counting is left to a second request.
    quick: ClassVar[Collection[str]] = frozenset()

    filters: dict[str, django_filters.Filter]

    def __init__(self, data: QueryDict, queryset: QuerySet, *, membership: Membership, whole: bool = False):
        # As django-filter does, but without copying the filters that nobody asks for: that took longer than the rows.
        self.is_bound, self.data, self.queryset = True, data, queryset
        self.request, self.form_prefix = Asker(membership), None
        names = self.base_filters if whole else self.active(data)
        self.filters = {name: copy.deepcopy(self.base_filters[name]) for name in names}
        for item in self.filters.values():
            item.model, item.parent = queryset.model, self

    @classmethod
    def add(cls, name: str, item: django_filters.Filter) -> None:
        """A filter that a later app brings to the list of an earlier one; called in its `ready()`."""
        item.field_name = item.field_name or name
        cls.base_filters[name] = cls.declared_filters[name] = item

    @classmethod
    def parameters(cls) -> Mapping[str, str]:
        """{parameter of the address: filter}; two parameters for a range."""
        return {parameter: name for name, item in cls.base_filters.items() for parameter in _parameters(name, item)}

    @classmethod
    def active(cls, data: QueryDict) -> list[str]:
        """The filters that have a value in the address."""
        known = cls.parameters()
        given = {known[key] for key in data if key in known and any(data.getlist(key))}
        return [name for name in cls.base_filters if name in given]

    @property
    def counts_quickly(self) -> bool:
        return len(self.filters) == 0 or (len(self.filters) == 1 and set(self.filters) <= set(self.quick))

    def get_form_class(self):
        form = super().get_form_class()
        for field in form.base_fields.values():
            field.required = False
            if getattr(field, "empty_label", None):
                field.empty_label = _("Any")
            dress(field)
        return form

    @property
    def chips(self) -> list[Chip]:
        cleaned = self.form.cleaned_data if self.form.is_valid() else {}
        return [
            Chip(
                str(self.form.fields[name].label),
                in_words(self.form.fields[name], value),
                _parameters(name, self.filters[name]),
            )
            for name, value in cleaned.items()
            if value not in (None, "", [])
        ]

    @property
    def problems(self) -> Iterable[str]:
        return [labelled(self.form.fields[name].label, " ".join(errors)) for name, errors in self.errors.items()]


def _parameters(name: str, item: django_filters.Filter) -> list[str]:
    return [f"{name}_from", f"{name}_to"] if isinstance(item, DayRangeFilter) else [name]


def in_words(field: forms.Field, value: Any) -> str:
    if hasattr(field, "in_words"):
        return str(field.in_words(value))
    if isinstance(value, slice):
        if value.start and value.stop:
            return f"{formats.day(value.start)} – {formats.day(value.stop)}"
        if value.start:
            return gettext("from %(day)s") % {"day": formats.day(value.start)}
        return gettext("until %(day)s") % {"day": formats.day(value.stop)}
    if isinstance(value, list | tuple | QuerySet):
        return ", ".join(in_words(field, item) for item in value)
    if isinstance(value, Model):
        return str(value)
    null_label = getattr(field, "null_label", None)
    if null_label and value == getattr(field, "null_value", None):
        return str(null_label)
    # A field over a model's records has no small set of choices to look in.
    choices = {} if isinstance(field, forms.ModelChoiceField) else dict(getattr(field, "choices", ()))
    return str(choices.get(value, value))
