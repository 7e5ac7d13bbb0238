"""The embedded servers: start, share, stop, and come back after every kind of sudden death."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import psycopg
import pytest
import redis

from crm.embedded import locks, postgres_server
from crm.embedded.postgres_server import data_folder
from crm.embedded.processes import working_in
from crm.embedded.servers import ServerError, start_postgres, start_redis

from .conftest import is_alive, wait_until

PROJECT = Path(__file__).resolve().parents[3]


def postmaster(home: Path) -> int:
    return int((data_folder(home / "postgres") / "postmaster.pid").read_text().splitlines()[0])


def one(url: str, question: str) -> object:
    with psycopg.connect(url) as connection:
        row = connection.execute(question).fetchone()
        return row and row[0]


def fill(url: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CREATE TABLE note AS SELECT 'kept' AS text")


def test_address_has_an_administrators_rights_and_chinese_character_types(home):
    with start_postgres(home, fast=True) as server:
        assert one(server.url, "SELECT rolsuper FROM pg_roles WHERE rolname = current_user") is True
        assert one(server.url, "SELECT datctype FROM pg_database WHERE datname = 'template1'") == "C.UTF-8"
        assert str(one(server.url, "SHOW server_version_num"))[:2] == "18"


def test_nobody_gets_in_without_the_password(home):
    with start_postgres(home, fast=True) as server:
        user, _, rest = server.url.removeprefix("postgres://").partition(":")
        with pytest.raises(psycopg.OperationalError, match="no password supplied"):
            psycopg.connect(f"postgres://{user}@{rest.partition('@')[2]}")


def test_the_log_of_postgresql_quotes_no_data(home):
    with start_postgres(home, fast=True) as server:
        with psycopg.connect(server.url, autocommit=True) as connection:
            connection.execute("CREATE TABLE person (name text PRIMARY KEY)")
            connection.execute("INSERT INTO person VALUES ('Planted Silkworm')")
            with pytest.raises(psycopg.errors.UniqueViolation, match="Planted Silkworm"):
                connection.execute("INSERT INTO person VALUES ('Planted Silkworm')")
        said = (home / "postgres" / "log").read_text()

    assert 'violates unique constraint "person_pkey"' in said
    assert "Planted" not in said


def test_data_survive_a_stop_and_the_address_stays(home):
    with start_postgres(home) as server:
        fill(server.url)

    with start_postgres(home) as again:
        assert again.url == server.url
        assert one(again.url, "SELECT text FROM note") == "kept"


def test_server_ends_with_its_last_user(home):
    first = start_postgres(home, fast=True)
    second = start_postgres(home, fast=True)

    first.stop()
    assert one(second.url, "SELECT 1") == 1

    second.stop()
    assert working_in(data_folder(home / "postgres")) == []


def test_data_survive_kill_9_of_the_server(home):
    with start_postgres(home) as server:
        fill(server.url)
        os.kill(postmaster(home), signal.SIGKILL)
        wait_until(lambda: not server.is_running())

        with start_postgres(home) as again:
            assert one(again.url, "SELECT text FROM note") == "kept"


def test_data_survive_kill_9_of_server_and_keeper_together(home):
    server = start_postgres(home)
    fill(server.url)
    assert server.keeper is not None
    for pid in (server.keeper.pid, postmaster(home)):
        os.kill(pid, signal.SIGKILL)
    server.keeper.wait()
    server.users.close()

    with start_postgres(home) as again:
        assert one(again.url, "SELECT text FROM note") == "kept"


def test_stale_pid_file_that_names_a_living_process_does_not_stop_the_start(home):
    with start_postgres(home) as server:
        fill(server.url)
    # In a new container the same small numbers are given out again.
    note = data_folder(home / "postgres") / "postmaster.pid"
    note.write_text(f"{os.getpid()}\n{note.parent}\n1700000000\n5432\n\n127.0.0.1\n\nready\n")

    with start_postgres(home) as again:
        assert one(again.url, "SELECT text FROM note") == "kept"


def test_fast_cluster_that_did_not_end_properly_is_made_anew(home):
    with start_postgres(home, fast=True) as server:
        fill(server.url)
        os.kill(postmaster(home), signal.SIGKILL)
        wait_until(lambda: not server.is_running())

        with start_postgres(home, fast=True) as again:
            assert one(again.url, "SELECT to_regclass('note')") is None


@pytest.mark.parametrize("starter", ["start_postgres", "start_redis"])
def test_server_ends_when_its_user_is_killed(home, starter):
    script = f"""if True:
        import os, signal
        from pathlib import Path
        from crm.embedded.servers import {starter}
        {starter}(Path({str(home)!r}), fast=True)
        os.kill(os.getpid(), signal.SIGKILL)
    """

    done = subprocess.run([sys.executable, "-c", script], cwd=PROJECT, check=False)

    assert done.returncode == -signal.SIGKILL
    folder = home / starter.removeprefix("start_")
    wait_until(lambda: not locks.is_held(folder / "running.lock"))
    assert working_in(data_folder(home / "postgres")) == []


def test_server_ends_when_its_keeper_is_killed(home):
    server = start_postgres(home, fast=True)
    pid = postmaster(home)
    assert server.keeper is not None

    server.keeper.kill()
    server.keeper.wait()

    wait_until(lambda: not is_alive(pid))
    server.stop()


def test_start_that_fails_says_why_and_lets_go(home):
    (home / "postgres").mkdir()
    with start_postgres(home) as server:
        pass
    (data_folder(home / "postgres") / "postgresql.conf").write_text("no_such_setting = 1\n")

    with pytest.raises(ServerError, match="no_such_setting"):
        start_postgres(home)

    assert not locks.is_held(server.users_lock)
    assert not server.is_running()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root's folders may be closed to the account of the server")
def test_roots_data_lie_inside_where_the_servers_account_can_reach_them():
    # Not below pytest's folder, which every run closes to others.
    with tempfile.TemporaryDirectory() as name:
        home = Path(name)
        home.chmod(0o755)

        with start_postgres(home, fast=True) as server:
            assert one(server.url, "SELECT 1") == 1
            data = home / "postgres" / "data"
            assert data.is_dir() and not data.is_symlink()
            assert data.stat().st_uid != 0


@pytest.mark.skipif(os.geteuid() != 0, reason="only root's folders may be closed to the account of the server")
def test_roots_data_lie_outside_a_closed_folder_and_are_forgotten_with_it(home):
    home.chmod(0o700)

    with start_postgres(home, fast=True) as server:
        outside = data_folder(home / "postgres")
        assert home not in outside.parents
        fill(server.url)
    (home / "postgres" / "data").unlink()

    with start_postgres(home, fast=True) as again:
        assert data_folder(home / "postgres") == outside
        assert one(again.url, "SELECT to_regclass('note')") is None


@pytest.mark.skipif(os.geteuid() != 0, reason="only root's folders may be closed to the account of the server")
def test_programs_in_a_closed_folder_are_copied_and_run(home, monkeypatch):
    name = f"test-{os.getpid()}"
    monkeypatch.setattr(postgres_server, "version", lambda package: name)
    monkeypatch.setattr(postgres_server, "PROOF_OF_ACCESS", ("bin/not-to-be-read",))
    copies = [parent / f"programs-{name}" for parent in postgres_server.OUTSIDE]
    try:
        with start_postgres(home, fast=True) as server:
            assert one(
                server.url, "SELECT installed_version IS NULL FROM pg_available_extensions WHERE name = 'pg_trgm'"
            )
            assert b"programs-test" in Path(f"/proc/{postmaster(home)}/cmdline").read_bytes()
    finally:
        for copy in copies:
            shutil.rmtree(copy, ignore_errors=True)


def test_redis_keeps_data_and_address_and_asks_for_its_password(home):
    with start_redis(home) as server, redis.Redis.from_url(server.url) as client:
        client.set("note", "kept")

    with start_redis(home) as again, redis.Redis.from_url(again.url) as client:
        assert again.url == server.url
        assert client.get("note") == b"kept"
        with (
            redis.Redis(port=client.connection_pool.connection_kwargs["port"]) as anybody,
            pytest.raises(redis.AuthenticationError),
        ):
            anybody.ping()


def test_redis_comes_back_after_kill_9(home):
    with start_redis(home) as server, redis.Redis.from_url(server.url) as client:
        client.set("note", "kept")
        client.execute_command("WAITAOF", 1, 0, 5000) if client.info()["redis_version"] >= "7.2" else client.save()
        os.kill(client.info()["process_id"], signal.SIGKILL)
        wait_until(lambda: not server.is_running())

        with start_redis(home) as again, redis.Redis.from_url(again.url) as other:
            assert again.url == server.url
            assert other.get("note") == b"kept"


def test_redis_takes_another_port_when_its_own_was_taken(home):
    import socket

    with start_redis(home) as server:
        pass
    with socket.socket() as other:
        other.bind(("127.0.0.1", int((home / "redis" / "port").read_text())))
        other.listen()

        with start_redis(home) as again, redis.Redis.from_url(again.url) as client:
            assert again.url != server.url
            assert client.ping()
