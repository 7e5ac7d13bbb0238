from __future__ import annotations

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crm.tenancy.base import MemberForeignKey, TenantModel
from crm.tenancy.fields import tenant_key


class EmailTemplate(TenantModel):
    """A mail with placeholders. `body` is HTML, cleaned when it is saved, or plain text where it has no tags."""

    tenant = tenant_key("email_templates")
    name = models.CharField(_("name"), max_length=120)
    language = models.CharField(_("language"), max_length=10, choices=settings.LANGUAGES, default="zh-hans")
    subject = models.CharField(_("subject"), max_length=200)
    body = models.TextField(_("body"), max_length=200_000)
    # Empty: made from the message.
    text = models.TextField(_("plain text"), max_length=100_000, blank=True)
    created_by = MemberForeignKey(verbose_name=_("created by"), null=True, editable=False, related_name="+")
    version = models.PositiveIntegerField(default=1, editable=False)
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)
    updated_at = models.DateTimeField(_("updated"), default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("e-mail template")
        verbose_name_plural = _("e-mail templates")
        indexes = [
            models.Index("tenant", models.F("updated_at").desc(), models.F("id").desc(), name="emailtemplate_recent"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "name"],
                name="emailtemplate_name",
                violation_error_message=_("There is already a template of this name."),
            )
        ]

    def __str__(self):
        return self.name

    def get_absolute_url(self):
        return reverse("marketing:template_detail", args=[self.pk])
