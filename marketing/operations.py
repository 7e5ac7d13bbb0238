"""Changes to segments, templates and campaigns that have consequences. Called inside the tenant."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TypeVar

from django.db import transaction
from django.utils import timezone

from crm.accounts.models import User
from crm.errors import CampaignElsewhere, NobodyToWriteTo, TooEarly
from crm.jobs import start_job
from crm.mail.bulk import open_line
from crm.tenancy.models import Membership
from customers.models import Customer

from .choices import POSSIBLE, CampaignState
from .composing import Composer, trial_token
from .content import Content, tidy
from .models import Campaign, EmailTemplate, Segment, Suppression
from .sending import release_orphans, settle_counts
from .snapshot import start_senders

M = TypeVar("M", Segment, EmailTemplate, Campaign)

# A form takes a while to fill in: a moment that has just passed is meant as now.
SLACK = timedelta(minutes=5)


@transaction.atomic
def save_segment(*, segment: Segment, user: User) -> Segment:
    return _save(segment, user)


@transaction.atomic
def save_template(*, template: EmailTemplate, user: User) -> EmailTemplate:
    """Save what a form has filled in; the message is cleaned."""
    template.body = tidy(template.body)
    return _save(template, user)


@transaction.atomic
def save_campaign(*, campaign: Campaign, user: User) -> Campaign:
    """Save what a form has filled in. Raises CampaignElsewhere for one that is no draft any more."""
    if not campaign.may_now("edit"):
        raise CampaignElsewhere
    return _save(campaign, user)


@transaction.atomic
def delete_campaign(*, campaign: Campaign) -> None:
    """With the record of who got it. Raises CampaignElsewhere while it is under way."""
    _locked(campaign, *POSSIBLE["delete"]).delete()


def _save(row: M, user: User) -> M:
    if row.pk is None:
        row.created_by = user
    else:
        row.version += 1
    row.updated_at = timezone.now()
    row.save()
    return row


@transaction.atomic
def schedule_campaign(*, campaign: Campaign, membership: Membership, at: datetime | None = None) -> Campaign:
    """Send it now, or at a moment to come. Who gets it is decided when it goes out.

    Raises TooEarly, NobodyToWriteTo, CampaignElsewhere, UnknownCondition and what Content.check raises.
    """
    campaign = _locked(campaign, CampaignState.DRAFT)
    now = timezone.now()
    if at is not None and at < now - SLACK:
        raise TooEarly
    Content.of_template(campaign.template).check()
    if not campaign.segment.members(membership).exclude(email="").exists():
        raise NobodyToWriteTo
    later = at is not None and at > now
    campaign.scheduled_at = at if later else now
    campaign.sent_by = membership.user
    _move(campaign, CampaignState.SCHEDULED)
    start_job(
        "marketing.begin",
        tenant=membership.tenant,
        user=membership.user,
        params={"campaign_id": campaign.pk},
        title=campaign.name,
        at=campaign.scheduled_at if later else None,
    )
    return campaign


@transaction.atomic
def unschedule_campaign(*, campaign: Campaign) -> Campaign:
    """Make it a draft again. The job that would have begun it finds nothing to do."""
    campaign = _locked(campaign, CampaignState.SCHEDULED)
    campaign.scheduled_at = None
    return _move(campaign, CampaignState.DRAFT)


@transaction.atomic
def pause_campaign(*, campaign: Campaign) -> Campaign:
    """No further mail is begun; one that is with the mail server at this moment still goes."""
    return _move(_locked(campaign, CampaignState.SENDING), CampaignState.PAUSED)


@transaction.atomic
def resume_campaign(*, campaign: Campaign) -> Campaign:
    """Go on with those who are left. Whoever has got it, or may have, is not among them."""
    campaign = _locked(campaign, CampaignState.PAUSED)
    _move(campaign, CampaignState.SENDING)
    release_orphans(campaign)
    settle_counts(campaign)
    start_senders(campaign)
    return campaign


@transaction.atomic
def cancel_campaign(*, campaign: Campaign) -> Campaign:
    """End it for good: who is left gets nothing."""
    campaign = _locked(campaign, CampaignState.SENDING, CampaignState.PAUSED)
    campaign.finished_at = timezone.now()
    return _move(campaign, CampaignState.CANCELLED)


@transaction.atomic
def copy_campaign(*, campaign: Campaign, name: str, user: User) -> Campaign:
    """A new draft with the same segment, template and sender."""
    return _save(
        Campaign(
            name=name,
            segment=campaign.segment,
            template=campaign.template,
            sender_name=campaign.sender_name,
            reply_to=campaign.reply_to,
        ),
        user,
    )


@transaction.atomic
def suppress(*, suppression: Suppression, user: User) -> Suppression:
    """Save what a form has filled in."""
    suppression.created_by = user
    suppression.email = suppression.email.strip().lower()
    suppression.save()
    return suppression


def send_trial(*, content: Content, customer: Customer, membership: Membership) -> None:
    """Send the mail to the member, filled for this customer. Raises MailServerGone, and ValueError for a bad address.

    At once and not by the outbox: who tries a mail waits for it. It counts nothing, and its links are the real ones.
    """
    composer = Composer(content, membership.tenant, is_trial=True)
    mail = composer.mail(customer, membership.user.email, trial_token(membership.tenant))
    with open_line() as line:
        line.hand_over(mail.compose())


def _locked(campaign: Campaign, *states: CampaignState) -> Campaign:
    """The campaign as it is now, locked: two people may press two buttons at once. Raises CampaignElsewhere."""
    rows = Campaign.objects.select_for_update(of=("self",)).select_related("segment", "template", "tenant", "sent_by")
    locked = rows.filter(pk=campaign.pk).first()
    if locked is None or locked.state not in states:
        raise CampaignElsewhere
    return locked


def _move(campaign: Campaign, state: CampaignState) -> Campaign:
    campaign.state = state
    campaign.version += 1
    campaign.updated_at = timezone.now()
    campaign.save(
        update_fields=["state", "scheduled_at", "sent_by", "finished_at", "version", "updated_at"],
    )
    return campaign
