"""Who belongs where. These tables are read before a tenant is known, so they carry no row-level security."""

from __future__ import annotations

from typing import ClassVar
from zoneinfo import available_timezones

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.db.models.functions import Concat, Substr
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from crm.access.roles import Role

from .constraints import PlatformAuditTrigger

slug_validator = RegexValidator(
    r"^[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?$",
    _("Use 1 to 40 lower-case letters, digits and hyphens, beginning and ending with a letter or digit."),
)


def validate_time_zone(value: str) -> None:
    if value not in available_timezones():
        raise ValidationError(_("“%(value)s” is not a time zone, such as Asia/Shanghai."), params={"value": value})


class Tenant(models.Model):
    scale: ClassVar[str] = "reference"

    slug = models.CharField(_("address"), max_length=40, unique=True, validators=[slug_validator])
    name = models.CharField(_("name"), max_length=200)
    language = models.CharField(_("language"), max_length=10, choices=settings.LANGUAGES, default="zh-hans")
    currency = models.CharField(_("currency"), max_length=3, default="CNY", validators=[RegexValidator(r"^[A-Z]{3}$")])
    time_zone = models.CharField(
        _("time zone"), max_length=64, default="Asia/Shanghai", validators=[validate_time_zone]
    )
    is_active = models.BooleanField(_("active"), default=True)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)

    class Meta:
        ordering = ["slug"]
        constraints = [PlatformAuditTrigger(name="tenant_audit")]
        verbose_name = _("tenant")
        verbose_name_plural = _("tenants")

    def __str__(self):
        return self.name

    def get_absolute_url(self):
        return f"{settings.FORCE_SCRIPT_NAME or ''}/t/{self.slug}/"


class Team(models.Model):
    """A node of the tenant's tree of teams. `path` holds the ids from the root to this team, "/3/17/"."""

    scale: ClassVar[str] = "reference"

    tenant = models.ForeignKey(Tenant, models.CASCADE, related_name="teams")
    name = models.CharField(_("name"), max_length=120)
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="children", verbose_name=_("team above")
    )
    path = models.CharField(_("place in the tree"), max_length=200, editable=False, default="")

    class Meta:
        ordering = ["path"]
        constraints = [
            models.UniqueConstraint(fields=["tenant", "name"], name="team_name_once"),
            models.UniqueConstraint(fields=["tenant", "id"], name="team_tenant_id"),
            PlatformAuditTrigger(name="team_audit"),
        ]
        verbose_name = _("team")
        verbose_name_plural = _("teams")

    def __str__(self):
        return self.name

    def save(self, *args, **kwargs):
        if self.parent is not None and self.parent.tenant_id != self.tenant_id:
            raise ValidationError(_("A team and the team above it belong to one tenant."))
        if self.path and self.parent is not None and self.parent.path.startswith(self.path):
            raise ValidationError(_("A team cannot be below itself."))
        super().save(*args, **kwargs)
        path = f"{self.parent.path if self.parent else '/'}{self.pk}/"
        if path != self.path:
            self._move_to(path)

    def _move_to(self, path: str) -> None:
        """Write the new path of this team and, with it, of all teams below."""
        before, self.path = self.path, path
        super().save(update_fields=["path"])
        if before:
            below = Team.objects.filter(tenant_id=self.tenant_id, path__startswith=before).exclude(pk=self.pk)
            below.update(path=Concat(models.Value(path), Substr("path", len(before) + 1)))


class MembershipQuerySet(models.QuerySet):
    def active(self):
        return self.filter(is_active=True, tenant__is_active=True, user__is_active=True)


class Membership(models.Model):
    """A person in a tenant: roles, team, and how far the person sees in each kind of record."""

    scale: ClassVar[str] = "reference"

    tenant = models.ForeignKey(Tenant, models.CASCADE, related_name="memberships")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="memberships", verbose_name=_("person")
    )
    roles = ArrayField(models.CharField(max_length=20, choices=Role.choices), verbose_name=_("roles"), default=list)
    team = models.ForeignKey(
        Team, models.PROTECT, null=True, blank=True, related_name="memberships", verbose_name=_("team")
    )
    # {kind: reach}: what was set for this person; kinds not named take the widest reach of the roles.
    scopes = models.JSONField(_("scopes"), default=dict, blank=True)
    is_active = models.BooleanField(_("active"), default=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = MembershipQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["tenant", "user"], name="membership_once"),
            PlatformAuditTrigger(name="membership_audit"),
        ]
        verbose_name = _("member")
        verbose_name_plural = _("members")

    def __str__(self):
        return f"{self.user} · {self.tenant}"

    def get_absolute_url(self):
        return reverse("settings:member_edit", args=[self.pk])

    @property
    def role_labels(self) -> list[str]:
        return [str(Role(role).label) for role in self.roles]

    def has_role(self, *roles: Role) -> bool:
        return any(role in self.roles for role in roles)
