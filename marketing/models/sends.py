from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from crm.tenancy.base import TenantForeignKey, TenantManager, TenantModel
from customers.models import Customer

from ..choices import HitKind, HitSource, SendState
from ..querysets import SendQuerySet
from .campaigns import Campaign, CampaignLink


class Send(TenantModel):
    """The ledger: one mail of a campaign to one customer. Its key keeps anybody from getting it twice.

    A worker moves a row from state to state, and each move names the claim it belongs to: what was taken over meanwhile
    by another attempt cannot be moved any more (marketing/sending.py).
    """

    not_audited = "Is itself the record of who was sent what and when, and changes with every mail."

    campaign = TenantForeignKey(
        Campaign, models.CASCADE, cascade=True, related_name="sends", verbose_name=_("campaign")
    )
    customer = TenantForeignKey(
        Customer, models.CASCADE, cascade=True, related_name="sends", verbose_name=_("customer")
    )
    email = models.CharField(_("e-mail"), max_length=254)
    state = models.CharField(_("state"), max_length=10, choices=SendState, db_default=SendState.QUEUED)
    # The job that holds it, and which of the job's attempts.
    claimed_by = models.BigIntegerField(null=True, editable=False)
    claim = models.PositiveIntegerField(db_default=0, editable=False)
    tries_count = models.PositiveSmallIntegerField(_("tries"), db_default=0, editable=False)
    due_at = models.DateTimeField(null=True, editable=False)
    sent_at = models.DateTimeField(_("sent"), null=True, editable=False)
    # What the mail server said, without the address.
    problem = models.CharField(_("problem"), max_length=200, blank=True, db_default="", editable=False)
    opened_at = models.DateTimeField(_("opened"), null=True, editable=False)
    clicked_at = models.DateTimeField(_("clicked"), null=True, editable=False)
    unsubscribed_at = models.DateTimeField(_("unsubscribed"), null=True, editable=False)
    hit_count = models.PositiveIntegerField(db_default=0, editable=False)

    objects = TenantManager.from_queryset(SendQuerySet)()

    class Meta:
        verbose_name = _("recipient")
        verbose_name_plural = _("recipients")
        constraints = [
            models.UniqueConstraint(fields=["tenant", "campaign", "customer"], name="send_once"),
        ]
        indexes = [
            models.Index(fields=["tenant", "campaign", "state", "id"], name="send_state"),
            models.Index(fields=["tenant", "customer", "id"], name="send_customer"),
            models.Index(
                fields=["tenant", "campaign", "opened_at", "id"],
                name="send_opened",
                condition=Q(opened_at__isnull=False),
            ),
        ]

    def __str__(self):
        return self.email

    def get_absolute_url(self):
        return self.customer.get_absolute_url()


class Hit(TenantModel):
    """An opening or a click, as it came in; those of programs too, with the reason why they are taken for such."""

    not_audited = "Is itself the record of what came in, and nobody changes it."

    campaign = TenantForeignKey(Campaign, models.CASCADE, cascade=True, related_name="hits", verbose_name=_("campaign"))
    send = TenantForeignKey(Send, models.CASCADE, cascade=True, related_name="hits", verbose_name=_("recipient"))
    link = TenantForeignKey(
        CampaignLink, models.CASCADE, cascade=True, null=True, related_name="hits", verbose_name=_("link")
    )
    kind = models.CharField(_("kind"), max_length=10, choices=HitKind)
    source = models.CharField(_("caused by"), max_length=10, choices=HitSource)
    at = models.DateTimeField(_("when"))

    class Meta:
        verbose_name = _("opening or click")
        verbose_name_plural = _("openings and clicks")
        indexes = [
            models.Index(fields=["tenant", "campaign", "at", "id"], name="hit_campaign"),
            models.Index(fields=["tenant", "send", "at"], name="hit_send"),
            models.Index(fields=["tenant", "link"], name="hit_link"),
        ]

    def __str__(self):
        return f"{self.get_kind_display()} {self.at:%Y-%m-%d %H:%M}"
