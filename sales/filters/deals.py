import django_filters
from django.utils.translation import gettext_lazy as _

from crm.pages.filters import (
    ChoicesFilter,
    DayRangeFilter,
    MemberFilter,
    RecordFilter,
    RelatedFilter,
    TenantFilterSet,
)
from customers.models import Customer

from ..choices.pipelines import DealStatus
from ..models import Deal, LostReason, Pipeline, Product, Stage
from ..search import filter_deals_by_search


class DealFilter(TenantFilterSet):
    q = django_filters.CharFilter(label=_("Search"), method="search")
    status = ChoicesFilter(label=_("Status"), choices=DealStatus.choices)
    owner = MemberFilter(label=_("Owner"))
    pipeline = RelatedFilter(Pipeline, label=_("Pipeline"))
    stage = RelatedFilter(Stage, label=_("Stage"))
    customer = RecordFilter(Customer, label=_("Customer"))
    product = RecordFilter(Product, label=_("Product"))
    expected_close_on = DayRangeFilter(label=_("Expected to close"))
    closed_at = DayRangeFilter(label=_("Closed on"))
    lost_reason = RelatedFilter(LostReason, label=_("Lost reason"))

    class Meta:
        model = Deal
        fields: list[str] = []

    quick = {"status", "owner", "stage", "pipeline", "customer", "product", "lost_reason"}

    def search(self, queryset, name, value):
        return filter_deals_by_search(queryset, value)
