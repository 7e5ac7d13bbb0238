"""The saved views that a list offers to a member. Every list page asks for them, so the query is compiled."""

from __future__ import annotations

from django.db.models import QuerySet

from crm.tenancy.compiled import CompiledQuery
from crm.tenancy.context import current_tenant_id
from crm.tenancy.models import Membership

from .models import SavedView
from .querysets import SavedViewQuerySet

# No team has this number.
NO_TEAM = 0


def saved_views(kind: str, membership: Membership) -> list[SavedView]:
    """By name; a person's own choice of columns, which has none, comes first."""
    return _saved_views.all(current_tenant_id(), kind, membership.user_id, membership.team_id or NO_TEAM)


def _ask(tenant_id: int, kind: str, user_id: int, team_id: int) -> QuerySet[SavedView]:
    seen: QuerySet[SavedView] = SavedViewQuerySet(SavedView).seen_by(user_id, team_id)
    return seen.filter(tenant_id=tenant_id, kind=kind).order_by("name", "id")


_saved_views = CompiledQuery(_ask, samples=(-1, "?kind", -2, -3))
