from __future__ import annotations

from django.core.validators import EmailValidator
from django.db import models
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crm.tenancy.base import MemberForeignKey, TenantForeignKey, TenantModel

from ..choices import SuppressionReason
from .campaigns import Campaign


class Suppression(TenantModel):
    """An address that campaigns leave out. It is the address and not the customer: who unsubscribes is one person."""

    email = models.CharField(_("e-mail"), max_length=254, validators=[EmailValidator()])
    reason = models.CharField(_("reason"), max_length=12, choices=SuppressionReason, default=SuppressionReason.MANUAL)
    campaign = TenantForeignKey(
        Campaign, models.SET_NULL, null=True, editable=False, related_name="suppressions", verbose_name=_("campaign")
    )
    note = models.CharField(_("note"), max_length=300, blank=True)
    created_by = MemberForeignKey(verbose_name=_("created by"), null=True, editable=False, related_name="+")
    created_at = models.DateTimeField(_("since"), default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("suppressed address")
        verbose_name_plural = _("suppressed addresses")
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "email"],
                name="suppression_email",
                violation_error_message=_("This address is left out already."),
            )
        ]
        indexes = [
            models.Index("tenant", models.F("created_at").desc(), models.F("id").desc(), name="suppression_recent"),
            models.Index("tenant", "campaign", name="suppression_campaign"),
        ]

    def __str__(self):
        return self.email

    def get_absolute_url(self):
        return reverse("marketing:suppression_detail", args=[self.pk])
