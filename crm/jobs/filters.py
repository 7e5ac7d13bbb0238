from django.utils.translation import gettext_lazy as _

from crm.pages.filters import ChoicesFilter, DayRangeFilter, MemberFilter, TenantFilterSet

from .choices import JobState
from .models import Job


class JobFilter(TenantFilterSet):
    state = ChoicesFilter(label=_("State"), choices=JobState.choices)
    user = MemberFilter(label=_("Started by"), nobody=_("The product itself"))
    created_at = DayRangeFilter(label=_("Created"))

    class Meta:
        model = Job
        fields: list[str] = []

    quick = {"state", "user"}
