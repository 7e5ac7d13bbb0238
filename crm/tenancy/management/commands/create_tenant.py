from __future__ import annotations

from typing import Any

from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.validators import validate_email
from django.db import transaction

from crm.access.roles import Role
from crm.accounts.operations import invite
from crm.tenancy.fields import column_field
from crm.tenancy.models import Tenant
from crm.tenancy.operations import add_member, create_tenant


class Command(BaseCommand):
    help = "Create a tenant with its defaults. Its administrator becomes a member, or is invited when new."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("slug", help="the address: /t/SLUG/")
        parser.add_argument("--name", required=True)
        parser.add_argument("--admin", required=True, metavar="EMAIL", help="the first administrator")
        for option in ("language", "currency", "time_zone"):
            default = column_field(Tenant, option).default
            parser.add_argument(f"--{option.replace('_', '-')}", default=default, help=f"default: {default}")

    @transaction.atomic
    def handle(self, *args: Any, **options: Any) -> None:
        email = options["admin"].strip().lower()
        try:
            validate_email(email)
        except ValidationError as error:
            raise CommandError(f"--admin: {'; '.join(error.messages)}") from error
        try:
            tenant = create_tenant(
                slug=options["slug"],
                name=options["name"],
                language=options["language"],
                currency=options["currency"],
                time_zone=options["time_zone"],
            )
        except ValidationError as error:
            raise CommandError(_in_words(error)) from error
        known = get_user_model().objects.filter(email=email).first()
        if known is not None and known.has_usable_password():
            add_member(tenant=tenant, email=email, roles=[Role.ADMIN])
            self.stdout.write(f"{tenant.get_absolute_url()}: {email} is its administrator.")
        else:
            invite(tenant, email, [Role.ADMIN])
            self.stdout.write(f"{tenant.get_absolute_url()}: {email} was invited.")


def _in_words(error: ValidationError) -> str:
    return "; ".join(f"{field}: {' '.join(messages)}" for field, messages in error.message_dict.items())
