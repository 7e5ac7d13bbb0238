"""The roles and the database on a server of one's own; `manage.py up` does the same for the embedded one."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any
from urllib.parse import unquote, urlsplit

import psycopg
from django.conf import settings
from django.core.management import BaseCommand, CommandError
from django.db import connection

from crm.embedded.provision import APP, OWNER, provision

HELP = """\
Create the roles and the database that DATABASE_URL and DATABASE_OWNER_URL name, with the passwords they hold.
Needs an administrator's address once, from DATABASE_ADMIN_URL or --admin-url. May run again without harm."""


class Command(BaseCommand):
    help = HELP
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--admin-url",
            default=settings.DATABASE_ADMIN_URL,
            help="postgres://… of a role that may create roles and databases (default: DATABASE_ADMIN_URL)",
        )

    def handle(self, *args: Any, admin_url: str, **options: Any) -> None:
        if not admin_url:
            raise CommandError("Name an administrator's address: DATABASE_ADMIN_URL or --admin-url.")
        app = connection.settings_dict
        owner = urlsplit(settings.DATABASE_OWNER_URL)
        for variable, role, user in (("DATABASE_URL", APP, app["USER"]), ("DATABASE_OWNER_URL", OWNER, owner.username)):
            if user != role:
                raise CommandError(f"{variable} must name the role {role}; it names {user or 'none'}.")
        if not app["PASSWORD"] or not owner.password:
            raise CommandError("DATABASE_URL and DATABASE_OWNER_URL must hold a password each.")
        try:
            provision(admin_url, app["NAME"], app_password=app["PASSWORD"], owner_password=unquote(owner.password))
        except psycopg.Error as error:
            raise CommandError(f"The server refused: {error}") from error
        self.stdout.write(f"The database {app['NAME']} and its roles are ready. Next: manage.py migrate")
