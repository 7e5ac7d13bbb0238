"""What the settings are told: by the environment where it speaks, by the embedded servers where it is silent."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest

from crm.embedded import environment
from crm.embedded.servers import ServerError, start_postgres

PROJECT = Path(__file__).resolve().parents[3]


@pytest.fixture(autouse=True)
def own_environment(monkeypatch):
    """What a test sets does not reach the next one."""
    monkeypatch.setattr(os, "environ", os.environ.copy())


def role_of(url: str) -> tuple[str, bool]:
    with psycopg.connect(url) as connection:
        row = connection.execute(
            "SELECT rolname, rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user"
        ).fetchone()
    assert row is not None
    return row


def test_embedded_servers_fill_what_the_environment_leaves_open(home):
    running = environment.prepare(home, {})
    try:
        assert role_of(os.environ["DATABASE_URL"]) == ("crm_app", False)
        assert role_of(os.environ["DATABASE_OWNER_URL"]) == ("crm_owner", False)
        assert os.environ["REDIS_URL"].startswith("redis://:")
        assert len(os.environ["SECRET_KEY"]) > 50
        assert oct((home / "env").stat().st_mode)[-3:] == "600"
    finally:
        running.stop()


def test_second_start_keeps_key_and_passwords(home):
    environment.prepare(home, {}).stop()
    before = (home / "env").read_text()

    environment.prepare(home, {}).stop()

    assert (home / "env").read_text() == before


def test_given_servers_are_used_and_none_is_started(home):
    with start_postgres(home, fast=True) as server:
        given = {"DATABASE_URL": server.url, "REDIS_URL": "redis://elsewhere/1", "SECRET_KEY": "given"}
        running = environment.prepare(home / "data", given)

        assert running.servers == []
        assert (os.environ["REDIS_URL"], os.environ["SECRET_KEY"]) == ("redis://elsewhere/1", "given")


def test_administrators_address_is_exchanged_for_the_applications(home):
    with start_postgres(home, fast=True) as server:
        wished = urlsplit(server.url)._replace(path="/elsewhere").geturl()

        environment.prepare(home / "data", {"DATABASE_URL": wished, "REDIS_URL": "redis://elsewhere/1"})

        assert role_of(os.environ["DATABASE_URL"]) == ("crm_app", False)
        assert urlsplit(os.environ["DATABASE_URL"]).path == "/elsewhere"


def test_applications_address_is_used_as_it_is(home):
    with start_postgres(home, fast=True) as server:
        made = environment.prepare(home / "data", {"DATABASE_URL": server.url, "REDIS_URL": "redis://elsewhere/1"})
        given = {name: made.variables[name] for name in ("DATABASE_URL", "DATABASE_OWNER_URL", "REDIS_URL")}

        again = environment.prepare(home / "other", given)

        assert {name: again.variables[name] for name in given} == given


def test_database_that_does_not_answer_is_named(tmp_path):
    with pytest.raises(ServerError, match="DATABASE_URL"):
        environment.prepare(tmp_path, {"DATABASE_URL": "postgres://nobody@127.0.0.1:1/none", "REDIS_URL": "redis://x"})


def test_other_commands_find_the_demos_database_also_when_it_is_stopped(home):
    environment.prepare(home, {}).stop()
    quiet = {name: value for name, value in os.environ.items() if name not in environment_variables()}
    question = "from django.db import connection as c; c.ensure_connection(); print(c.settings_dict['USER'])"

    done = subprocess.run(
        [sys.executable, "manage.py", "shell", "-v", "0", "-c", question],
        cwd=PROJECT,
        env=quiet | {"DATA_DIR": str(home)},
        capture_output=True,
        text=True,
        check=False,
    )

    assert (done.stdout.strip(), done.returncode) == ("crm_app", 0), done.stderr


def environment_variables() -> set[str]:
    return {"DATABASE_URL", "DATABASE_OWNER_URL", "REDIS_URL", "SECRET_KEY", "DEBUG", "DEMO", "HTTPS", "PUBLIC_URL"}
