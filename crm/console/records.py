"""Every tenant model in the admin of its tenant's administrators, without a line in the app."""

from __future__ import annotations

from typing import Any

from django import forms
from django.apps import apps
from django.contrib import admin
from django.contrib.auth import get_user_model
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import models
from django.db.models import ForeignObjectRel, Model, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from crm.access.roles import Role
from crm.pages.days import limit_days
from crm.pages.ids import is_id
from crm.search.tokens import name_sort
from crm.tenancy.base import MemberForeignKey, TenantForeignKey, TenantModel
from crm.tenancy.context import current_tenant_id

from .lists import CappedPaginator, IndexedChangeList, leading_fields

# Where no text is indexed, the search box finds by number alone.
BY_NUMBER = "id__exact"
_SHOWN_FIELDS = 5
_MOST_RELATED = 1_000


class RecordForm(forms.ModelForm):
    """Refuses to write over what somebody else has changed since the form was opened."""

    seen_version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.fields["seen_version"].initial = getattr(self.instance, "version", None)
        for field in self.fields.values():
            limit_days(field)

    def clean(self):
        cleaned = super().clean()
        if self.instance.pk is not None and hasattr(self.instance, "version"):
            # The lock comes first: nothing may change between the comparing and the saving.
            now = type(self.instance)._default_manager.select_for_update().filter(pk=self.instance.pk)
            if now.values_list("version", flat=True).first() != self.cleaned_data.get("seen_version"):
                raise ValidationError(
                    _("Somebody has changed this since you opened it. Open it again, then make your change."),
                    code="stale",
                )
        return cleaned

    def validate_unique(self) -> None:
        """Every unique constraint begins with the tenant: no field of the form, so Django would skip them all."""
        super().validate_unique()
        self.instance.tenant_id = current_tenant_id()
        try:
            excluded = self._get_validation_exclusions()  # type: ignore[attr-defined]  # the stubs leave it out
            self.instance.validate_constraints(exclude=excluded - {"tenant"})
        except ValidationError as error:
            # Of the whole record: the tenant is no field of the form.
            self.add_error(None, error.messages)


class RecordAdmin(admin.ModelAdmin):
    """One tenant model. An app that wants more subclasses this in its admin.py and registers it with tenant_site."""

    form = RecordForm
    paginator = CappedPaginator
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    list_per_page = 50
    list_max_show_all = 50
    ordering = ("-pk",)

    # Rights: the site lets only administrators in. What the trail does not record, nobody changes by hand.

    def _is_open(self, request: HttpRequest) -> bool:
        membership = getattr(request, "membership", None)
        return membership is not None and membership.has_role(Role.ADMIN)

    def has_module_permission(self, request):
        return self._is_open(request)

    def has_view_permission(self, request, obj=None):
        return self._is_open(request)

    def has_add_permission(self, request):
        return self._is_open(request) and not (self.model.not_audited or self.model.settled_fields)

    def has_change_permission(self, request, obj=None):
        return self._is_open(request) and not self.model.not_audited

    def has_delete_permission(self, request, obj=None):
        return self._is_open(request) and not self.model.not_audited

    def _get_obj_does_not_exist_redirect(self, request, opts, object_id):
        """Not there is 404, as on every page; Django would lead to the index and say it there."""
        raise Http404

    # Lists

    def get_changelist(self, request, **kwargs):
        return IndexedChangeList

    def get_actions(self, request):
        # "Delete selected" would read every record that goes along, one by one.
        return {}

    def lookup_allowed(self, lookup, value, request):
        """What the list offers as a filter. Django would take any field, with or without an index."""
        return lookup.removesuffix("__exact") in self.list_filter

    def get_search_results(self, request, queryset, search_term):
        """By what the indexes can begin with, and by number. Names are kept in pinyin, the rest in lower case."""
        term = search_term.strip()
        if not term:
            return queryset, False
        spellings = {term, term.lower(), name_sort(term)}
        found = Q()
        for field in self.get_search_fields(request):
            for spelling in spellings if field != BY_NUMBER else ():
                found |= Q(**{field: spelling})
        if term.isdecimal() and len(term) < 19:
            found |= Q(pk=int(term))
        return (queryset.filter(found) if found else queryset.none()), False

    # Forms

    def get_readonly_fields(self, request, obj=None):
        return (*super().get_readonly_fields(request, obj), *self.model.settled_fields)

    def get_fields(self, request, obj=None):
        shown = super().get_fields(request, obj)
        is_compared = obj is not None and hasattr(obj, "version") and self.has_change_permission(request, obj)
        return shown if is_compared else [name for name in shown if name != "seen_version"]

    def get_changeform_initial_data(self, request):
        """From the address. A record is named by its number: the widgets would look for anything else all the same."""
        initial = super().get_changeform_initial_data(request)
        keys = {field.name for field in self.opts.concrete_fields if field.is_relation}
        return {name: value for name, value in initial.items() if name not in keys or is_id(str(value))}

    def formfield_for_foreignkey(self, db_field, request, **kwargs):
        if isinstance(db_field, MemberForeignKey):
            people = get_user_model().objects.filter(memberships__tenant=request.tenant)
            kwargs["queryset"] = people.order_by("name", "email")
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def save_model(self, request, obj, form, change):
        if change and hasattr(obj, "version"):
            obj.version += 1
        if hasattr(obj, "updated_at"):
            obj.updated_at = timezone.now()
        super().save_model(request, obj, form, change)

    def get_deleted_objects(self, objs, request):
        """What goes along, in numbers: Django's way would read and list every row."""
        going: list[str] = []
        in_the_way: list[str] = []
        for obj in objs:
            going.append(f"{capfirst(self.opts.verbose_name)}: {obj}")
            for relation in _pointing_to(obj):
                count = relation.related_model._base_manager.filter(**{relation.field.name: obj})[
                    :_MOST_RELATED
                ].count()
                if not count:
                    continue
                said = f"{capfirst(relation.related_model._meta.verbose_name_plural)}: {_capped(count)}"
                if relation.on_delete is models.PROTECT:
                    in_the_way.append(said)
                elif relation.on_delete is models.CASCADE:
                    going.append(said)
        return going, {str(self.opts.verbose_name_plural): len(going)}, set(), in_the_way

    # Django's own log is one table for all tenants; the audit trail tells more, and in the tenant.

    def log_addition(self, request, obj, message):
        return None

    def log_change(self, request, obj, message):
        return None

    def log_deletions(self, request, queryset):
        return None

    def history_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        if self.model.not_audited:
            raise PermissionDenied
        if self.get_object(request, object_id) is None:
            raise Http404
        return redirect(reverse("audit:history", args=[self.opts.label_lower, int(object_id)]))

    def view_on_site(self, obj: Model) -> str | None:
        get_absolute_url = getattr(obj, "get_absolute_url", None)
        return get_absolute_url() if get_absolute_url else None


