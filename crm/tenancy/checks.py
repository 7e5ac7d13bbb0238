"""Refuse to run on a database that would lose Chinese search or let a role see through row-level security."""

from django.core.checks import Error, Tags, register
from django.db import connections


@register(Tags.database)
def check_database(app_configs, databases, **kwargs):
    return [error for alias in databases or () for error in _check(connections[alias])]


def _check(connection) -> list[Error]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT datctype, pg_encoding_to_char(encoding) FROM pg_database WHERE datname = current_database()"
        )
        ctype, encoding = cursor.fetchone()
        cursor.execute("SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user")
        (sees_all,) = cursor.fetchone()
    errors = []
    if encoding != "UTF8" or "utf" not in ctype.lower():
        errors.append(
            Error(
                f"The database's LC_CTYPE is {ctype} ({encoding}); Chinese text could not be searched.",
                hint="Create the database with `manage.py setup_database`, or with LC_CTYPE 'C.UTF-8'.",
                id="tenancy.E001",
            )
        )
    if sees_all:
        errors.append(
            Error(
                "The application's database role is a superuser or has BYPASSRLS: tenants would not be kept apart.",
                hint="Point DATABASE_URL at the role crm_app; `manage.py setup_database` creates it.",
                id="tenancy.E002",
            )
        )
    return errors
