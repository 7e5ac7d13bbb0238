"""Who may see and do what: one predicate per kind, asked by list, detail, search, bulk, export, API, report and task.

A policy answers two questions. `visible()` narrows a queryset to what a member sees; `may()` says whether a member's
roles allow an action, and with an object, whether the object is among those the member sees.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar, TypeVar, cast

from django.db.models import Exists, Model, OuterRef, Q, QuerySet

from crm.tenancy.models import Membership

from .roles import Role, Scope

M = TypeVar("M", bound=Model)

EVERYBODY = frozenset(Role)


class Policy:
    """Rules of one kind. Subclass, set the class attributes, and `register` an instance in the app's `ready()`."""

    kind: ClassVar[str]
    model: ClassVar[type[Model]]
    # Action → roles that may take it. An action that is not named is refused to everybody.
    grants: ClassVar[Mapping[str, Iterable[Role]]]
    # How far a role sees when nothing was set for the person; a role not named sees nothing.
    scopes: ClassVar[Mapping[Role, Scope]]
    owner_field: ClassVar[str] = "owner"

    def may(self, membership: Membership, action: str, obj: Model | None = None) -> bool:
        return self.allows(membership, action, obj) and (obj is None or self.sees(membership, obj))

    def allows(self, membership: Membership, action: str, obj: Model | None = None) -> bool:
        """Whether the roles allow the action; for an object that was already found through `visible()`."""
        return membership.has_role(*self.grants.get(action, ()))

    def sees(self, membership: Membership, obj: Model) -> bool:
        return self.visible(membership, type(obj)._default_manager.filter(pk=obj.pk)).exists()

    def visible(self, membership: Membership, queryset: QuerySet[M]) -> QuerySet[M]:
        scope = self.scope_of(membership)
        if scope is None or not membership.has_role(*self.grants.get("view", ())):
            return queryset.none()
        if scope == Scope.ALL:
            return queryset
        return queryset.filter(self.within(membership, scope))

    def people(self, membership: Membership) -> list[int] | None:
        """Whose records the member sees; None: everybody's, and those that nobody owns."""
        scope = self.scope_of(membership)
        if scope is None or not membership.has_role(*self.grants.get("view", ())):
            return []
        return None if scope == Scope.ALL else self._people_within(membership, scope)

    def _people_within(self, membership: Membership, scope: Scope) -> list[int]:
        return [membership.user_id] if scope == Scope.OWN else team_members(membership)

    def within(self, membership: Membership, scope: Scope) -> Q:
        """The condition for a scope narrower than all."""
        people = self._people_within(membership, scope)
        # A list of one would be an `IN`, for which the planner does not walk the index in the list's order.
        lookup = {self.owner_field: people[0]} if len(people) == 1 else {f"{self.owner_field}__in": people}
        return Q(**lookup)

    def scope_of(self, membership: Membership) -> Scope | None:
        """The scope set for this person, else the widest of the roles, else None: sees nothing."""
        if self.kind in membership.scopes:
            return Scope(membership.scopes[self.kind])
        return max(
            (self.scopes[Role(role)] for role in membership.roles if Role(role) in self.scopes),
            key=lambda scope: scope.width,
            default=None,
        )


class FollowsPolicy(Policy):
    """Visible as the record it belongs to is: `follows` names the key to that record."""

    follows: ClassVar[str]

    def scope_of(self, membership: Membership) -> Scope | None:
        return self._leader().scope_of(membership)

    def within(self, membership: Membership, scope: Scope) -> Q:
        leader = self._leader()
        seen = leader.model._default_manager.filter(
            leader.within(membership, scope),
            tenant_id=OuterRef("tenant_id"),
            pk=OuterRef(f"{self.follows}_id"),
        )
        return Q(Exists(seen))

    def _leader(self) -> Policy:
        return policy_for(cast(type[Model], self.model._meta.get_field(self.follows).related_model))


class TenantWidePolicy(Policy):
    """For kinds that belong to nobody in particular: whoever may view, sees all, whatever was set for the person."""

    scopes: ClassVar[Mapping[Role, Scope]] = dict.fromkeys(Role, Scope.ALL)

    def within(self, membership: Membership, scope: Scope) -> Q:
        return Q()


class PersonalPolicy(Policy):
    """For what a person causes on the way, such as jobs and files: theirs alone, and the administrators'.

    It is no kind of record in which one would decide how far somebody sees.
    """

    scopes: ClassVar[Mapping[Role, Scope]] = dict.fromkeys(Role, Scope.OWN) | {Role.ADMIN: Scope.ALL}
    owner_field = "user"


_policies: dict[type[Model], Policy] = {}


def register(policy: Policy) -> Policy:
    _policies[policy.model] = policy
    return policy


def policy_for(model: type[Model] | Model) -> Policy:
    return _policies[model if isinstance(model, type) else type(model)]


def policies() -> Mapping[type[Model], Policy]:
    return _policies


def visible(membership: Membership, model: type[M]) -> QuerySet[M]:
    """The rows of a kind that a member sees. Every way in begins here."""
    rows: QuerySet[Any] = model._default_manager.all()
    return policy_for(model).visible(membership, rows)


def may(membership: Membership, action: str, target: type[Model] | Model) -> bool:
    obj = None if isinstance(target, type) else target
    return policy_for(target).may(membership, action, obj)


def team_members(membership: Membership) -> list[int]:
    """User ids of the member's team and the teams below, the member always among them. Asked once per membership."""
    cached: list[int] | None = getattr(membership, "_team_members", None)
    if cached is None:
        cached = _read_team_members(membership)
        membership._team_members = cached  # type: ignore[attr-defined]  # lives as long as the request's membership
    return cached


def _read_team_members(membership: Membership) -> list[int]:
    if membership.team is None:
        return [membership.user_id]
    people = Membership.objects.filter(
        tenant_id=membership.tenant_id, team__path__startswith=membership.team.path
    ).values_list("user_id", flat=True)
    return sorted({*people, membership.user_id})
