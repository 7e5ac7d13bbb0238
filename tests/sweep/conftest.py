"""Two tenants with a row of everything, made once per module and rolled back after it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from django.db import connection, transaction

from crm.access.roles import Role
from tests.conftest import Member, sign_in
from tests.factories import make_member, make_tenant

from .canary import Canary

OUR_WORD, THEIR_WORD = "ourcanary", "theircanary"
# Far from what the sequences give out, and from each other: an id says whose it is.
OUR_IDS, THEIR_IDS = 810_000_000, 920_000_000


@dataclass(repr=False)
class World:
    ours: Canary
    theirs: Canary
    members: dict[Role, Member] = field(default_factory=dict)
    stranger: Member | None = None


@pytest.fixture(scope="module")
def _world(django_db_setup, django_db_blocker) -> Iterator[World]:
    with django_db_blocker.unblock(), transaction.atomic():
        acme = make_tenant("acme", name="Acme Trading")
        members = {role: sign_in(make_member(acme, f"{role}@acme.example", role)) for role in Role}
        huaxing = make_tenant("huaxing", name=f"{THEIR_WORD} tenant")
        stranger = sign_in(make_member(huaxing, f"admin@{THEIR_WORD}.example", Role.ADMIN))
        world = World(
            ours=Canary(acme, members[Role.ADMIN].membership, OUR_WORD, OUR_IDS).hatch(),
            theirs=Canary(huaxing, stranger.membership, THEIR_WORD, THEIR_IDS).hatch(),
            members=members,
            stranger=stranger,
        )
        yield world
        world.ours.fly()
        world.theirs.fly()
        transaction.set_rollback(True)


@pytest.fixture
def world(_world: World) -> Iterator[World]:
    """What a test changes is undone after it."""
    with transaction.atomic():
        yield _world
        transaction.set_rollback(True)
    assert not connection.needs_rollback
