"""How campaigns are found in the search palette."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from crm.access.policy import visible
from crm.search.registry import SearchKind
from crm.search.tokens import name_sort
from crm.tenancy.models import Membership

from .models import Campaign

# Nobody looks for a campaign older than the last so many: there is a list for that. So few need no index of words.
LOOKED_THROUGH = 300


def find_campaigns(membership: Membership, text: str, limit: int) -> list[Campaign]:
    """By any part of the name, in characters or in pinyin; the last changed first."""
    wanted = text.casefold().strip()
    if not wanted:
        return []
    rows = visible(membership, Campaign).order_by("-updated_at", "-pk").defer("html", "text")[:LOOKED_THROUGH]
    return [campaign for campaign in rows if _is_called(campaign.name, wanted)][:limit]


def _is_called(name: str, wanted: str) -> bool:
    return wanted in name.casefold() or wanted.replace(" ", "") in name_sort(name).replace(" ", "")


def _state(campaign: Campaign) -> str:
    return str(campaign.get_state_display())


CAMPAIGNS = SearchKind("campaigns", Campaign, _("Campaigns"), "speakerphone", find_campaigns, _state)
