"""Which tenant, and which person, the running code works for.

The context variable is the rope that managers and the database engine hold on to. Row-level security reads the
transaction's settings; the engine copies the variable into them when a transaction begins.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from django.db import connection as default_connection
from django.db import transaction

from crm.errors import NoTenant

if TYPE_CHECKING:
    from crm.accounts.models import User
    from crm.tenancy.engine.base import DatabaseWrapper
    from crm.tenancy.models import Tenant


# The project's own engine, which knows of tenants.
connection = cast("DatabaseWrapper", default_connection)


@dataclass(frozen=True, slots=True)
class Current:
    tenant_id: int | None = None
    user_id: int | None = None


_NOBODY = Current()
_current: ContextVar[Current] = ContextVar("current_tenant", default=_NOBODY)


def current() -> Current:
    return _current.get()


def current_tenant_id_or_none() -> int | None:
    return _current.get().tenant_id


def current_user_id_or_none() -> int | None:
    return _current.get().user_id


def current_tenant_id() -> int:
    tenant_id = _current.get().tenant_id
    if tenant_id is None:
        raise NoTenant(
            "Tenant data was asked for outside a tenant. Begin at `request.tenant`, or enter one with use_tenant()."
        )
    return tenant_id


@contextmanager
def use_tenant(tenant: Tenant | int, user: User | int | None = None) -> Iterator[None]:
    """Work for `tenant` (and `user`, when given) inside the block, and for whoever was before after it.

    Outside a transaction only the variable changes: the settings follow when `atomic()` begins. Inside one they are
    sent at once and put back at the end, so that a test or a command may switch in the middle of a transaction.
    """
    with _use(Current(_key(tenant), _key(user) if user is not None else current_user_id_or_none())):
        yield


@contextmanager
def use_person(user: User | int) -> Iterator[None]:
    """Say who works outside of tenants, as an operator does, so that the audit trail can tell."""
    with _use(Current(current_tenant_id_or_none(), _key(user))):
        yield


@contextmanager
def tenant_atomic(tenant: Tenant | int, user: User | int | None = None) -> Iterator[None]:
    with use_tenant(tenant, user), transaction.atomic():
        yield


@contextmanager
def _use(inner: Current) -> Iterator[None]:
    outer = _current.get()
    token = _current.set(inner)
    try:
        if connection.in_atomic_block:
            connection.set_local(inner)
        yield
    finally:
        _current.reset(token)
        if connection.in_atomic_block and connection.takes_statements():
            connection.set_local(outer)


def _key(instance) -> int:
    key = instance if isinstance(instance, int) else instance.pk
    if not isinstance(key, int):
        raise NoTenant("The tenant or person has not been saved yet.")
    return key
