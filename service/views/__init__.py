"""One module per subject, imported here so that their list pages are known to workers too."""

from . import mail, settings, ticket_actions, tickets

__all__ = ["mail", "settings", "ticket_actions", "tickets"]
