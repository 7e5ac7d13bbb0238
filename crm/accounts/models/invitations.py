from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core import signing
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.crypto import get_random_string
from django.utils.translation import gettext_lazy as _

from crm.access.roles import Role
from crm.tenancy.models import Team, Tenant

_SALT = "crm.accounts.invitation"


def new_nonce() -> str:
    return get_random_string(32)


class InvitationQuerySet(models.QuerySet["Invitation"]):
    def pending(self):
        """Neither accepted nor revoked; those whose time is over among them."""
        return self.filter(accepted_at=None, revoked_at=None)

    def by_token(self, token: str) -> Invitation | None:
        """The invitation a link stands for, whatever became of it; None for a link that we did not make or replaced."""
        try:
            pk, nonce = signing.loads(token, salt=_SALT)
        except (signing.BadSignature, ValueError, TypeError):
            return None
        return self.select_related("tenant", "team", "invited_by").filter(pk=pk, nonce=nonce).first()


class Invitation(models.Model):
    """A person is asked to join a tenant. The link in the mail works once, until it ends, is revoked or sent again."""

    scale: ClassVar[str] = "reference"

    tenant = models.ForeignKey(Tenant, models.CASCADE, related_name="invitations")
    email = models.EmailField(_("e-mail"))
    name = models.CharField(_("name"), max_length=120, blank=True)
    language = models.CharField(_("language"), max_length=10, choices=settings.LANGUAGES)
    roles = ArrayField(models.CharField(max_length=20, choices=Role.choices), verbose_name=_("roles"))
    team = models.ForeignKey(Team, models.SET_NULL, null=True, blank=True, verbose_name=_("team"), related_name="+")
    scopes = models.JSONField(_("scopes"), default=dict, blank=True)
    invited_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    # Part of the link. Sending again makes a new one, so that older links end.
    nonce = models.CharField(max_length=32, default=new_nonce, editable=False)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    sent_at = models.DateTimeField(_("sent"), default=timezone.now)
    expires_at = models.DateTimeField(_("ends"))
    accepted_at = models.DateTimeField(_("accepted"), null=True, blank=True)
    revoked_at = models.DateTimeField(_("revoked"), null=True, blank=True)

    objects = InvitationQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "email"],
                condition=Q(accepted_at=None, revoked_at=None),
                name="invitation_pending_once",
            )
        ]
        verbose_name = _("invitation")
        verbose_name_plural = _("invitations")

    def __str__(self):
        return f"{self.email} · {self.tenant}"

    @property
    def role_labels(self) -> list[str]:
        return [str(Role(role).label) for role in self.roles]

    @property
    def is_expired(self) -> bool:
        return self.expires_at <= timezone.now()

    @property
    def is_open(self) -> bool:
        return self.accepted_at is None and self.revoked_at is None and not self.is_expired

    @property
    def token(self) -> str:
        return signing.dumps([self.pk, self.nonce], salt=_SALT)
