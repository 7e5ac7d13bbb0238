from __future__ import annotations

from allauth.account.auth_backends import AuthenticationBackend

from .models import User


class EmailBackend(AuthenticationBackend):
    """By the one proven address of a person: one query, whether or not there is such a person."""

    def _authenticate_by_email(self, email: str, password: str) -> User | None:
        return self._check_password(User.objects.filter(email=email.strip().lower()).first(), password)
