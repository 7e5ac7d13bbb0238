"""Who may do what in sales. One module per subject; `POLICIES` is what the app registers."""

from . import deals, leads, pipelines

POLICIES = (
    *pipelines.POLICIES,
    *deals.POLICIES,
    *leads.POLICIES,
)
