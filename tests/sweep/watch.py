"""What a request gave away, and what it wrote."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import quote, quote_plus

from django.db import connection
from django.http import HttpResponse

from crm.tenancy.context import use_tenant
from crm.tenancy.lints.kinds import tenant_models

from .canary import Canary

_WRITES = re.compile(r'\b(?:INSERT INTO|UPDATE|DELETE FROM)\s+"?(\w+)"?', re.I)
_LOCK = re.compile(r"\bFOR (?:NO KEY )?UPDATE\b.*$", re.I)


def body(response: HttpResponse) -> bytes:
    return b"".join(response.streaming_content) if response.streaming else response.content


def everything(response: HttpResponse) -> str:
    """All that the browser gets: body and headers."""
    headers = "\n".join(f"{name}: {value}" for name, value in response.headers.items())
    return f"{headers}\n{body(response).decode('utf-8', 'replace')}"


def leaks(response: HttpResponse, canary: Canary, typed: str = "\0") -> list[str]:
    """Texts of the canary's rows in the response, without what was typed and is shown again. Rows say more than the
    bare word."""
    text = everything(response).replace(typed, "").replace(quote(typed), "").replace(quote_plus(typed), "")
    return sorted(set(re.findall(rf"{canary.word}[ @.]\S+", text)))


def state(canary: Canary) -> dict[str, str]:
    """A fingerprint of every table, for one tenant."""
    # As at a commit: keys are judged and the audit trail is sealed.
    connection.check_constraints()
    with use_tenant(canary.tenant, canary.member.user), connection.cursor() as cursor:
        return {model._meta.db_table: _fingerprint(cursor, model._meta.db_table) for model in tenant_models()}


def _fingerprint(cursor: Any, table: str) -> str:
    cursor.execute(f"SELECT md5(string_agg(t::text, ',' ORDER BY t::text)) FROM {table} t")
    return cursor.fetchone()[0]


@contextmanager
def written() -> Iterator[set[str]]:
    """The tables that statements inside the block write to."""
    tables: set[str] = set()

    def listen(execute, sql, params, many, context):
        tables.update(_WRITES.findall(_LOCK.sub("", str(sql))))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(listen):
        yield tables
