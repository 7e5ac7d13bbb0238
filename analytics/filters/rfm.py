from django.utils.translation import gettext_lazy as _

from crm.pages.filters import ChoicesFilter, DayRangeFilter, RecordFilter, TenantFilterSet
from customers.models import Customer

from ..choices.rfm import RfmSegment
from ..models import CustomerRfm


class CustomerRfmFilter(TenantFilterSet):
    segment = ChoicesFilter(label=_("RFM segment"), choices=RfmSegment.choices)
    last_on = DayRangeFilter(label=_("Last purchase"))
    customer = RecordFilter(Customer, label=_("Customer"))

    class Meta:
        model = CustomerRfm
        fields: list[str] = []

    quick = {"segment", "customer"}
