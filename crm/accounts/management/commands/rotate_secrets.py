from __future__ import annotations

from typing import Any

from allauth.mfa.models import Authenticator
from allauth.mfa.utils import decrypt, encrypt
from django.core.management.base import BaseCommand
from django.db import transaction
from django.db.models import Model

from crm.security.sealing import purpose_of, seal, sealed_fields, unseal
from crm.tenancy.context import tenant_atomic
from crm.tenancy.models import Tenant

# Which entry of an authenticator's data is encrypted, by type.
_SECRETS = {Authenticator.Type.TOTP: "secret", Authenticator.Type.RECOVERY_CODES: "seed"}


class Command(BaseCommand):
    help = "Encrypt the secrets of second steps and of mailboxes with the newest SECRET_KEY, to take an older one away."

    def handle(self, *args: Any, **options: Any) -> None:
        count = 0
        for pk in Authenticator.objects.filter(type__in=_SECRETS).values_list("pk", flat=True):
            count += _rotate(pk)
        for model, field in sealed_fields():
            for tenant in Tenant.objects.order_by("pk"):
                with tenant_atomic(tenant):
                    count += _seal_anew(model, field)
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


def _seal_anew(model: type[Model], field: str) -> int:
    """Of the tenant that was entered: a tenant sets up a handful of such things."""
    purpose, rows = purpose_of(model, field), model._default_manager.select_for_update()
    sealed = list(rows.filter(**{f"{field}__gt": ""}))
    for row in sealed:
        setattr(row, field, seal(unseal(getattr(row, field), purpose=purpose), purpose=purpose))
        row.save(update_fields=[field])
    return len(sealed)
