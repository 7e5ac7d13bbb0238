"""How far a member sees, asked of the one policy of the records that a sum is of."""

from __future__ import annotations

from django.db.models import Model, Q

from crm.access.policy import policy_for
from crm.tenancy.models import Membership


def owners_seen(membership: Membership, model: type[Model], field: str = "owner") -> Q | None:
    """The condition on a roll-up that is kept by owner; None for whoever may not see records of this kind."""
    policy = policy_for(model)
    if not policy.allows(membership, "view"):
        return None
    people = policy.people(membership)
    if people is None:
        return Q()
    return Q(**{field: people[0]}) if len(people) == 1 else Q(**{f"{field}__in": people})


def sees_all(membership: Membership, model: type[Model]) -> bool:
    """For roll-ups that are not kept by person: a part of them cannot be told."""
    policy = policy_for(model)
    return policy.allows(membership, "view") and policy.people(membership) is None
