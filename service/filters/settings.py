from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from crm.pages.filters import RelatedFilter, TenantFilterSet

from ..models import BusinessCalendar, SpecialDay


class SpecialDayFilter(TenantFilterSet):
    calendar = RelatedFilter(BusinessCalendar, label=_("Business calendar"))

    class Meta:
        model = SpecialDay
        fields: list[str] = []
