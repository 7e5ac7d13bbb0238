"""Kinds of traits: what one may ask of a customer, by which input, and the condition that the database answers.

Conditions use what an index serves under row-level security: equality, order and prefix of plain columns, and Exists.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Count, Exists, Model, OuterRef, Q
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from crm.access.policy import policies, visible
from crm.pages import formats
from crm.pages.amounts import MoneyField
from crm.pages.days import check_day
from crm.pages.filters import members_of
from crm.pages.forms import LineField
from crm.tenancy.base import TenantModel
from crm.tenancy.models import Membership, Tenant

Words = str | Promise
# A condition on the columns of another table → one on the customer.
Through = Callable[[Q], Q]

GENERAL = _("Customer")
MOST_DAYS = 36_500


class Operator(models.TextChoices):
    IN = "in", _("is one of")
    NOT_IN = "not_in", _("is none of")
    IS = "is", _("is")
    IS_NOT = "is_not", _("is not")
    BEGINS = "begins", _("begins with")
    WITHIN = "within", _("in the last … days")
    NOT_WITHIN = "not_within", _("not in the last … days")
    FROM = "from", _("on or after")
    UNTIL = "until", _("on or before")
    AT_LEAST = "at_least", _("at least")
    AT_MOST = "at_most", _("at most")
    FILLED = "filled", _("is known")
    EMPTY = "empty", _("is not known")


ALONE = {Operator.FILLED, Operator.EMPTY}


@dataclass(frozen=True, slots=True)
class Asked:
    """For whom and when conditions are asked. Days are the tenant's: a segment means the same to everybody."""

    tenant: Tenant
    today: date

    @classmethod
    def now(cls, tenant: Tenant, moment: datetime) -> Asked:
        return cls(tenant, moment.astimezone(ZoneInfo(tenant.time_zone)).date())

    def begin_of(self, day: date) -> datetime:
        return datetime.combine(day, time.min, ZoneInfo(self.tenant.time_zone))


def of(model: type[TenantModel], customer: str = "customer", **only: Any) -> Through:
    """That there is a row of `model` for the customer for which the condition holds. `customer` is the row's key."""

    def through(condition: Q) -> Q:
        mine = {"tenant_id": OuterRef("tenant_id"), f"{customer}_id": OuterRef("pk")}
        return Q(Exists(model.objects.filter(condition, **mine, **only)))

    return through


def counted(model: type[TenantModel], customer: str = "customer", **only: Any) -> Through:
    """That the customer has so many rows of `model`: a condition on `row_count`, which is at least one."""

    def through(condition: Q) -> Q:
        rows = model.objects.filter(**{f"{customer}__isnull": False}, **only).order_by().values(f"{customer}_id")
        # Grouped once and looked up, where Exists would count anew for each customer.
        return Q(pk__in=rows.annotate(row_count=Count("pk")).filter(condition).values(f"{customer}_id"))

    return through


def _itself(condition: Q) -> Q:
    return condition


class Trait:
    """`name` is kept with segments; `column` is the customer's, or that of the table `through` leads to."""

    operators: Sequence[Operator] = ()

    def __init__(self, name: str, label: Words, column: str, *, group: Words = GENERAL, through: Through | None = None):
        self.name, self.label, self.column, self.group = name, label, column, group
        self.through = through or _itself
        self.is_elsewhere = through is not None

    def field(self, operator: str, membership: Membership) -> forms.Field | None:
        """The input for the value; None when the operator says it all."""
        return None if operator in ALONE else self.input(operator, membership)

    def input(self, operator: str, membership: Membership) -> forms.Field:
        raise NotImplementedError

    def to_json(self, value: Any) -> Any:
        return value

    def from_json(self, value: Any) -> Any:
        """What the input shows. Raises ValueError or TypeError for what this trait never wrote."""
        return value

    def condition(self, operator: str, value: Any, asked: Asked) -> Q:
        if operator == Operator.FILLED:
            return self._has(self.filled())
        if operator == Operator.EMPTY:
            return ~self._has(self.filled()) if self.is_elsewhere else self.empty()
        return self.compare(operator, value, asked)

    def compare(self, operator: str, value: Any, asked: Asked) -> Q:
        raise NotImplementedError

    def filled(self) -> Q:
        return Q(**{f"{self.column}__isnull": False})

    def empty(self) -> Q:
        return Q(**{f"{self.column}__isnull": True})

    def _has(self, condition: Q) -> Q:
        return self.through(condition)

    def value_in_words(self, value: Any, tenant: Tenant) -> str:
        return str(value)

    def in_words(self, operator: str, value: Any, tenant: Tenant) -> str:
        said = Operator(operator).label
        if operator in ALONE:
            return f"{self.label} {said}"
        shown = self.value_in_words(value, tenant)
        return f"{self.label} {str(said).replace('…', shown)}" if "…" in str(said) else f"{self.label} {said} {shown}"


