from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.validators import EmailValidator
from django.db import models
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crm.tenancy.base import MemberForeignKey, TenantForeignKey, TenantManager, TenantModel

from ..choices import POSSIBLE, UNDER_WAY, CampaignState
from ..querysets import CampaignQuerySet
from .segments import Segment
from .templates import EmailTemplate


def count_of(label: Any) -> models.PositiveIntegerField:
    return models.PositiveIntegerField(label, default=0, editable=False)


class Campaign(TenantModel):
    """One mail to a segment. What was sent is kept here as it was; the template may change afterwards.

    The counts of mails follow from the ledger (`Send`) and are settled by `sending.settle_counts`; those of opens and
    clicks rise with each hit.
    """

    unaudited_fields = (
        "left_count",
        "sent_count",
        "failed_count",
        "unknown_count",
        "bounced_count",
        "opened_count",
        "clicked_count",
        "unsubscribed_count",
        "open_total",
        "click_total",
        "machine_total",
    )

    name = models.CharField(_("name"), max_length=120)
    segment = TenantForeignKey(Segment, models.PROTECT, related_name="campaigns", verbose_name=_("segment"))
    template = TenantForeignKey(EmailTemplate, models.PROTECT, related_name="campaigns", verbose_name=_("template"))
    sender_name = models.CharField(_("name of the sender"), max_length=120, blank=True)
    reply_to = models.CharField(_("answers go to"), max_length=254, blank=True, validators=[EmailValidator()])

    state = models.CharField(
        _("state"), max_length=10, choices=CampaignState, default=CampaignState.DRAFT, editable=False
    )
    scheduled_at = models.DateTimeField(_("scheduled for"), null=True, editable=False)
    # Whoever sends it: what they may see when it goes out decides who gets it.
    sent_by = MemberForeignKey(verbose_name=_("sent by"), null=True, editable=False, related_name="+")
    started_at = models.DateTimeField(_("began"), null=True, editable=False)
    finished_at = models.DateTimeField(_("finished"), null=True, editable=False)

    # As it went out.
    subject = models.CharField(_("subject"), max_length=200, blank=True, editable=False)
    html = models.TextField(_("text as HTML"), blank=True, editable=False)
    text = models.TextField(_("plain text"), blank=True, editable=False)
    language = models.CharField(_("language"), max_length=10, choices=settings.LANGUAGES, blank=True, editable=False)

    # Who was found, when the list of recipients was made.
    found_count = count_of(_("found"))
    recipient_count = count_of(_("recipients"))
    without_email_count = count_of(_("without an e-mail address"))
    doubled_count = count_of(_("address twice"))
    suppressed_count = count_of(_("want no mail"))
    # What became of the mails. Left: still to be sent.
    left_count = count_of(_("waiting"))
    sent_count = count_of(_("sent mails"))
    failed_count = count_of(_("not possible"))
    unknown_count = count_of(_("not known"))
    bounced_count = count_of(_("came back"))
    # People who opened, clicked, unsubscribed; then how often in all, and what programs did.
    opened_count = count_of(_("opened"))
    clicked_count = count_of(_("clicked"))
    unsubscribed_count = count_of(_("unsubscribed"))
    open_total = count_of(_("all opens"))
    click_total = count_of(_("all clicks"))
    machine_total = count_of(_("hits of programs"))

    created_by = MemberForeignKey(verbose_name=_("created by"), null=True, editable=False, related_name="+")
    version = models.PositiveIntegerField(default=1, editable=False)
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)
    updated_at = models.DateTimeField(_("updated"), default=timezone.now, editable=False)

    objects = TenantManager.from_queryset(CampaignQuerySet)()

    class Meta:
        verbose_name = _("campaign")
        verbose_name_plural = _("campaigns")
        indexes = [
            models.Index("tenant", models.F("updated_at").desc(), models.F("id").desc(), name="campaign_recent"),
            models.Index(fields=["tenant", "name", "id"], name="campaign_name"),
            models.Index(
                "tenant", "state", models.F("updated_at").desc(), models.F("id").desc(), name="campaign_state"
            ),
            models.Index("tenant", "segment", name="campaign_segment"),
            models.Index("tenant", "template", name="campaign_template"),
            models.Index(fields=["tenant", "started_at", "id"], name="campaign_started"),
        ]

    def __str__(self):
        return self.name

    def get_absolute_url(self):
        return reverse("marketing:campaign_detail", args=[self.pk])

    def may_now(self, step: str) -> bool:
        """Whether the step makes sense as things stand; who may take it is the policy's to say."""
        return self.state in POSSIBLE.get(step, set(CampaignState))

    @property
    def is_under_way(self) -> bool:
        return self.state in UNDER_WAY

    @property
    def has_recipients(self) -> bool:
        """Whether the list of recipients has been made: the ledger then says who gets it."""
        return self.started_at is not None


class CampaignLink(TenantModel):
    """A link of the mail. In the mail stands an address of ours, which counts and leads on."""

    not_audited = "Made from the campaign's text when that goes out; changes with every click."

    campaign = TenantForeignKey(
        Campaign, models.CASCADE, cascade=True, related_name="links", verbose_name=_("campaign")
    )
    position = models.PositiveSmallIntegerField(_("position"))
    url = models.URLField(_("address"), max_length=2000)
    clicked_count = count_of(_("clicked"))
    click_total = count_of(_("all clicks"))

    class Meta:
        verbose_name = _("link of a campaign")
        verbose_name_plural = _("links of campaigns")
        constraints = [
            models.UniqueConstraint(fields=["tenant", "campaign", "position"], name="campaign_link_position")
        ]

    def __str__(self):
        return self.url
