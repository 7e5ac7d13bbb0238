from __future__ import annotations

from typing import Any

from allauth.mfa.models import Authenticator
from allauth.mfa.utils import decrypt, encrypt
from django.core.management.base import BaseCommand
from django.db import transaction

# Which entry of an authenticator's data is encrypted, by type.
_SECRETS = {Authenticator.Type.TOTP: "secret", Authenticator.Type.RECOVERY_CODES: "seed"}


class Command(BaseCommand):
    help = "Encrypt the secrets of second steps with the newest SECRET_KEY, so that an older one may be taken away."

    def handle(self, *args: Any, **options: Any) -> None:
        count = 0
        for pk in Authenticator.objects.filter(type__in=_SECRETS).values_list("pk", flat=True):
            count += _rotate(pk)
        self.stdout.write(f"{count} secrets are encrypted with the newest key.")


@transaction.atomic
def _rotate(pk: int) -> int:
    # Locked, for a recovery code may be used at this moment, and its use is noted in the same data.
    authenticator = Authenticator.objects.select_for_update().filter(pk=pk).first()
    if authenticator is None:
        return 0
    entry = _SECRETS[Authenticator.Type(authenticator.type)]
    authenticator.data[entry] = encrypt(decrypt(authenticator.data[entry]))
    authenticator.save(update_fields=["data"])
    return 1