def _pointing_to(obj: Model) -> list[ForeignObjectRel]:
    """Also the relations that have no name on this side: what they protect cannot be deleted either."""
    relations = obj._meta.get_fields(include_hidden=True)
    return [one for one in relations if isinstance(one, ForeignObjectRel) and (one.one_to_many or one.one_to_one)]


def _capped(count: int) -> str:
    return f"{_MOST_RELATED}+" if count == _MOST_RELATED else str(count)


def register(site: admin.AdminSite) -> None:
    """Register every tenant model that no app has registered itself."""
    for model in apps.get_models():
        if issubclass(model, TenantModel) and not model._meta.proxy and not site.is_registered(model):
            site.register(model, RecordAdmin, **_options_for(model))


def _options_for(model: type[TenantModel]) -> dict[str, Any]:
    indexed = {field.name: field for field in leading_fields(model)}
    shown = [field for field in model._meta.concrete_fields if _is_short(field)][:_SHOWN_FIELDS]
    keys = [field for field in model._meta.concrete_fields if isinstance(field, TenantForeignKey) and field.editable]
    return {
        "list_display": ("__str__", *(field.name for field in shown), "id"),
        "list_select_related": tuple(_joined(model, shown)),
        "sortable_by": ("id", *(name for name in indexed if name in {field.name for field in shown})),
        "list_filter": tuple(name for name, field in indexed.items() if field.choices),
        "search_fields": tuple(f"{name}__prefix" for name, field in indexed.items() if _is_text(field)) or (BY_NUMBER,),
        "raw_id_fields": tuple(field.name for field in keys if not _is_searchable(field.related_model)),
        "autocomplete_fields": tuple(field.name for field in keys if _is_searchable(field.related_model)),
    }


def _joined(model: type[Model], shown: list[models.Field]) -> set[str]:
    """The keys that a row's line may look through: those shown, and those that __str__ may name."""
    keys = [field for field in model._meta.concrete_fields if isinstance(field, TenantForeignKey)]
    return {field.name for field in [*keys, *shown] if field.is_relation}


def _is_text(field: models.Field) -> bool:
    return isinstance(field, models.CharField | models.TextField) and not field.choices and not field.generated


def _is_short(field: models.Field) -> bool:
    if field.name in {"id", "tenant", "version", "name", "name_sort"} or field.primary_key or field.generated:
        return False
    kinds = models.CharField | models.BooleanField | models.IntegerField | models.DateField | models.ForeignKey
    return isinstance(field, kinds)


def _is_searchable(model: type[Model]) -> bool:
    return any(_is_text(field) for field in leading_fields(model))
