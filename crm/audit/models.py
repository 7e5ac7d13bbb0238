"""The trail. Only the database writes it, by the functions of migration 0001; the application's role may only read.

docs/decisions/audit-chain.md says why the chain has one link per transaction.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from crm.tenancy.base import TenantManager, TenantModel
from crm.tenancy.fields import tenant_key

from .choices import Action
from .querysets import AuditEntryQuerySet


class AuditEntry(TenantModel):
    """Who did what to which record. Several of one transaction are sealed together by one link of the chain."""

    not_audited: ClassVar[str] = "Is the trail."

    tenant = tenant_key("audit_entries")
    at = models.DateTimeField(_("when"))
    # Without a constraint: the trail outlives the person, and an operator, who is no member, is recorded too. Nobody:
    # the system.
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.DO_NOTHING,
        verbose_name=_("who"),
        null=True,
        related_name="+",
        db_constraint=False,
        db_index=False,
    )
    action = models.CharField(_("action"), max_length=20, choices=Action)
    # The model, as "customers.customer"; empty where the action is about no record.
    kind = models.CharField(_("kind"), max_length=100, blank=True)
    object_id = models.BigIntegerField(_("number"), null=True)
    row_count = models.IntegerField(_("rows"), default=1)
    # {field: [before, after]}, long texts shortened.
    changes = models.JSONField(_("changes"), default=dict)
    # For a batch: operation, first_id, last_id, import_id. For an event: what its writer says.
    detail = models.JSONField(_("details"), default=dict)
    request_id = models.CharField(_("request"), max_length=64, blank=True)
    transaction = models.BigIntegerField(_("transaction"))
    digest = models.BinaryField(max_length=32)

    # {id: name} of the persons among the values, once somebody has asked for them (crm.audit.words.people_in).
    people: Mapping[int, str] | None = None

    objects = TenantManager.from_queryset(AuditEntryQuerySet)()

    class Meta:
        verbose_name = _("audit entry")
        verbose_name_plural = _("audit entries")
        indexes = [
            models.Index("tenant", models.F("at").desc(), models.F("id").desc(), name="audit_entry_recent"),
            models.Index("tenant", "actor", models.F("at").desc(), models.F("id").desc(), name="audit_entry_actor"),
            models.Index(fields=["tenant", "kind", "object_id"], name="audit_entry_object"),
        ]

    def __str__(self):
        return f"{self.get_action_display()} {self.kind} {self.object_id or ''}".rstrip()

    def get_absolute_url(self):
        return reverse("audit:entry_detail", args=[self.pk])


class AuditLink(TenantModel):
    """One position of the tenant's chain: seals the entries of one transaction, and the link before."""

    not_audited: ClassVar[str] = "Is the trail."

    tenant = tenant_key("audit_links")
    position = models.BigIntegerField(_("position"))
    at = models.DateTimeField(_("when"))
    transaction = models.BigIntegerField(_("transaction"))
    first_entry = models.BigIntegerField()
    last_entry = models.BigIntegerField()
    entry_count = models.IntegerField()
    previous_hash = models.BinaryField(max_length=32)
    hash = models.BinaryField(max_length=32)

    class Meta:
        verbose_name = _("link of the audit chain")
        verbose_name_plural = _("links of the audit chain")
        constraints = [models.UniqueConstraint(fields=["tenant", "position"], name="audit_link_position")]

    def __str__(self):
        return str(self.position)


class AuditHead(TenantModel):
    """How far the tenant's chain goes: the lock that writers queue for, and the witness against a cut-off end."""

    not_audited: ClassVar[str] = "Is the trail."

    tenant = tenant_key("audit_heads")
    position = models.BigIntegerField()
    hash = models.BinaryField(max_length=32)

    class Meta:
        verbose_name = _("end of the audit chain")
        verbose_name_plural = _("ends of the audit chain")
        constraints = [models.UniqueConstraint(fields=["tenant"], name="audit_head_once")]

    def __str__(self):
        return str(self.position)


class AuditPending(TenantModel):
    """A transaction whose entries wait for its end to be sealed. No other transaction ever sees a row here."""

    not_audited: ClassVar[str] = "Is the trail."

    tenant = tenant_key("audit_pending")
    transaction = models.BigIntegerField()
    first_entry = models.BigIntegerField()
    is_last = models.BooleanField(default=False)

    class Meta:
        verbose_name = _("audit entries to be sealed")
        verbose_name_plural = _("audit entries to be sealed")
        constraints = [models.UniqueConstraint(fields=["tenant", "transaction"], name="audit_pending_once")]

    def __str__(self):
        return str(self.transaction)
