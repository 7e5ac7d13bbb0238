"""How many statements a page takes, and how PostgreSQL carries each of them out."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.contrib.auth import get_user_model
from django.db import connection
from django.test import Client

from crm.tenancy.context import tenant_atomic
from crm.tenancy.models import Tenant

from .server import HOST


@dataclass(frozen=True, slots=True)
class Statement:
    sql: str
    params: Any


def statements_of(path: str, email: str) -> list[Statement]:
    """The statements of one GET, without those that begin and end the transaction."""
    # The check of the connection's health comes once after a pause, not with every request.
    client = Client(SERVER_NAME=HOST, raise_request_exception=True)
    client.force_login(get_user_model().objects.get(email=email))
    logging.disable(logging.INFO)
    try:
        client.get(path)
        with _recorded() as statements:
            response = client.get(path)
    finally:
        logging.disable(logging.NOTSET)
    if response.status_code != 200:
        raise RuntimeError(f"{path} answered {response.status_code}.")
    return statements


@contextmanager
def _recorded() -> Iterator[list[Statement]]:
    statements: list[Statement] = []

    def record(execute, sql, params, many, context):
        statements.append(Statement(sql, params))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(record):
        yield statements


def explain(statements: list[Statement], tenant: Tenant, user_id: int) -> Iterator[str]:
    """Each SELECT with its plan, as the application's role sees it in that tenant."""
    for statement in statements:
        if not statement.sql.startswith("SELECT"):
            continue
        with tenant_atomic(tenant, user_id), connection.cursor() as cursor:
            cursor.execute(f"EXPLAIN (ANALYZE, BUFFERS) {statement.sql}", statement.params)
            plan = "\n".join(line for (line,) in cursor.fetchall())
        yield f"{connection.ops.last_executed_query(cursor, statement.sql, statement.params)}\n{plan}"
