import django_filters
from django.utils.translation import gettext_lazy as _

from crm.pages.filters import ChoicesFilter, DayRangeFilter, MemberFilter, RecordFilter, TenantFilterSet
from customers.models import Customer

from ..choices.quotes import QuoteStatus
from ..document_search import filter_quotes_by_search
from ..models import Deal, Quote


class QuoteFilter(TenantFilterSet):
    q = django_filters.CharFilter(label=_("Search"), method="search")
    status = ChoicesFilter(label=_("Status"), choices=QuoteStatus.choices)
    owner = MemberFilter(label=_("Owner"))
    customer = RecordFilter(Customer, label=_("Customer"))
    deal = RecordFilter(Deal, label=_("Deal"))
    issued_on = DayRangeFilter(label=_("Date"))
    expires_on = DayRangeFilter(label=_("Valid until"))

    class Meta:
        model = Quote
        fields: list[str] = []

    quick = {"status", "owner", "customer", "deal"}

    def search(self, queryset, name, value):
        return filter_quotes_by_search(queryset, value)
