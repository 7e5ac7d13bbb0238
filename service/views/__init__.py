"""One module per subject, imported here so that their list pages are known to workers too."""

from . import settings, ticket_actions, tickets

__all__ = ["settings", "ticket_actions", "tickets"]
