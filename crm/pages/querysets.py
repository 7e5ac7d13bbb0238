from __future__ import annotations

from django.db.models import Q

from crm.tenancy.base import TenantQuerySet
from crm.tenancy.models import Membership

from .choices import Visibility


class SavedViewQuerySet(TenantQuerySet):
    def seen_by(self, membership: Membership):
        """Own views, those shared with the person's team, and those for everybody."""
        seen = Q(owner_id=membership.user_id) | Q(visibility=Visibility.ALL)
        if membership.team_id:
            seen |= Q(visibility=Visibility.TEAM, team_id=membership.team_id)
        return self.filter(seen)

    def for_list(self, kind: str, membership: Membership):
        return self.filter(kind=kind).seen_by(membership).order_by("name", "id")
