from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from django.db.models import Q, Sum

from crm.access.policy import policy_for, visible
from crm.tenancy.models import Membership
from marketing.choices import Result
from marketing.models import Campaign, CampaignResult, ResultMonth

from .months import Months
from .reach import sees_all


@dataclass(frozen=True, slots=True)
class CampaignFigures:
    """One campaign; people, not mails: whoever opened it twice opened it."""

    name: str
    sent_count: int
    opened_count: int
    clicked_count: int
    unsubscribed_count: int

    @property
    def open_rate(self) -> float | None:
        return self.opened_count / self.sent_count if self.sent_count else None

    @property
    def click_rate(self) -> float | None:
        return self.clicked_count / self.sent_count if self.sent_count else None


def campaigns_sent(membership: Membership, months: Months, most: int = 8) -> list[CampaignFigures] | None:
    """The campaigns that began last in these months, the earliest of them first."""
    if not policy_for(Campaign).allows(membership, "view"):
        return None
    zone = ZoneInfo(membership.tenant.time_zone)
    begun = visible(membership, Campaign).filter(
        started_at__gte=datetime.combine(months.first, time.min, zone),
        started_at__lt=datetime.combine(months.end, time.min, zone),
    )
    names = ("name", "sent_count", "opened_count", "clicked_count", "unsubscribed_count")
    rows = list(begun.order_by("-started_at", "-id").values_list(*names)[:most])
    return [CampaignFigures(*row) for row in reversed(rows)]


@dataclass(frozen=True, slots=True)
class ResultMonthFigures:
    """What advertisements came to in a month, on whatever channel."""

    month: date
    success_count: int = 0
    failure_count: int = 0


def results_by_month(membership: Membership, months: Months) -> list[ResultMonthFigures] | None:
    if not sees_all(membership, CampaignResult):
        return None
    rows = (
        ResultMonth.objects.filter(month__gte=months.first, month__lt=months.end)
        .order_by()
        .values("month")
        .annotate(
            good=Sum("result_count", filter=Q(result=Result.SUCCESS)),
            bad=Sum("result_count", filter=Q(result=Result.FAILURE)),
        )
    )
    found = {row["month"]: ResultMonthFigures(row["month"], row["good"] or 0, row["bad"] or 0) for row in rows}
    return [found.get(month) or ResultMonthFigures(month) for month in months]
