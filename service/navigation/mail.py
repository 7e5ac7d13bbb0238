"""Incoming mail, mailboxes and the portal in the sidebar, and what waits in quarantine on the first page."""

from __future__ import annotations

from typing import Any, cast

from django.utils.translation import gettext_lazy as _

from crm.access.policy import visible
from crm.pages.navigation import Entry, register
from crm.pages.request import MemberRequest
from crm.pages.views.home import Panel, register_panel

from ..models import InboundMail, Mailbox, PortalSettings
from ..querysets.mail import InboundMailQuerySet

_SHOWN = 5

register(
    Entry(
        "service:inboundmail_list",
        _("Incoming mail"),
        icon="mail-opened",
        section="service",
        order=14,
        needs=(InboundMail, "view"),
        words="inbound mail quarantine spam youjian geli 收到的邮件 隔离",
    ),
    Entry(
        "service:mailbox_list",
        _("Mailboxes"),
        icon="mail",
        section="administration",
        order=74,
        needs=(Mailbox, "create"),
        words="mailbox imap e-mail address youxiang 邮箱",
    ),
    Entry(
        "service:portal_settings",
        _("Customer portal"),
        icon="world",
        section="administration",
        order=75,
        needs=(PortalSettings, "edit"),
        words="portal form public address menhu 客户门户 表单",
    ),
)


def in_quarantine(request: MemberRequest) -> dict[str, Any] | None:
    """Mail that waits for a decision; nothing when there is none."""
    rows = cast(InboundMailQuerySet, visible(request.membership, InboundMail)).in_quarantine().light()
    found = list(rows.order_by("-received_at", "-pk")[: _SHOWN + 1])
    return {"mails": found[:_SHOWN], "goes_on": len(found) > _SHOWN} if found else None


register_panel(
    Panel(
        "service.quarantine",
        _("Mail in quarantine"),
        "service/panels/quarantine.html",
        in_quarantine,
        needs=(InboundMail, "release"),
        order=8,
    )
)
