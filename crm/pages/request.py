from __future__ import annotations

from django.http import HttpRequest
from django_htmx.middleware import HtmxDetails

from crm.accounts.models import User
from crm.tenancy.models import Membership, Tenant


class MemberRequest(HttpRequest):
    """A request below /t/<slug>/, as middleware leaves it to the pages. For type hints only."""

    tenant: Tenant
    membership: Membership
    # Whoever is not signed in does not come this far.
    user: User
    htmx: HtmxDetails
