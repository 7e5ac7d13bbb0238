"""What became of a campaign, for its page: counts, links, and openings and clicks over time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Q
from django.db.models.functions import TruncDay, TruncHour
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from crm.pages import formats

from .choices import HitKind, HitSource, SendState
from .models import Campaign, CampaignLink, Send

# Up to so long after its beginning a campaign is shown by the hour, later by the day.
BY_HOUR = timedelta(days=2)
MOST_BARS = 31
LINKS_SHOWN = 20


@dataclass(frozen=True, slots=True)
class Figure:
    """One number with what it is a share of; `state` leads to the recipients behind it."""

    label: str | Promise
    number: int
    of: int = 0
    query: str = ""
    tone: str = ""

    @property
    def share(self) -> str:
        return formats.percent(self.number / self.of) if self.of else ""


@dataclass(frozen=True, slots=True)
class Bar:
    """Openings and clicks of an hour or a day. Heights are of 100."""

    label: str
    opens: int
    clicks: int
    left: int
    open_height: int
    click_height: int

    @property
    def open_top(self) -> int:
        return 100 - self.open_height

    @property
    def click_top(self) -> int:
        return 100 - self.click_height

    @property
    def click_left(self) -> int:
        return self.left + BAR_WIDTH // 2


@dataclass(frozen=True, slots=True)
class Report:
    campaign: Campaign
    reach: list[Figure]
    outcome: list[Figure]
    left_out: list[Figure]
    links: list[CampaignLink]
    bars: list[Bar]
    most: int
    is_by_hour: bool

    @property
    def done(self) -> int:
        return self.campaign.recipient_count - self.campaign.left_count

    @property
    def bars_width(self) -> int:
        return max(FEWEST_BARS, len(self.bars)) * BAR_WIDTH


BAR_WIDTH = 20
# Two bars shall not fill the whole width.
FEWEST_BARS = 14


def read_report(campaign: Campaign) -> Report:
    if campaign.is_under_way:
        # The row is settled every few seconds; whoever looks on sees the ledger itself.
        _look_again(campaign)
    bars, most, is_by_hour = _over_time(campaign)
    sent = campaign.sent_count
    return Report(
        campaign,
        reach=[
            Figure(pgettext_lazy("how many", "Sent"), sent, campaign.recipient_count, "state=sent"),
            Figure(pgettext_lazy("how many", "Opened"), campaign.opened_count, sent, "opened=yes", "blue"),
            Figure(pgettext_lazy("how many", "Clicked"), campaign.clicked_count, sent, "clicked=yes", "green"),
            Figure(
                pgettext_lazy("how many", "Unsubscribed"),
                campaign.unsubscribed_count,
                sent,
                "unsubscribed=yes",
                "purple",
            ),
        ],
        outcome=[
            Figure(pgettext_lazy("how many", "Waiting"), campaign.left_count, 0, "state=queued"),
            Figure(pgettext_lazy("how many", "Came back"), campaign.bounced_count, 0, "state=bounced"),
            Figure(pgettext_lazy("how many", "Not possible"), campaign.failed_count, 0, "state=failed"),
            Figure(pgettext_lazy("how many", "Not known"), campaign.unknown_count, 0, "state=unknown"),
        ],
        left_out=[
            Figure(_("Found in the segment"), campaign.found_count),
            Figure(_("Without an e-mail address"), campaign.without_email_count),
            Figure(_("Address of another customer"), campaign.doubled_count),
            Figure(_("Want no mail"), campaign.suppressed_count, 0, "state=suppressed"),
        ],
        links=list(campaign.links.order_by("-clicked_count", "position")[:LINKS_SHOWN]),
        bars=bars,
        most=most,
        is_by_hour=is_by_hour,
    )


def _look_again(campaign: Campaign) -> None:
    states = Send.objects.by_state(campaign.pk)
    campaign.sent_count = states.get(SendState.SENT, 0)
    campaign.failed_count = states.get(SendState.FAILED, 0)
    campaign.unknown_count = states.get(SendState.UNKNOWN, 0)
    campaign.bounced_count = states.get(SendState.BOUNCED, 0)
    campaign.left_count = campaign.recipient_count - sum(
        (campaign.sent_count, campaign.failed_count, campaign.unknown_count, campaign.bounced_count)
    )


def _over_time(campaign: Campaign) -> tuple[list[Bar], int, bool]:
    """What people did, from the first hit on; by the hour while it is young."""
    began = campaign.started_at
    if began is None:
        return [], 0, True
    is_by_hour = timezone.now() - began <= BY_HOUR
    truncate: Any = TruncHour if is_by_hour else TruncDay
    until = began + (BY_HOUR if is_by_hour else timedelta(days=MOST_BARS))
    rows = (
        campaign.hits.filter(source=HitSource.HUMAN, at__gte=began, at__lt=until)
        .annotate(slot=truncate("at"))
        .order_by("slot")
        .values_list("slot")
        .annotate(opens=Count("pk", filter=Q(kind=HitKind.OPEN)), clicks=Count("pk", filter=Q(kind=HitKind.CLICK)))
    )
    found = {slot: (opens, clicks) for slot, opens, clicks in rows}
    if not found:
        return [], 0, is_by_hour
    slots = list(_slots(min(found), max(found), timedelta(hours=1) if is_by_hour else timedelta(days=1)))
    most = max(max(pair) for pair in found.values())
    bars = [_bar(place, slot, *found.get(slot, (0, 0)), most, is_by_hour) for place, slot in enumerate(slots)]
    return bars, most, is_by_hour


def _slots(first: datetime, last: datetime, step: timedelta) -> Sequence[datetime]:
    slots = [first]
    while slots[-1] < last:
        slots.append(slots[-1] + step)
    return slots


def _bar(place: int, slot: datetime, opens: int, clicks: int, most: int, is_by_hour: bool) -> Bar:
    label = formats.moment(slot) if is_by_hour else formats.day(timezone.localdate(slot))
    return Bar(label, opens, clicks, place * BAR_WIDTH, round(100 * opens / most), round(100 * clicks / most))
