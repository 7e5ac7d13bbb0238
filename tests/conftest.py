"""The database, the fixed cast, and how a test enters a tenant.

The database is real PostgreSQL. It is migrated once by the owner and used as the application's role, so row-level
security is in force in every test.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.auth.hashers import Argon2PasswordHasher
from django.db import connection
from django.test import Client
from django.utils.translation.reloader import translation_file_changed

from crm.access.roles import Role
from crm.accounts.models import User
from crm.embedded.provision import as_owner
from crm.i18n.catalogue import LANGUAGES, compile_catalogue, po_path
from crm.tenancy.context import use_tenant
from crm.tenancy.models import Membership, Tenant
from tests.database import create_test_database, drop_test_database
from tests.factories import make_member, make_tenant

# Listens to every statement of every test.
pytest_plugins = ["tests.query_lint"]


def pytest_sessionstart(session: pytest.Session) -> None:
    """Both languages speak in the tests: on a fresh clone nothing is compiled yet."""
    if hasattr(session.config, "workerinput"):
        return  # one of several processes of a run; the first has done it
    for language in LANGUAGES:
        source = po_path(Path(settings.BASE_DIR), language)
        compile_catalogue(source, language)
        # What was said while Django started has been looked up already, in a catalogue that was not there.
        translation_file_changed(None, source.with_suffix(".mo"))


@pytest.fixture(scope="session")
def servers() -> Iterator[str]:
    """The administrator's URL of a PostgreSQL server: the given one, or an embedded one for this run."""
    given = os.environ.get("DATABASE_ADMIN_URL") or os.environ.get("DATABASE_URL")
    if given:
        yield given
        return
    from crm.embedded.servers import start_postgres

    server = start_postgres(Path(settings.BASE_DIR) / ".guanxi" / "test", fast=True)
    yield server.url
    server.stop()


@pytest.fixture(scope="session", autouse=True)
def redis_of_this_run() -> Iterator[None]:
    """The given Redis, or an embedded one: the settings were read before it had an address."""
    if "REDIS_URL" in os.environ:
        yield
        return
    from crm.celery import app
    from crm.embedded.servers import start_redis

    with start_redis(Path(settings.BASE_DIR) / ".guanxi" / "test", fast=True) as server:
        os.environ["REDIS_URL"] = settings.REDIS_URL = settings.CELERY_BROKER_URL = server.url
        settings.CACHES["default"]["LOCATION"] = server.url
        app.conf.broker_url = server.url
        yield


@pytest.fixture(scope="session")
def django_db_setup(servers: str, django_db_blocker) -> Iterator[None]:
    name = f"test_guanxi_{os.getpid()}"
    with django_db_blocker.unblock():
        create_test_database(servers, name)
    yield
    drop_test_database(servers, name)


@pytest.fixture(scope="session", autouse=True)
def quick_passwords() -> None:
    """The same hash, made cheap: the cast signs in thousands of times."""
    Argon2PasswordHasher.time_cost = 1
    Argon2PasswordHasher.memory_cost = 64
    Argon2PasswordHasher.parallelism = 1


@pytest.fixture(scope="session", autouse=True)
def files_of_this_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Private files of the tests, and their metrics, lie apart from those of the demo."""
    settings.DATA_DIR = tmp_path_factory.mktemp("data")
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(tmp_path_factory.mktemp("metrics"))
    return settings.DATA_DIR


@pytest.fixture
def committed_db(django_db_setup, django_db_blocker) -> Iterator[None]:
    """Commit for real, for workers, browsers and races; every table is emptied afterwards."""
    with django_db_blocker.unblock():
        yield
        with as_owner(), connection.cursor() as cursor:
            tables = set(connection.introspection.table_names()) - {
                "django_migrations",
                "django_content_type",
                "auth_permission",
            }
            names = ", ".join(connection.ops.quote_name(table) for table in sorted(tables))
            cursor.execute(f"TRUNCATE {names} RESTART IDENTITY CASCADE")


@dataclass
class Member:
    """One of the cast: the person, the membership, and a browser that is signed in."""

    user: User
    membership: Membership
    client: Client

    def get(self, path: str = "", **kwargs):
        return self.client.get(f"/t/{self.membership.tenant.slug}/{path}", **kwargs)

    def post(self, path: str = "", data=None, **kwargs):
        return self.client.post(f"/t/{self.membership.tenant.slug}/{path}", data or {}, **kwargs)


def sign_in(membership: Membership) -> Member:
    client = Client(raise_request_exception=True)
    client.force_login(membership.user, backend=settings.AUTHENTICATION_BACKENDS[-1])
    return Member(membership.user, membership, client)


@pytest.fixture
def tenant(request) -> Tenant:
    return make_tenant("acme", name="Acme Trading")


@pytest.fixture
def other_tenant(request) -> Tenant:
    return make_tenant("huaxing", name="华星贸易", language="zh-hans", currency="CNY", time_zone="Asia/Shanghai")


@pytest.fixture
def teams(tenant):
    north = tenant.teams.create(name="North")
    return {"north": north, "south": tenant.teams.create(name="South")}


@pytest.fixture
def owner(tenant, teams) -> Member:
    return sign_in(make_member(tenant, "sales@acme.example", Role.SALES, team=teams["north"]))


@pytest.fixture
def colleague(tenant, teams) -> Member:
    return sign_in(make_member(tenant, "sales2@acme.example", Role.SALES, team=teams["south"]))


@pytest.fixture
def manager(tenant, teams) -> Member:
    return sign_in(make_member(tenant, "sales-manager@acme.example", Role.SALES_MANAGER, team=teams["north"]))


@pytest.fixture
def admin(tenant) -> Member:
    return sign_in(make_member(tenant, "admin@acme.example", Role.ADMIN))


@pytest.fixture
def reader(tenant) -> Member:
    return sign_in(make_member(tenant, "reader@acme.example", Role.READER))


@pytest.fixture
def stranger(other_tenant) -> Member:
    return sign_in(make_member(other_tenant, "admin@huaxing.example", Role.ADMIN))


@pytest.fixture
def in_tenant(tenant) -> Iterator[Tenant]:
    with use_tenant(tenant):
        yield tenant
