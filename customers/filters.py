import django_filters
from django import forms
from django.utils.translation import gettext_lazy as _

from crm.pages.filters import (
    ChoicesFilter,
    DayRangeFilter,
    FilledFilter,
    MemberFilter,
    PrefixFilter,
    RelatedFilter,
    TagFilter,
    TenantFilterSet,
    YesNoFilter,
)

from .choices import ActivityKind, CustomerKind, CustomerLevel, CustomerSource, CustomerStage
from .models import Activity, Contact, Customer, CustomerTag, Tag
from .search import filter_by_search, filter_contacts_by_search


class CustomerFilter(TenantFilterSet):
    q = django_filters.CharFilter(label=_("Search"), method="search")
    stage = ChoicesFilter(label=_("Stage"), choices=CustomerStage.choices)
    owner = MemberFilter(label=_("Owner"))
    tag = TagFilter(Tag, label=_("Tag"), link=CustomerTag, source="customer")
    level = ChoicesFilter(label=_("Level"), choices=CustomerLevel.choices)
    kind = ChoicesFilter(label=_("Kind"), choices=CustomerKind.choices)
    source = ChoicesFilter(label=_("Source"), choices=CustomerSource.choices)
    city = PrefixFilter(label=_("City begins with"))
    next_contact_on = DayRangeFilter(label=_("Next contact"))
    planned = FilledFilter(field_name="next_contact_on", label=_("Next contact planned"))
    created_at = DayRangeFilter(label=_("Created"))

    class Meta:
        model = Customer
        fields: list[str] = []

    quick = {"stage", "owner"}

    def search(self, queryset, name, value):
        return filter_by_search(queryset, value)


class ContactFilter(TenantFilterSet):
    q = django_filters.CharFilter(label=_("Search"), method="search")
    customer = RelatedFilter(Customer, label=_("Customer"), widget=forms.HiddenInput)
    is_primary = YesNoFilter(label=_("Main contact"))
    created_at = DayRangeFilter(label=_("Created"))

    class Meta:
        model = Contact
        fields: list[str] = []

    def search(self, queryset, name, value):
        return filter_contacts_by_search(queryset, value)


class ActivityFilter(TenantFilterSet):
    customer = RelatedFilter(Customer, label=_("Customer"), widget=forms.HiddenInput)
    kind = ChoicesFilter(label=_("Kind"), choices=ActivityKind.choices)
    author = MemberFilter(label=_("Author"), nobody=None)
    at = DayRangeFilter(label=_("When"))
    due_on = DayRangeFilter(label=_("Due"))
    done = FilledFilter(field_name="done_at", label=_("Done"))

    class Meta:
        model = Activity
        fields: list[str] = []

    quick = {"author"}
