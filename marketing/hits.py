"""Openings and clicks. Each is kept as it came in; only those that a person seems to have made are counted as such.

Mail gateways open every mail and follow every link, some mail programs load pictures before anybody looks: figures that
count these are worth nothing, and figures that leave them out without a word are not believed. So both are shown.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from .choices import HitKind, HitSource, SuppressionReason
from .models import Campaign, CampaignLink, Hit, Send, Suppression
from .sending import leave_out

# Whoever reads a mail within so little of its being sent is a scanner on its way.
SOONEST = timedelta(seconds=5)
# Two different links within this, and the second was not read about before it was clicked.
AT_ONCE = timedelta(seconds=1)
# More hits of one mail than this say nothing new, and a table should not grow by somebody's reloading.
MOST_KEPT = 200

_PREFETCH_HEADERS = ("purpose", "x-purpose", "sec-purpose", "x-moz")
_PROGRAMS = re.compile(
    r"bot\b|bot/|spider|crawl|scan|preview|monitor|curl|wget|python|java/|go-http|libwww|okhttp|headless|phantom"
    r"|httpclient|barracuda|proofpoint|mimecast|ironport|fireeye|symantec|trendmicro|sophos|safelinks"
    r"|office existence discovery",
    re.I,
)
# Apple's mail privacy loads the pictures of every mail, read or not, under this name alone.
_NAMELESS = "mozilla/5.0"


def source_of(
    *, method: str, headers: Mapping[str, str], sent_at: datetime | None, now: datetime, other_link_at: datetime | None
) -> HitSource:
    """Who is taken to have caused it. A proxy that loads a picture for a person who looks counts as that person."""
    if any("prefetch" in headers.get(name, "").lower() for name in _PREFETCH_HEADERS):
        return HitSource.PREFETCH
    agent = headers.get("user-agent", "").strip()
    if method != "GET" or not agent or agent.lower() == _NAMELESS or _PROGRAMS.search(agent):
        return HitSource.PROGRAM
    if sent_at is not None and now - sent_at < SOONEST:
        return HitSource.TOO_SOON
    if other_link_at is not None and now - other_link_at < AT_ONCE:
        return HitSource.TOO_MANY
    return HitSource.HUMAN


@transaction.atomic
def note_hit(*, send: Send, link: CampaignLink | None, method: str, headers: Mapping[str, str]) -> HitSource | None:
    """Keep it and count it. None when the mail has been hit too often to be worth another row."""
    # Locked: two hits of one person count as one person.
    send = Send.objects.select_for_update().get(pk=send.pk)
    if send.hit_count >= MOST_KEPT:
        return None
    now = timezone.now()
    other = (
        Hit.objects.filter(send=send, kind=HitKind.CLICK).exclude(link=link).order_by("-at").first() if link else None
    )
    source = source_of(
        method=method, headers=headers, sent_at=send.sent_at, now=now, other_link_at=other.at if other else None
    )
    kind = HitKind.CLICK if link else HitKind.OPEN
    is_first = link is not None and not Hit.objects.filter(send=send, link=link, source=HitSource.HUMAN).exists()
    Hit.objects.create(campaign_id=send.campaign_id, send=send, link=link, kind=kind, source=source, at=now)
    _count(send, link, source, now, is_first_of_link=is_first)
    return source


def _count(send: Send, link: CampaignLink | None, source: HitSource, now: datetime, *, is_first_of_link: bool) -> None:
    of_send: dict[str, object] = {"hit_count": F("hit_count") + 1}
    of_campaign: dict[str, object] = {}
    if source != HitSource.HUMAN:
        of_campaign["machine_total"] = F("machine_total") + 1
    else:
        of_campaign["click_total" if link else "open_total"] = F("click_total" if link else "open_total") + 1
        # Who clicks has seen it, also where pictures are not loaded.
        if send.opened_at is None:
            of_send["opened_at"] = now
            of_campaign["opened_count"] = F("opened_count") + 1
        if link and send.clicked_at is None:
            of_send["clicked_at"] = now
            of_campaign["clicked_count"] = F("clicked_count") + 1
        if link:
            people = {"clicked_count": F("clicked_count") + 1} if is_first_of_link else {}
            CampaignLink.objects.filter(pk=link.pk).update(click_total=F("click_total") + 1, **people)
    Send.objects.filter(pk=send.pk).update(**of_send)
    Campaign.objects.filter(pk=send.campaign_id).update(**of_campaign)


@transaction.atomic
def unsubscribe(*, send: Send) -> None:
    """Leave the address out of all campaigns to come, and count it for this one. A second time changes nothing."""
    send = Send.objects.select_for_update().select_related("campaign").get(pk=send.pk)
    leave_out(send.email, SuppressionReason.UNSUBSCRIBED, campaign=send.campaign)
    if send.unsubscribed_at is None:
        Send.objects.filter(pk=send.pk).update(unsubscribed_at=timezone.now())
        Campaign.objects.filter(pk=send.campaign_id).update(unsubscribed_count=F("unsubscribed_count") + 1)


@transaction.atomic
def subscribe_again(*, send: Send) -> bool:
    """Take back an unsubscribing. An address that mail came back from, or that was entered by hand, stays: False."""
    send = Send.objects.select_for_update().get(pk=send.pk)
    Suppression.objects.filter(email=send.email, reason=SuppressionReason.UNSUBSCRIBED).delete()
    if send.unsubscribed_at is not None:
        Send.objects.filter(pk=send.pk).update(unsubscribed_at=None)
        Campaign.objects.filter(pk=send.campaign_id).update(unsubscribed_count=F("unsubscribed_count") - 1)
    return not is_left_out(send.email)


def is_left_out(email: str) -> bool:
    return Suppression.objects.filter(email=email).exists()
