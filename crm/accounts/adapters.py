"""How django-allauth does things here: by invitation, throttled, in the person's language, through one mail entry."""

from __future__ import annotations

import base64
import hashlib
import math
from typing import Any
from urllib.parse import quote

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.utils import timezone, translation
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from crm.mail.messages import absolute_url, send_mail_message
from crm.tenancy.urls import platform_reverse

from . import throttle
from .devices import known_device, remember_device
from .models import User

# What is said in a mail after a change that a thief would make too. The key is allauth's name of the event.
SECURITY_NOTICES = {
    "account/email/password_changed": _("Your password was changed."),
    "account/email/password_set": _("A password was set for your account."),
    "account/email/password_reset": _("Your password was reset."),
    "account/email/email_changed": _("The e-mail address of your account was changed."),
    "account/email/email_deleted": _("An e-mail address was removed from your account."),
    "mfa/email/totp_activated": _("An authenticator app was added to your account."),
    "mfa/email/totp_deactivated": _("The authenticator app was removed from your account."),
    "mfa/email/recovery_codes_generated": _("New recovery codes were made for your account."),
    "mfa/email/webauthn_added": _("A passkey was added to your account."),
    "mfa/email/webauthn_removed": _("A passkey was removed from your account."),
}

# What is said on the page after a change. That one is signed in or out is plain to see, so nothing is said of it.
MESSAGES = {
    "account/messages/email_confirmation_sent.txt": _("A mail with a link was sent to %(email)s."),
    "account/messages/email_confirmed.txt": _("%(email)s is now your address."),
    "account/messages/email_confirmation_failed.txt": _("This address could not be confirmed."),
    "account/messages/password_changed.txt": _("Your password was changed."),
    "account/messages/password_set.txt": _("Your password was set."),
    "mfa/messages/totp_activated.txt": _("The authenticator app was added."),
    "mfa/messages/totp_deactivated.txt": _("The authenticator app was removed."),
    "mfa/messages/recovery_codes_generated.txt": _("New recovery codes were made. The old ones no longer work."),
    "mfa/messages/webauthn_added.txt": _("The passkey was added."),
    "mfa/messages/webauthn_removed.txt": _("The passkey was removed."),
    "usersessions/messages/sessions_logged_out.txt": _("All other browsers were signed out."),
}

_MAILS = {
    "account/email/password_reset_key": "password_reset",
    "account/email/unknown_account": "unknown_account",
    "account/email/account_already_exists": "account_exists",
    "account/email/email_confirmation": "email_confirmation",
    "account/email/email_confirmation_signup": "email_confirmation",
}


class AccountAdapter(DefaultAccountAdapter):
    error_messages = DefaultAccountAdapter.error_messages | {
        "email_password_mismatch": _("The e-mail address or the password is not right."),
        "incorrect_password": _("The password is not right."),
    }
    _attempt: throttle.Attempt | None = None

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Accounts come by invitation."""
        return False

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        email = credentials.get("email", "")
        attempt = throttle.begin_attempt(
            email=email, address=self.get_client_ip(request), device=known_device(request, email)
        )
        if attempt.wait is not None:
            minutes = max(1, math.ceil(attempt.wait.total_seconds() / 60))
            raise ValidationError(
                ngettext(
                    "Too many failed attempts. Try again in %(minutes)d minute, or reset your password.",
                    "Too many failed attempts. Try again in %(minutes)d minutes, or reset your password.",
                    minutes,
                ),
                code="too_many_login_attempts",
                params={"minutes": minutes},
            )
        self._attempt = attempt

    def authenticate(self, request: HttpRequest, **credentials: Any) -> User | None:
        user = super().authenticate(request, **credentials)
        if user and self._attempt:
            self._attempt.succeed()
        return user

    def post_login(self, request: HttpRequest, user: User, **kwargs: Any) -> HttpResponse:
        response = super().post_login(request, user, **kwargs)
        remember_device(request, response, user.email)
        return response

    def add_message(
        self,
        request: HttpRequest,
        level: int,
        message_template: str | None = None,
        message_context: dict[str, Any] | None = None,
        extra_tags: str = "",
        message: str | None = None,
    ) -> None:
        if message is None and message_template in MESSAGES:
            message = str(MESSAGES[message_template]) % {"email": (message_context or {}).get("email", "")}
        if message:
            messages.add_message(request, level, message, extra_tags)

    def get_reset_password_from_key_url(self, key: str) -> str:
        path = platform_reverse("account_reset_password_from_key", uidb36="UID", key="KEY")
        return absolute_url(path.replace("UID-KEY", quote(key)))

    def get_email_confirmation_url(self, request: HttpRequest, emailconfirmation: Any) -> str:
        return absolute_url(platform_reverse("account_confirm_email", emailconfirmation.key))

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        values = {
            "url": context.get("password_reset_url") or context.get("activate_url") or "",
            "person": context.get("user"),
        }
        send_mail_message(_MAILS[template_prefix], email, values, _language(context.get("user")))

    def send_notification_mail(
        self,
        template_prefix: str,
        user: User,
        context: dict[str, Any] | None = None,
        email: str | None = None,
    ) -> None:
        values = {
            "notice": SECURITY_NOTICES[template_prefix],
            "person": user,
            "at": timezone.now(),
            "address": self.get_client_ip(self.request),
            "url": absolute_url(platform_reverse("account_reset_password")),
        }
        with timezone.override(user.time_zone or settings.TIME_ZONE):
            send_mail_message("security_notice", email or user.email, values, _language(user))


class MFAAdapter(DefaultMFAAdapter):
    """Secrets of authenticator apps and recovery codes are encrypted at rest with a key drawn from SECRET_KEY."""

    def get_totp_issuer(self) -> str:
        return settings.PRODUCT_NAME

    def _get_site_name(self) -> str:
        return settings.PRODUCT_NAME

    def generate_authenticator_name(self, user: User, type: Authenticator.Type) -> str:
        count = Authenticator.objects.filter(user=user, type=type).count()
        return _("Passkey %(number)d") % {"number": count + 1}

    def encrypt(self, text: str) -> str:
        return _cipher().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        return _cipher().decrypt(encrypted_text.encode()).decode()


def _cipher() -> MultiFernet:
    """The newest key first; older ones, from SECRET_KEY_FALLBACKS, still open what they closed."""
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    return MultiFernet([Fernet(_derive(key)) for key in keys])


def _derive(secret: str) -> bytes:
    digest = hashlib.blake2b(secret.encode(), digest_size=32, person=b"crm.accounts.mfa").digest()
    return base64.urlsafe_b64encode(digest)


def _language(user: User | None) -> str:
    """The receiver's language; for an address that nobody here has, that of the page the mail was asked for on."""
    return user.language if user else translation.get_language() or settings.LANGUAGE_CODE
