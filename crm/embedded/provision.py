"""The roles and the database of DATA_DESIGN.md section 1, made on any PostgreSQL server by an administrator's URL."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import quote, unquote, urlsplit, urlunsplit

import psycopg
from django.conf import settings
from django.db import connections
from psycopg import sql

OWNER, APP, SEARCH = "crm_owner", "crm_app", "crm_search"


@dataclass(frozen=True)
class DatabaseUrls:
    app: str
    owner: str


def provision(
    admin_url: str, database: str, *, app_password: str, owner_password: str, template: str = "template0"
) -> DatabaseUrls:
    """Create what is missing and set the passwords. May run again without harm."""
    with psycopg.connect(_with_database(admin_url, "postgres"), autocommit=True) as admin:
        # Two test runs may begin at once on one server.
        admin.execute("SELECT pg_advisory_lock(4703)")
        _ensure_roles(admin, app_password, owner_password)
        _ensure_database(admin, database, template)
    with psycopg.connect(_with_database(admin_url, database), autocommit=True) as inside:
        _ensure_grants(inside)
    return DatabaseUrls(
        app=_with_login(admin_url, database, APP, app_password),
        owner=_with_login(admin_url, database, OWNER, owner_password),
    )


def _ensure_roles(admin: psycopg.Connection, app_password: str, owner_password: str) -> None:
    present = {name for (name,) in admin.execute("SELECT rolname FROM pg_roles")}
    for role, options in ((OWNER, "LOGIN"), (APP, "LOGIN"), (SEARCH, "NOLOGIN")):
        if role not in present:
            admin.execute(sql.SQL("CREATE ROLE {} " + options).format(sql.Identifier(role)))
    for role, password in ((OWNER, owner_password), (APP, app_password)):
        admin.execute(sql.SQL("ALTER ROLE {} PASSWORD {}").format(sql.Identifier(role), sql.Literal(password)))
    # The owner hands the tenant views over to the search role, so it must be able to act as that role; an
    # administrator who is not a superuser needs the same to give the database to the owner.
    admin.execute(f"GRANT {SEARCH} TO {OWNER}")
    admin.execute(f"GRANT {OWNER} TO CURRENT_USER")


def _ensure_database(admin: psycopg.Connection, database: str, template: str) -> None:
    if admin.execute("SELECT 1 FROM pg_database WHERE datname = %s", [database]).fetchone():
        return
    statement = "CREATE DATABASE {name} OWNER {owner} TEMPLATE {template}"
    if template == "template0":
        # LC_CTYPE must be a UTF-8 type, or pg_trgm sees nothing in Chinese text.
        statement += (
            " ENCODING 'UTF8' LOCALE_PROVIDER builtin BUILTIN_LOCALE 'PG_UNICODE_FAST'"
            " LC_COLLATE 'C' LC_CTYPE 'C.UTF-8'"
        )
    admin.execute(
        sql.SQL(statement).format(
            name=sql.Identifier(database), owner=sql.Identifier(OWNER), template=sql.Identifier(template)
        )
    )


def _ensure_grants(inside: psycopg.Connection) -> None:
    (database,) = inside.execute("SELECT current_database()").fetchone() or ("",)
    inside.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(sql.Identifier(database)))
    inside.execute(
        sql.SQL("GRANT CONNECT, TEMPORARY ON DATABASE {} TO {}").format(sql.Identifier(database), sql.Identifier(APP))
    )
    inside.execute(f"GRANT USAGE ON SCHEMA public TO {APP}, {SEARCH}")
    # A view's new owner must be allowed to create in its schema, also when the view is handed over.
    inside.execute(f"GRANT CREATE ON SCHEMA public TO {OWNER}, {SEARCH}")
    for what, grant in (("TABLES", "SELECT, INSERT, UPDATE, DELETE"), ("SEQUENCES", "USAGE, SELECT")):
        inside.execute(f"ALTER DEFAULT PRIVILEGES FOR ROLE {OWNER} IN SCHEMA public GRANT {grant} ON {what} TO {APP}")


@contextmanager
def as_owner(alias: str = "default") -> Iterator[None]:
    """Let Django's connection work as the owner role inside the block."""
    connection = connections[alias]
    if not settings.DATABASE_OWNER_URL:
        yield
        return
    owner = urlsplit(settings.DATABASE_OWNER_URL)
    before = {key: connection.settings_dict[key] for key in ("USER", "PASSWORD")}
    connection.close()
    connection.settings_dict.update(USER=owner.username or "", PASSWORD=unquote(owner.password or ""))
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict.update(before)


def _with_database(url: str, database: str) -> str:
    return urlunsplit(urlsplit(url)._replace(path=f"/{database}"))


def _with_login(url: str, database: str, user: str, password: str) -> str:
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    return urlunsplit(parts._replace(netloc=f"{user}:{quote(password, safe='')}@{host}", path=f"/{database}"))
