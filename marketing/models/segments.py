from __future__ import annotations

from typing import Any

from django.db import models
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crm.access.policy import visible
from crm.segmentable import Conditions, read_conditions
from crm.segmentable.traits import Asked
from crm.tenancy.base import MemberForeignKey, TenantModel
from crm.tenancy.models import Membership
from customers.models import Customer


def everybody() -> dict[str, Any]:
    return Conditions().as_json()


class Segment(TenantModel):
    """Customers by conditions. Nobody is entered or left out by hand: who fits, belongs, at the moment of asking."""

    name = models.CharField(_("name"), max_length=120)
    note = models.CharField(_("note"), max_length=300, blank=True)
    conditions = models.JSONField(_("conditions"), default=everybody)
    created_by = MemberForeignKey(verbose_name=_("created by"), null=True, editable=False, related_name="+")
    version = models.PositiveIntegerField(default=1, editable=False)
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)
    updated_at = models.DateTimeField(_("updated"), default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("segment")
        verbose_name_plural = _("segments")
        indexes = [
            models.Index("tenant", models.F("updated_at").desc(), models.F("id").desc(), name="segment_recent"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "name"],
                name="segment_name",
                violation_error_message=_("There is already a segment of this name."),
            )
        ]

    def __str__(self):
        return self.name

    def get_absolute_url(self):
        return reverse("marketing:segment_detail", args=[self.pk])

    def read(self) -> Conditions:
        """Raises UnknownCondition."""
        return read_conditions(self.conditions)

    def members(self, membership: Membership) -> models.QuerySet[Customer]:
        """The customers who fit, out of those this member may see. Raises UnknownCondition."""
        return fitting(self.read(), membership)


def fitting(conditions: Conditions, membership: Membership) -> models.QuerySet[Customer]:
    asked = Asked.now(membership.tenant, timezone.now())
    return visible(membership, Customer).filter(conditions.q(asked))
