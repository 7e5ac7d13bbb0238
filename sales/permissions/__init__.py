"""Who may do what in sales. One module per subject; `POLICIES` is what the app registers."""

from . import deals, leads, pipelines, products, purchases, quotes

POLICIES = (
    *pipelines.POLICIES,
    *deals.POLICIES,
    *leads.POLICIES,
    *products.POLICIES,
    *quotes.POLICIES,
    *purchases.POLICIES,
)
