from django.utils.translation import gettext_lazy as _

from crm.pages.navigation import Entry, register

from .models import AuditEntry

register(
    Entry(
        "audit:entry_list",
        _("Audit trail"),
        icon="history",
        section="administration",
        order=80,
        needs=(AuditEntry, "view"),
        words="audit log history shenji rizhi 审计 日志",
    )
)
