from __future__ import annotations

from crm.tenancy.base import TenantQuerySet

from ..choices.mail import InboundState


class InboundMailQuerySet(TenantQuerySet):
    def light(self):
        """Leaves the bytes in the database: a list of mails shall not read megabytes."""
        return self.defer("raw")

    def waiting(self):
        return self.filter(state=InboundState.WAITING)

    def in_quarantine(self):
        return self.filter(state=InboundState.QUARANTINE)


class MailboxQuerySet(TenantQuerySet):
    def fetched(self):
        """Those whose mail we fetch ourselves."""
        return self.filter(is_active=True, imap_host__gt="")