class ChoiceTrait(Trait):
    """One of few values."""

    operators: Sequence[Operator] = (Operator.IN, Operator.NOT_IN)

    def __init__(self, name: str, label: Words, column: str, choices: Iterable[tuple[Any, Words]], **options: Any):
        super().__init__(name, label, column, **options)
        self.choices = [(str(value), words) for value, words in choices if value != ""]

    def input(self, operator, membership):
        return forms.MultipleChoiceField(choices=self.choices, widget=forms.CheckboxSelectMultiple)

    def from_json(self, value):
        known = {key for key, _words in self.choices}
        return [one for one in value if one in known]

    def compare(self, operator, value, asked):
        among = self._has(Q(**{f"{self.column}__in": self.from_json(value)}))
        return among if operator == Operator.IN else ~among

    def value_in_words(self, value, tenant):
        words = dict(self.choices)
        return ", ".join(str(words.get(one, one)) for one in value)


class TextTrait(Trait):
    operators: Sequence[Operator] = (Operator.IS, Operator.BEGINS, Operator.IS_NOT, Operator.FILLED, Operator.EMPTY)

    def input(self, operator, membership):
        return LineField(max_length=120)

    def filled(self):
        return ~Q(**{self.column: ""})

    def empty(self):
        return Q(**{self.column: ""})

    def compare(self, operator, value, asked):
        if operator == Operator.BEGINS:
            return self._has(Q(**{f"{self.column}__prefix": str(value)}))
        same = self._has(Q(**{self.column: str(value)}))
        return ~same if operator == Operator.IS_NOT else same

    def value_in_words(self, value, tenant):
        return f"“{value}”"


class FilledTrait(TextTrait):
    """Whether there is a value at all: an e-mail address, a telephone number."""

    operators: Sequence[Operator] = (Operator.FILLED, Operator.EMPTY)


class DayTrait(Trait):
    """A day, or a moment of which the day counts. What never was is “not in the last … days” too."""

    operators: Sequence[Operator] = (
        Operator.WITHIN,
        Operator.NOT_WITHIN,
        Operator.FROM,
        Operator.UNTIL,
        Operator.FILLED,
        Operator.EMPTY,
    )

    def __init__(
        self, name: str, label: Words, column: str, *, is_moment: bool = False, is_always: bool = False, **options: Any
    ):
        super().__init__(name, label, column, **options)
        self.is_moment, self.is_always = is_moment, is_always
        if is_always:
            self.operators = self.operators[:4]

    def input(self, operator, membership):
        if operator in (Operator.WITHIN, Operator.NOT_WITHIN):
            return forms.IntegerField(min_value=1, max_value=MOST_DAYS, widget=forms.NumberInput({"class": "gx-short"}))
        return forms.DateField(validators=[check_day])

    def to_json(self, value):
        return value.isoformat() if isinstance(value, date) else value

    def from_json(self, value):
        return date.fromisoformat(value) if isinstance(value, str) else int(value)

    def compare(self, operator, value, asked):
        value = self.from_json(value)
        if operator in (Operator.WITHIN, Operator.NOT_WITHIN):
            recent = self._from(asked.today - timedelta(days=min(int(value), MOST_DAYS)), asked)
            if operator == Operator.WITHIN:
                return self._has(recent)
            # Written out, and not as NOT: so an index serves it.
            return ~self._has(recent) if self.is_elsewhere else self._never() | self._before(value, asked)
        if operator == Operator.FROM:
            return self._has(self._from(value, asked))
        return self._has(self._until(value, asked))

    def _never(self) -> Q:
        return Q() if self.is_always else self.empty()

    def _before(self, days: int, asked: Asked) -> Q:
        first = asked.today - timedelta(days=min(days, MOST_DAYS))
        return Q(**{f"{self.column}__lt": asked.begin_of(first) if self.is_moment else first})

    def _from(self, day: date, asked: Asked) -> Q:
        return Q(**{f"{self.column}__gte": asked.begin_of(day) if self.is_moment else day})

    def _until(self, day: date, asked: Asked) -> Q:
        if self.is_moment:
            return Q(**{f"{self.column}__lt": asked.begin_of(day + timedelta(days=1))})
        return Q(**{f"{self.column}__lte": day})

    def value_in_words(self, value, tenant):
        shown = self.from_json(value)
        return formats.day(shown) if isinstance(shown, date) else formats.number(shown)


