from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from crm.pages.filters import MemberFilter, TenantFilterSet

from ..models import Schedule


class ScheduleFilter(TenantFilterSet):
    owner = MemberFilter(label=_("Owner"), nobody=None)

    class Meta:
        model = Schedule
        fields: list[str] = []

    quick = {"owner"}
