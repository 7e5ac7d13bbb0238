"""How deals and leads show in the search palette."""

from django.utils.translation import gettext_lazy as _

from crm.pages import formats
from crm.search.registry import SearchKind

from .models import Deal, DealSearch, Lead, LeadSearch
from .search import find_deals, find_leads


def _about(deal: Deal) -> str:
    amount = formats.money(deal.amount, deal.currency) if deal.amount is not None else ""
    customer = deal.customer.name if deal.customer else ""
    return " · ".join(filter(None, [customer, deal.stage.name, amount]))


def _who(lead: Lead) -> str:
    return " · ".join(filter(None, [lead.company, str(lead.get_status_display()), lead.phone]))


DEALS = SearchKind("deals", Deal, _("Deals"), "target-arrow", find_deals, _about, entry=DealSearch)
LEADS = SearchKind("leads", Lead, _("Leads"), "user-search", find_leads, _who, entry=LeadSearch)