class LastDayTrait(DayTrait):
    """The latest of the days in another table: “on or before” asks that there is none after it."""

    def compare(self, operator, value, asked):
        found = super().compare(operator, value, asked)
        if operator != Operator.UNTIL:
            return found
        return found & ~self._has(self._from(self.from_json(value) + timedelta(days=1), asked))


class CountTrait(Trait):
    """A whole number from 0 on. Of another table: a customer without a row there counts as 0."""

    operators: Sequence[Operator] = (Operator.AT_LEAST, Operator.AT_MOST)

    def input(self, operator, membership):
        least = 1 if operator == Operator.AT_LEAST else 0
        return forms.IntegerField(min_value=least, max_value=10**9, widget=forms.NumberInput({"class": "gx-short"}))

    def from_json(self, value):
        return int(value)

    def compare(self, operator, value, asked):
        value = self.from_json(value)
        if operator == Operator.AT_LEAST:
            return self._has(Q(**{f"{self.column}__gte": value}))
        if self.is_elsewhere:
            return ~self._has(Q(**{f"{self.column}__gt": value}))
        return Q(**{f"{self.column}__lte": value})

    def value_in_words(self, value, tenant):
        return formats.number(int(value))


class AmountTrait(CountTrait):
    """Money in the tenant's currency: minor units in the database, its decimals in the form."""

    def input(self, operator, membership):
        field = MoneyField(label="", minimum=0)
        field.currency = membership.tenant.currency
        return field

    def value_in_words(self, value, tenant):
        return formats.money(int(value), tenant.currency)


class RecordTrait(Trait):
    """Linked to a record of a kind with few records: a tag, a campaign. `through` leads to the table of links."""

    operators: Sequence[Operator] = (Operator.IS, Operator.IS_NOT)

    def __init__(self, name: str, label: Words, column: str, model: type[TenantModel], **options: Any):
        super().__init__(name, label, column, **options)
        self.model = model

    def input(self, operator, membership):
        seen = visible(membership, self.model) if self.model in policies() else self.model.objects.all()
        return _RecordField(queryset=seen, empty_label=_("Choose…"))

    def to_json(self, value):
        return value.pk if isinstance(value, Model) else value

    def from_json(self, value):
        return int(value)

    def compare(self, operator, value, asked):
        linked = self._has(Q(**{self.column: int(value)}))
        return linked if operator == Operator.IS else ~linked

    def value_in_words(self, value, tenant):
        found = self.model.objects.filter(pk=int(value)).first()
        return f"“{found}”" if found else str(_("(deleted)"))


class MemberTrait(Trait):
    """A person of the tenant, or nobody."""

    operators: Sequence[Operator] = (Operator.IS, Operator.IS_NOT, Operator.FILLED, Operator.EMPTY)

    def input(self, operator, membership):
        return _RecordField(queryset=members_of(membership.tenant), empty_label=_("Choose…"))

    def to_json(self, value):
        return value.pk if isinstance(value, Model) else value

    def from_json(self, value):
        return int(value)

    def compare(self, operator, value, asked):
        same = Q(**{self.column: int(value)})
        if operator == Operator.IS:
            return self._has(same)
        return ~self._has(same) if self.is_elsewhere else self.empty() | ~same

    def value_in_words(self, value, tenant):
        found = members_of(tenant).model.objects.filter(pk=int(value), memberships__tenant=tenant).first()
        return str(found or _("(not a member)"))


class _RecordField(forms.ModelChoiceField):
    def to_python(self, value):
        try:
            return super().to_python(value)
        except (OverflowError, ValueError) as error:
            raise ValidationError(self.error_messages["invalid_choice"], code="invalid_choice") from error
