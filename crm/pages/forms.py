"""Forms whose choices stay inside the tenant, and inside what the member may see.

class CustomerForm(TenantModelForm):
    class Meta:
        model = Customer
        fields = ["name", "phone", "owner"]

    sections = [(_("Who"), ["name", "owner"]), (_("How to reach them"), ["phone"])]
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, cast

from django import forms
from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import BLANK_CHOICE_DASH, Model, Q, QuerySet
from django.forms.models import ModelFormMetaclass
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from crm.access.policy import policies, visible
from crm.tenancy.base import MemberForeignKey, TenantForeignKey
from crm.tenancy.models import Membership, Tenant

from .days import limit_days
from .filters import members_of
from .plain import plain_line
from .registry import list_pages
from .widgets import PickSelect, Typed, dress

if TYPE_CHECKING:
    from .views import ListPage

DASHES = BLANK_CHOICE_DASH[0][1]


class MemberField(forms.ModelChoiceField):
    """A person of the tenant."""


class PickField(forms.ModelChoiceField):
    """Another record. There may be a million, so the page holds only the chosen one and searches as one types.

    Without scripts it takes typed text too: the one record that it finds, else the question which of them.
    """

    widget = PickSelect
    page: ListPage | None = None

    def enter(self, membership: Membership) -> None:
        kind = list_pages.kind_of(cast(QuerySet, self.queryset).model)
        self.page = list_pages[kind].for_member(membership) if kind else None
        self.widget.finds = self.page is not None

    def to_python(self, value):
        return self._found(value) if isinstance(value, Typed) else super().to_python(value)

    def _found(self, text: Typed) -> Model:
        assert self.page is not None
        rows = list(self.page.pick(cast(QuerySet, self.queryset), text)[: PickSelect.few])
        same = [row for row in rows if str(row).casefold() == text.casefold()]
        if len(rows) == 1 or len(same) == 1:
            return (same or rows)[0]
        if not rows:
            raise ValidationError(_("Nothing you may see is found by “%(text)s”."), params={"text": text})
        self.widget.found = rows
        raise ValidationError(_("“%(text)s” finds several. Choose one of them."), params={"text": text})


class LineField(forms.CharField):
    """One line of text, without what came along unseen when it was copied."""

    def to_python(self, value):
        return plain_line(super().to_python(value) or "")


def _form_field(db_field: models.Field, **kwargs: Any) -> forms.Field | None:
    """The form field for a model field. A form class is made while modules load, so no manager is touched here."""
    if isinstance(db_field, models.URLField):
        # What is typed without "https://" is meant so; Django 6 thinks likewise.
        kwargs.setdefault("assume_scheme", "https")
    elif isinstance(db_field, models.CharField) and not db_field.choices:
        kwargs.setdefault("form_class", LineField)
    if not isinstance(db_field, TenantForeignKey | MemberForeignKey):
        return db_field.formfield(**kwargs)
    target = db_field.remote_field.model
    form_class = MemberField if isinstance(db_field, MemberForeignKey) else PickField
    defaults: dict[str, Any] = {"form_class": form_class, "queryset": QuerySet(target).none(), "blank": db_field.blank}
    return models.Field.formfield(db_field, **(defaults | kwargs))


class TenantFormMetaclass(ModelFormMetaclass):
    def __new__(mcs, name, bases, attrs):
        meta = attrs.get("Meta")
        if meta is not None and not hasattr(meta, "formfield_callback"):
            meta.formfield_callback = staticmethod(_form_field)
        return super().__new__(mcs, name, bases, attrs)


@dataclass(frozen=True, slots=True)
class FormSection:
    title: str | Promise
    fields: list[forms.BoundField]


class _InsideTenant:
    """What forms with and without a model share."""

    sections: ClassVar[Sequence[tuple[str | Promise, Sequence[str]]]] = ()
    fields: dict[str, forms.Field]
    tenant: Tenant
    membership: Membership

    def _enter(self, membership: Membership, instance: Model | None = None) -> None:
        self.membership, self.tenant = membership, membership.tenant
        for name, field in self.fields.items():
            if isinstance(field, forms.ModelChoiceField) and field.queryset is not None:
                field.queryset = choices_within(membership, field.queryset.model, _present(instance, name))
            if isinstance(field, PickField):
                field.enter(membership)
            _name_the_empty_choice(field)
            limit_days(field)
            dress(field)

    def laid_out(self) -> list[FormSection]:
        """The visible fields by section; those that no section names come last."""
        left = {bound.name: bound for bound in self.visible_fields()}  # type: ignore[attr-defined]
        laid_out = [
            FormSection(title, [left.pop(name) for name in names if name in left]) for title, names in self.sections
        ]
        rest = [FormSection("", list(left.values()))] if left else []
        return [section for section in laid_out if section.fields] + rest


class TenantForm(_InsideTenant, forms.Form):
    """Input without a model, such as that of an action."""

    def __init__(self, *args, membership: Membership, **kwargs):
        super().__init__(*args, **kwargs)
        self._enter(membership)


class TenantModelForm(_InsideTenant, forms.ModelForm, metaclass=TenantFormMetaclass):
    # What the person saw when they began. EditPage compares it with the row as it is now.
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args, membership: Membership, **kwargs):
        super().__init__(*args, **kwargs)
        self._enter(membership, self.instance)
        if self.instance.pk and hasattr(self.instance, "version"):
            self.initial["version"] = self.instance.version
        else:
            del self.fields["version"]

    def clean(self):
        super().clean()
        self._keep_untouched_moments()
        return self.cleaned_data

    def _keep_untouched_moments(self) -> None:
        """A moment is shown to the minute: sent back as it was shown, it keeps its seconds.

        So it also stays where it is in the hour that a change to winter time has twice, which a form could not tell.
        """
        for bound in self.visible_fields() if self.instance.pk else ():
            if not isinstance(bound.field, forms.DateTimeField) or not bound.initial:
                continue
            if bound.data == bound.field.widget.format_value(bound.field.prepare_value(bound.initial)):
                self.cleaned_data[bound.name] = self.initial[bound.name]
                self.errors.pop(bound.name, None)

    def validate_unique(self) -> None:
        """Every unique constraint begins with the tenant: no field of the form, so Django would skip them all."""
        super().validate_unique()
        self.instance.tenant_id = self.tenant.pk
        try:
            excluded = self._get_validation_exclusions()  # type: ignore[attr-defined]  # the stubs leave it out
            self.instance.validate_constraints(exclude=excluded - {"tenant"})
        except ValidationError as error:
            self._update_errors(error)  # type: ignore[attr-defined]  # the stubs leave it out

    def field_names(self) -> list[str]:
        """The model's fields that this form sets."""
        own = {field.name for field in self.instance._meta.concrete_fields}
        return [name for name in self.fields if name in own and name != "version"]


