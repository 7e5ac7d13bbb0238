"""The moment a campaign goes out: what it says is frozen, and who gets it is written into the ledger."""

from __future__ import annotations

import math
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Case, CharField, Count, Exists, F, OuterRef, Q, QuerySet, Value, When
from django.utils import timezone

from crm.jobs import start_job
from crm.tenancy.inserts import insert_from
from crm.tenancy.models import Membership
from customers.models import Customer

from .choices import CampaignState, SendState
from .composing import links_of
from .content import Content
from .models import Campaign, CampaignLink, Send, Suppression
from .sending import settle_counts

# A job for so many mails, up to CAMPAIGN_SENDERS of them.
MAILS_FOR_A_SENDER = 500
# By how much the clocks of two machines may differ.
CLOCKS = timedelta(minutes=1)


@transaction.atomic
def begin_sending(*, campaign_id: int, membership: Membership) -> Campaign | None:
    """Make the list of recipients and set the senders to work. None when the campaign is not (or no longer) due.

    Who gets it are the customers that fit the segment now, out of those that `membership` sees now.
    """
    campaign = Campaign.objects.select_for_update(of=("self",)).for_list().filter(pk=campaign_id).first()
    now = timezone.now()
    if campaign is None or campaign.state != CampaignState.SCHEDULED or (campaign.scheduled_at or now) > now + CLOCKS:
        return None
    _freeze(campaign)
    members = campaign.segment.members(membership)
    found = members.aggregate(all=Count("pk"), silent=Count("pk", filter=Q(email="")))
    written = _write_recipients(campaign, members)
    campaign.found_count, campaign.without_email_count = found["all"], found["silent"]
    campaign.doubled_count = found["all"] - found["silent"] - written
    campaign.state, campaign.started_at = CampaignState.SENDING, now
    campaign.version += 1
    campaign.updated_at = now
    campaign.save()
    settle_counts(campaign)
    campaign.recipient_count = written - campaign.suppressed_count
    if not campaign.left_count:
        campaign.state, campaign.finished_at = CampaignState.SENT, now
    campaign.save(update_fields=["recipient_count", "state", "finished_at"])
    start_senders(campaign)
    return campaign


def start_senders(campaign: Campaign) -> None:
    """As many jobs as the number of mails is worth; they share the ledger and take from it in turns."""
    wanted = math.ceil(campaign.left_count / MAILS_FOR_A_SENDER)
    for _number in range(min(wanted, settings.CAMPAIGN_SENDERS)):
        start_job(
            "marketing.send",
            tenant=campaign.tenant,
            user=campaign.sent_by,
            params={"campaign_id": campaign.pk},
            title=campaign.name,
        )


def _freeze(campaign: Campaign) -> None:
    content = Content.of_template(campaign.template, campaign.sender_name, campaign.reply_to)
    content.check()
    campaign.subject, campaign.html = content.subject, content.html
    campaign.text, campaign.language = content.text, content.language
    CampaignLink.objects.bulk_create(
        CampaignLink(campaign=campaign, position=position, url=url)
        for position, url in enumerate(links_of(content.html))
    )


def _write_recipients(campaign: Campaign, members: QuerySet[Customer]) -> int:
    """One row for each address, that of the oldest customer who has it; returns how many."""
    suppressed = Suppression.objects.filter(tenant_id=OuterRef("tenant_id"), email=OuterRef("email"))
    state = Case(
        When(Exists(suppressed), then=Value(SendState.SUPPRESSED.value)),
        default=Value(SendState.QUEUED.value),
        output_field=CharField(),
    )
    reachable = members.filter(~Q(email="")).order_by("email", "pk").distinct("email")
    values = {"campaign": Value(campaign.pk), "customer": F("pk"), "email": F("email"), "state": state}
    return insert_from(Send, values, reachable, in_order_of="customer")
