import django_filters
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from crm.pages.filters import DayRangeFilter, PrefixFilter, RecordFilter, TenantFilterSet
from customers.models import Customer

from ..models import Product, Transaction

SOLD, RETURNED = "sold", "returned"


class TransactionFilter(TenantFilterSet):
    q = django_filters.CharFilter(label=_("Invoice number"), method="search")
    customer = RecordFilter(Customer, label=_("Customer"))
    product = RecordFilter(Product, label=_("Product"))
    at = DayRangeFilter(label=_("When"))
    kind = django_filters.ChoiceFilter(
        label=_("Kind"), choices=[(SOLD, _("Purchases")), (RETURNED, _("Returns"))], method="of_kind"
    )
    city = PrefixFilter(label=_("City begins with"))
    country = PrefixFilter(label=_("Country begins with"))

    class Meta:
        model = Transaction
        fields: list[str] = []

    quick = {"customer", "product", "at"}

    def search(self, queryset, name, value):
        """The beginning of an invoice's number: all its lines are found."""
        return queryset.filter(~Q(reference=""), reference__prefix=value.strip())

    def of_kind(self, queryset, name, value):
        return queryset.filter(amount__lt=0) if value == RETURNED else queryset.filter(amount__gte=0)
