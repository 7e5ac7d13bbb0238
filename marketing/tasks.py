"""The jobs of campaigns; docs/jobs.md. What they do is in snapshot.py and sending.py."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crm.access.policy import policy_for
from crm.celery import app
from crm.errors import CrmError
from crm.jobs import JobContext, job

from .choices import CampaignState
from .models import Campaign
from .sending import Sender, forget_old_marks
from .snapshot import begin_sending


@job("marketing.begin", title=_("Start a campaign"), time_limit=1800)
def begin(ctx: JobContext, *, campaign_id: int) -> None:
    try:
        with transaction.atomic():
            if not policy_for(Campaign).allows(ctx.membership, "send"):
                raise PermissionDenied
            begin_sending(campaign_id=campaign_id, membership=ctx.membership)
            ctx.save_checkpoint()
    except (CrmError, PermissionDenied):
        # It will not go out by itself any more, so it shall not say that it will.
        with transaction.atomic():
            Campaign.objects.filter(pk=campaign_id, state=CampaignState.SCHEDULED).update(
                state=CampaignState.DRAFT, scheduled_at=None, updated_at=timezone.now(), version=F("version") + 1
            )
        raise


# Its attempts are many: a worker may be stopped as often as it likes, each time at most one mail stays unknown.
@job("marketing.send", title=_("Send a campaign"), time_limit=900, max_attempts=200, backoff=5)
def send(ctx: JobContext, *, campaign_id: int) -> None:
    with transaction.atomic():
        campaign = Campaign.objects.select_related("template").filter(pk=campaign_id).first()
    if campaign is not None:
        Sender(ctx, campaign).run()


@app.task(name="marketing.clean_up")
def clean_up() -> None:
    forget_old_marks()
