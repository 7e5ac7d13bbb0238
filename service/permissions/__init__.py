"""Who may do what in service. One module per subject; `POLICIES` is what the app registers."""

from crm.access.policy import Policy

POLICIES: tuple[type[Policy], ...] = ()
