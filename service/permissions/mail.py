from __future__ import annotations

from crm.access.policy import FollowsPolicy, TenantWidePolicy
from crm.access.roles import Role

from ..choices.mail import InboundState
from ..models import InboundMail, Mailbox, PortalSettings, TicketAttachment
from .settings import LEADING, SettingsPolicy
from .tickets import SERVING

# No ticket came of these yet, and one can.
_RELEASED_FROM = {InboundState.QUARANTINE, InboundState.ASIDE, InboundState.DISCARDED, InboundState.BOUNCE}


class MailboxPolicy(SettingsPolicy):
    """Seen by those who set it up: it says where the mail of the tenant lies."""

    kind = "mailboxes"
    model = Mailbox
    grants = {**SettingsPolicy.grants, "view": LEADING, "fetch": LEADING}


class PortalSettingsPolicy(TenantWidePolicy):
    kind = "portal_settings"
    model = PortalSettings
    grants = {"view": LEADING, "edit": LEADING}


class InboundMailPolicy(TenantWidePolicy):
    """Nobody knows yet whose it is, so it is for those who work on everybody's tickets."""

    kind = "inbound_mails"
    model = InboundMail
    grants = {"view": SERVING, "release": SERVING, "discard": SERVING, "export": LEADING}

    def allows(self, membership, action, obj=None):
        if action == "release" and isinstance(obj, InboundMail) and obj.state not in _RELEASED_FROM:
            return False
        if action == "discard" and isinstance(obj, InboundMail) and obj.state != InboundState.QUARANTINE:
            return False
        return super().allows(membership, action, obj)


class TicketAttachmentPolicy(FollowsPolicy):
    """Seen with its ticket, and attached on the ticket's page only."""

    kind = "ticket_attachments"
    model = TicketAttachment
    follows = "ticket"
    grants = {"view": Role}
