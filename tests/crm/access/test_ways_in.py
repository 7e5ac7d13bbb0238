"""One predicate per kind: whoever comes by the list, the search, an export or any other way sees the same records.

Five records of each kind, of five owners; each role with its usual reach, and a person with each reach set by hand.
The kinds are the registered policies, so one that is not written yet is tried too.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from django.db import connection, transaction
from django.db.models import Model, UniqueConstraint

from crm.access.policy import FollowsPolicy, Policy, policies, policy_for
from crm.access.roles import Role, Scope
from crm.imports.registry import import_kinds
from crm.tenancy.base import TenantModel
from crm.tenancy.context import use_tenant
from crm.tenancy.models import Tenant
from tests.conftest import Member, sign_in
from tests.factories import make_member, make_tenant
from tests.sweep.canary import Canary, writable_models

from .ways import Records, reached

# Whose records each reach has in it.
REACH = {
    Scope.OWN: {"me"},
    Scope.TEAM: {"me", "mate", "below"},
    Scope.ALL: {"me", "mate", "below", "elsewhere", "nobody"},
}

# What the roles see of customers, and so of their contacts and follow-ups, written out once more.
CUSTOMERS = dict.fromkeys(Role, Scope.ALL) | {Role.SALES_MANAGER: Scope.TEAM, Role.SALES: Scope.OWN}

KINDS = [policy for policy in policies().values() if issubclass(policy.model, TenantModel)]
EVERY_KIND = pytest.mark.parametrize("policy", KINDS, ids=lambda policy: policy.kind)


@dataclass(repr=False)
class Office:
    tenant: Tenant
    me: dict[Role, Member]
    owners: dict[str, Canary]

    def records(self, policy: Policy) -> dict[str, Model]:
        """{owner: record}; of what the database writes by itself, the newest row, of nobody in particular."""
        found = {name: canary.rows[policy.model] for name, canary in self.owners.items() if policy.model in canary.rows}
        with use_tenant(self.tenant):
            newest = policy.model._default_manager.order_by("pk").last()
        return found or ({"nobody": newest} if newest is not None else {})


@pytest.fixture(scope="module")
def _office(django_db_setup, django_db_blocker) -> Iterator[Office]:
    with django_db_blocker.unblock(), transaction.atomic():
        tenant = make_tenant("acme", name="Acme Trading")
        north, south = tenant.teams.create(name="North"), tenant.teams.create(name="South")
        city = tenant.teams.create(name="City", parent=north)
        me = {role: sign_in(make_member(tenant, f"{role}@acme.example", role, team=north)) for role in Role}
        others = {"mate": north, "below": city, "elsewhere": south, "nobody": south}
        people = {name: make_member(tenant, f"{name}@acme.example", team=team) for name, team in others.items()}
        # "me" is whoever asks: the records are handed to that person by the test.
        people = {"me": me[Role.SALES].membership} | people
        owners = {
            name: Canary(tenant, person, f"canary{name}", 700_000_000 + 1_000_000 * place)
            for place, (name, person) in enumerate(people.items())
        }
        office = Office(tenant, me, owners)
        _fill(office)
        connection.check_constraints()
        yield office
        for canary in owners.values():
            canary.fly()
        transaction.set_rollback(True)


def _fill(office: Office) -> None:
    with use_tenant(office.tenant):
        writable = set(writable_models())
        for name, canary in office.owners.items():
            for policy in KINDS:
                # Of what a tenant has one of, such as its settings, the first makes it for all.
                if policy.model in writable and (name == "me" or not _is_single(policy.model)):
                    canary.row(policy.model)
        for policy in KINDS:
            if policy.model in writable:
                _give(office, policy, "nobody", None)
        for kind in import_kinds.values():
            if kind.search is not None:
                kind.search.reindex([canary.rows[kind.model].pk for canary in office.owners.values()])


def _is_single(model: type[Model]) -> bool:
    constraints = (one for one in model._meta.constraints if isinstance(one, UniqueConstraint))
    return any(one.fields == ("tenant",) for one in constraints)


def _give(office: Office, policy: Policy, name: str, person) -> None:
    """Hand the record of `name` to a person, where the kind has owners and may be without one."""
    field = policy.model._meta.get_field(policy.owner_field) if _has_owner(policy) else None
    if field is not None and (person is not None or field.null):
        rows = policy.model._default_manager.filter(pk=office.owners[name].rows[policy.model].pk)
        rows.update(**{policy.owner_field: person})


def _has_owner(policy: Policy) -> bool:
    return not isinstance(policy, FollowsPolicy) and any(
        field.name == policy.owner_field for field in policy.model._meta.fields
    )


def _leader(policy: Policy) -> Policy:
    """The policy whose owner decides: of the record that this one follows, or its own."""
    if isinstance(policy, FollowsPolicy):
        return _leader(policy_for(policy.model._meta.get_field(policy.follows).related_model))
    return policy


@pytest.fixture
def office(_office: Office) -> Iterator[Office]:
    with transaction.atomic():
        yield _office
        transaction.set_rollback(True)


def expected(office: Office, policy: Policy, member: Member, scope: Scope | None) -> set[int]:
    records = office.records(policy)
    if scope is None or not set(member.membership.roles) & {str(role) for role in policy.grants.get("view", ())}:
        return set()
    names = REACH[scope] if _has_owner(_leader(policy)) else REACH[Scope.ALL]
    return {record.pk for name, record in records.items() if name in names}


def ways_of(office: Office, policy: Policy, member: Member) -> dict[str, set[int]]:
    records: Records = {record.pk: record for record in office.records(policy).values()}
    with use_tenant(office.tenant):
        if (leader := _leader(policy)).model in office.owners["me"].rows:
            _give(office, leader, "me", member.user)
    return reached(member, policy.model, records)


@EVERY_KIND
@pytest.mark.parametrize("role", Role)
def test_every_way_leads_to_the_same_records(office, policy, role):
    member = office.me[role]
    scope = _leader(policy).scopes.get(role)

    found = ways_of(office, policy, member)

    assert found == dict.fromkeys(found, expected(office, policy, member, scope))


@EVERY_KIND
@pytest.mark.parametrize("scope", Scope)
def test_a_reach_set_by_hand_holds_on_every_way(office, policy, scope):
    member = office.me[Role.SALES]
    member.membership.scopes = {_leader(policy).kind: scope.value}
    member.membership.save()

    try:
        found = ways_of(office, policy, member)
    finally:
        member.membership.scopes = {}

    assert found == dict.fromkeys(found, expected(office, policy, member, scope))


@pytest.mark.parametrize("kind", ["customers", "contacts", "activities"])
def test_the_reach_of_the_roles_is_as_written(kind):
    policy = next(policy for policy in KINDS if policy.kind == kind)

    assert _leader(policy).scopes == CUSTOMERS


def test_all_ways_are_tried_on_customers(office):
    policy = next(policy for policy in KINDS if policy.kind == "customers")

    found = ways_of(office, policy, office.me[Role.ADMIN])

    assert found.keys() == {"policy", "list", "detail", "pick", "search", "palette", "bulk", "export", "admin"}
    assert len(found["list"]) == 5
