import django_filters
from django.utils.translation import gettext_lazy as _

from crm.pages.filters import PrefixFilter, TenantFilterSet, YesNoFilter

from ..document_search import filter_products_by_search
from ..models import Product


class ProductFilter(TenantFilterSet):
    q = django_filters.CharFilter(label=_("Search"), method="search")
    is_active = YesNoFilter(label=_("On sale"))
    category = PrefixFilter(label=_("Category begins with"))
    code = PrefixFilter(label=_("Code begins with"))

    class Meta:
        model = Product
        fields: list[str] = []

    quick = {"is_active", "category", "code"}

    def search(self, queryset, name, value):
        return filter_products_by_search(queryset, value)
