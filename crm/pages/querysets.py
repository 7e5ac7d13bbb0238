from __future__ import annotations

from django.db.models import Q

from crm.tenancy.base import TenantQuerySet

from .choices import Visibility


class SavedViewQuerySet(TenantQuerySet):
    def seen_by(self, user_id: int, team_id: int):
        """Own views, those shared with the person's team, and those for everybody."""
        shared = Q(visibility=Visibility.ALL) | Q(visibility=Visibility.TEAM, team_id=team_id)
        return self.filter(Q(owner_id=user_id) | shared)
