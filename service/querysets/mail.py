from __future__ import annotations

from crm.tenancy.base import TenantManager, TenantQuerySet

from ..choices.mail import InboundState


class InboundMailQuerySet(TenantQuerySet):
    def waiting(self):
        return self.filter(state=InboundState.WAITING)

    def in_quarantine(self):
        """Said as the partial index says it."""
        return self.filter(state=InboundState.QUARANTINE)


_Manager = TenantManager.from_queryset(InboundMailQuerySet)


class InboundMailManager(_Manager):
    """Leaves the bytes in the database until somebody asks for them: a list of mails shall not read megabytes."""

    def get_queryset(self):
        return super().get_queryset().defer("raw")


class MailboxQuerySet(TenantQuerySet):
    def fetched(self):
        """Those whose mail we fetch ourselves."""
        return self.filter(is_active=True, imap_host__gt="")
