import django_filters
from django import forms
from django.utils.translation import gettext_lazy as _

from crm.pages.filters import ChoicesFilter, DayRangeFilter, MemberFilter, TenantFilterSet

from .choices import Action
from .models import AuditEntry
from .words import kind_choices


class WholeNumberFilter(django_filters.Filter):
    field_class = forms.IntegerField


class AuditFilter(TenantFilterSet):
    actor = MemberFilter(label=_("Who"), nobody=_("The system"))
    action = ChoicesFilter(label=_("Action"), choices=Action.choices)
    kind = ChoicesFilter(label=_("Kind"), choices=kind_choices)
    object_id = WholeNumberFilter(label=_("Number"))
    at = DayRangeFilter(label=_("When"))

    class Meta:
        model = AuditEntry
        fields: list[str] = []

    quick = {"actor"}
