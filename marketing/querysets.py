from __future__ import annotations

from django.db.models import Count, Q, QuerySet
from django.db.models.functions import Now

from crm.tenancy.base import TenantQuerySet

from .choices import CampaignState, SendState


class CampaignQuerySet(TenantQuerySet):
    def for_list(self):
        return self.select_related("segment", "template")

    def under_way(self):
        return self.filter(state__in=[CampaignState.SCHEDULED, CampaignState.SENDING, CampaignState.PAUSED])


class SendQuerySet(TenantQuerySet):
    def due(self, campaign_id: int) -> QuerySet:
        """Waiting, and (for one that the mail server put off) due again."""
        waiting = self.filter(campaign_id=campaign_id, state=SendState.QUEUED)
        return waiting.filter(Q(due_at__isnull=True) | Q(due_at__lte=Now()))

    def held(self, job_id: int, claim: int) -> QuerySet:
        """What this attempt of the job holds: empty for one that was taken over."""
        return self.filter(claimed_by=job_id, claim=claim)

    def by_state(self, campaign_id: int) -> dict[str, int]:
        rows = self.filter(campaign_id=campaign_id).order_by().values_list("state").annotate(number=Count("*"))
        return {str(state): number for state, number in rows}
