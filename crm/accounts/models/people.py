from __future__ import annotations

from typing import Any, ClassVar, cast

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from crm.tenancy.models import validate_time_zone


class UserManager(BaseUserManager["User"]):
    def get_by_natural_key(self, username):
        return self.get(email=username.strip().lower())

    def get_or_create_by_email(self, email: str, **defaults) -> tuple[User, bool]:
        """Returns (user, created). A created user has no usable password."""
        user, created = self.get_or_create(email=email.strip().lower(), defaults=defaults)
        if created:
            user.set_unusable_password()
            user.save(update_fields=["password"])
        return user, created

    def create_user(self, email: str, password: str | None = None, **fields) -> User:
        """Create a person whose address is taken for proven: an operator or an accepted invitation vouches for it."""
        user = self.model(email=email.strip().lower(), **fields)
        user.set_password(password)
        user.full_clean(exclude=["password"])
        user.save(using=self._db)
        user.confirm_email()
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields) -> User:
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)


class User(AbstractBaseUser, PermissionsMixin):
    """A person, who may belong to several tenants. Staff are the platform's operators, never a tenant's people."""

    scale: ClassVar[str] = "reference"

    email = models.EmailField(_("e-mail"), unique=True)
    name = models.CharField(pgettext_lazy("of a person", "name"), max_length=120, blank=True)
    language = models.CharField(_("language"), max_length=10, choices=settings.LANGUAGES, default="zh-hans")
    # Empty: the tenant's time zone.
    time_zone = models.CharField(_("time zone"), max_length=64, blank=True, validators=[validate_time_zone])
    is_active = models.BooleanField(_("active"), default=True)
    is_staff = models.BooleanField(_("platform operator"), default=False)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)

    objects = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")

    def __str__(self):
        return self.name or self.email

    def clean(self):
        super().clean()
        self.email = self.email.strip().lower()

    def confirm_email(self) -> None:
        """Note that the address in `email` is proven to be the person's, and the only one."""
        addresses = cast(Any, self).emailaddress_set
        addresses.exclude(email=self.email).delete()
        addresses.update_or_create(email=self.email, defaults={"verified": True, "primary": True})

    def get_full_name(self):
        return str(self)

    def get_short_name(self):
        return str(self)
