"""A kept connection is asked for its health without a statement, and given up when its server went away."""

import psycopg
import pytest
from django.db import connection


@pytest.fixture
def idle(committed_db):
    connection.ensure_connection()
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        (pid,) = cursor.fetchone()
    yield pid
    connection.close()


def test_a_living_server_is_believed_without_a_statement(idle, monkeypatch):
    statements = []
    with monkeypatch.context() as patch:
        patch.setattr(psycopg.Cursor, "execute", lambda *args, **kwargs: statements.append(args))
        usable = connection.is_usable()

    assert usable
    assert statements == []


def test_a_server_that_went_away_is_noticed(idle, servers):
    with psycopg.connect(servers, autocommit=True) as admin:
        admin.execute("SELECT pg_terminate_backend(%s)", [idle])
        while admin.execute("SELECT 1 FROM pg_stat_activity WHERE pid = %s", [idle]).fetchone():
            pass

    assert not connection.is_usable()


def test_a_closed_connection_is_not_usable(idle):
    connection.connection.close()

    assert not connection.is_usable()


def test_what_the_server_says_by_itself_does_not_end_the_connection(idle, servers):
    """A notice or a notification is something to read too."""
    with connection.cursor() as cursor:
        cursor.execute("LISTEN something")
        cursor.execute("SELECT current_database()")
        (database,) = cursor.fetchone()
    url = psycopg.conninfo.make_conninfo(servers, dbname=database)
    with psycopg.connect(url, autocommit=True) as admin:
        admin.execute("NOTIFY something")

    assert connection.is_usable()
