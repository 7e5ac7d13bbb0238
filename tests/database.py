"""A migrated database for every run. Migrating takes seconds, so it is done once for one state of the migrations."""

from __future__ import annotations

import hashlib
from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from django.db import connection, connections
from environ import Env
from psycopg import connect, sql

from crm.embedded.provision import DatabaseUrls, provision

PASSWORDS = {"app_password": "test-app", "owner_password": "test-owner"}
TEMPLATES = "guanxi_migrated_"


def create_test_database(admin_url: str, name: str) -> None:
    """Leaves the connection at a new database, as the application's role."""
    _point_at(clone_test_database(admin_url, name), name)


def clone_test_database(admin_url: str, name: str) -> DatabaseUrls:
    template = TEMPLATES + _digest()
    with connect(admin_url, autocommit=True) as admin:
        # Of two runs that begin at once, one migrates and the other waits.
        admin.execute("SELECT pg_advisory_lock(4704)")
        if not _exists(admin, template):
            _drop_older_templates(admin)
            _migrate(admin_url, admin, template)
        return provision(admin_url, name, template=template, **PASSWORDS)


def drop_test_database(admin_url: str, name: str) -> None:
    connections.close_all()
    drop_database(admin_url, name)


def drop_database(admin_url: str, name: str) -> None:
    with connect(admin_url, autocommit=True) as admin:
        admin.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


def _migrate(admin_url: str, admin, template: str) -> None:
    unfinished = f"{template}_unfinished"
    admin.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(unfinished)))
    before = dict(connection.settings_dict)
    _point_at(provision(admin_url, unfinished, **PASSWORDS), unfinished)
    call_command("migrate", verbosity=0)
    connections.close_all()
    connection.settings_dict.update(before)
    # The name comes last: a run that was killed in the middle leaves no half-migrated template.
    admin.execute(
        sql.SQL("ALTER DATABASE {} RENAME TO {}").format(sql.Identifier(unfinished), sql.Identifier(template))
    )


def _digest() -> str:
    """Of everything that makes the schema."""
    base = Path(settings.BASE_DIR)
    files = [*base.glob("*/migrations/*.py"), *base.glob("crm/*/migrations/*.py"), *base.glob("crm/*/constraints.py")]
    files += [base / "requirements.txt", base / "crm/embedded/provision.py"]
    digest = hashlib.sha256()
    for file in sorted(files):
        digest.update(file.relative_to(base).as_posix().encode() + file.read_bytes())
    return digest.hexdigest()[:16]


def _exists(admin, name: str) -> bool:
    return admin.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone() is not None


def _drop_older_templates(admin) -> None:
    found = admin.execute("SELECT datname FROM pg_database WHERE starts_with(datname, %s)", [TEMPLATES]).fetchall()
    for (name,) in found:
        admin.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


def _point_at(urls: DatabaseUrls, name: str) -> None:
    config = Env.db_url_config(urls.app)
    connection.close()
    place = {key: config[key] for key in ("USER", "PASSWORD", "HOST", "PORT")} | {"NAME": name}
    connection.settings_dict.update(place)
    settings.DATABASES["default"].update(place)
    settings.DATABASE_OWNER_URL = urls.owner
