import django_filters
from django.utils.translation import gettext_lazy as _

from crm.pages.filters import ChoicesFilter, DayRangeFilter, MemberFilter, PrefixFilter, TenantFilterSet
from customers.choices import CustomerSource

from ..choices.leads import DiscardReason, LeadStatus
from ..models import Lead
from ..search import filter_leads_by_search


class LeadFilter(TenantFilterSet):
    q = django_filters.CharFilter(label=_("Search"), method="search")
    status = ChoicesFilter(label=_("Status"), choices=LeadStatus.choices)
    owner = MemberFilter(label=_("Owner"))
    source = ChoicesFilter(label=_("Source"), choices=CustomerSource.choices)
    city = PrefixFilter(label=_("City begins with"))
    next_contact_on = DayRangeFilter(label=_("Next contact"))
    discard_reason = ChoicesFilter(label=_("Why discarded"), choices=DiscardReason.choices)
    created_at = DayRangeFilter(label=_("Created"))

    class Meta:
        model = Lead
        fields: list[str] = []

    quick = {"status", "owner"}

    def search(self, queryset, name, value):
        return filter_leads_by_search(queryset, value)
