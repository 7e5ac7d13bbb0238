from __future__ import annotations

from pathlib import Path
from typing import IO

from django.core.files.storage import default_storage
from django.db import models
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crm.tenancy.base import MemberForeignKey, TenantModel
from crm.tenancy.fields import tenant_key


class StoredFile(TenantModel):
    """A private file of a tenant: what a person uploaded or a job made. The bytes never change; the row is the truth.

    Made by `crm.files.operations.store_file`, which also says who removes what.
    """

    tenant = tenant_key("files")
    # Where the storage keeps the bytes: "<tenant id>/<random>". Says nothing about the content.
    key = models.CharField(_("storage key"), max_length=100, editable=False)
    name = models.CharField(_("file name"), max_length=200)
    content_type = models.CharField(_("file type"), max_length=100)
    size = models.PositiveBigIntegerField(_("size"))
    sha256 = models.CharField(_("checksum"), max_length=64, editable=False)
    # Nobody: made by the product itself, for administrators.
    user = MemberForeignKey(verbose_name=_("person"), null=True, related_name="+")
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)
    # Empty: kept until whoever made it removes it.
    expires_at = models.DateTimeField(_("kept until"), null=True, editable=False)

    class Meta:
        verbose_name = _("file")
        verbose_name_plural = _("files")
        constraints = [models.UniqueConstraint(fields=["tenant", "key"], name="file_key_once")]
        indexes = [
            models.Index(
                fields=["tenant", "expires_at"], name="file_expiry", condition=models.Q(expires_at__isnull=False)
            )
        ]

    def __str__(self):
        return self.name

    def get_absolute_url(self):
        return reverse("files:file_download", args=[self.pk])

    def open(self) -> IO[bytes]:
        return default_storage.open(self.key, "rb")

    @property
    def local_path(self) -> Path:
        """For readers that need a path. Read only."""
        return Path(default_storage.path(self.key))