def choices_within(membership: Membership, model: type[Model], present: Any = None) -> QuerySet:
    """What a member may choose: people of the tenant, records they see; and what is chosen already.

    Somebody who left, or a record out of sight, stays where it is when another field of the row is changed.
    """
    if model is get_user_model():
        people = members_of(membership.tenant)
        if present is None:
            return people
        ids = people.order_by().values("pk")
        return model._default_manager.filter(Q(pk__in=ids) | Q(pk=present)).order_by("name", "email")
    if model not in policies():
        return model._default_manager.all()
    seen = visible(membership, model)
    if present is None:
        return seen
    return model._default_manager.filter(Q(pk__in=seen.order_by().values("pk")) | Q(pk=present))


def _name_the_empty_choice(field: forms.Field) -> None:
    """Words instead of Django's dashes, where the field does not bring its own."""
    empty = _("Choose…") if field.required else _("Not set")
    if isinstance(field, forms.ModelChoiceField):
        if field.empty_label == DASHES:
            field.empty_label = empty
    elif isinstance(field, forms.ChoiceField):
        choices: Any = field.choices
        field.choices = [(value, empty if label == DASHES else label) for value, label in choices]


def _present(instance: Model | None, name: str) -> Any:
    if instance is None or instance.pk is None:
        return None
    return getattr(instance, f"{name}_id", None)


def errors_in_order(form: forms.BaseForm) -> Iterable[tuple[forms.BoundField | None, str]]:
    """(field, message) for the summary on top, in the order of the page; what concerns no field comes first."""
    for message in form.non_field_errors():
        yield None, str(message)
    for bound in form.visible_fields():
        for message in bound.errors:
            yield bound, str(message)
    # An error in a hidden field can only be said without a place to go to.
    for bound in form.hidden_fields():
        for message in bound.errors:
            yield None, str(message)
