"""The one entry for mail that leaves the product."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from email.utils import formataddr, parseaddr
from typing import Any
from urllib.parse import urljoin

from django.conf import settings
from django.core.validators import validate_email
from django.db import transaction
from django.template import Context
from django.template.loader import get_template
from django.utils import translation

from crm.errors import AttachmentTooLarge
from crm.tenancy.models import Tenant

from .delivery import wake
from .models import OutgoingAttachment, OutgoingMail

# What most mail servers still take, once it is written as text, which makes it larger by a third.
MOST_ATTACHED = 15 << 20


@dataclass(frozen=True, slots=True)
class Attachment:
    name: str
    content: bytes
    content_type: str


def send_mail_message(
    template: str,
    to: str,
    context: Mapping[str, Any],
    language: str,
    tenant: Tenant | None = None,
    *,
    attachments: Sequence[Attachment] = (),
    reply_to: str = "",
    headers: Mapping[str, str] | None = None,
) -> OutgoingMail:
    """Write one mail to one person, in their language; it leaves once the surrounding transaction is committed.

    `templates/mail/<template>.txt` holds the text and, as the partial `subject`, the subject;
    `templates/mail/<template>.html` the same for mail programs that show HTML. Raises ValidationError for an address
    that is none, line breaks included, and AttachmentTooLarge.

    `headers` stand beside what every mail says, or in place of it: a mail is Auto-Submitted unless they say "no".
    """
    validate_email(to)
    if reply_to:
        validate_email(reply_to)
    if sum(len(attachment.content) for attachment in attachments) > MOST_ATTACHED:
        raise AttachmentTooLarge
    values = {**context, "language": language, "tenant": tenant, "home_url": absolute_url("/")}
    with translation.override(language):
        mail = OutgoingMail.objects.create(
            to=to,
            sender=_sender(tenant),
            subject=one_line(_render_plain(f"mail/{template}.txt#subject", values)),
            text=_render_plain(f"mail/{template}.txt", values).strip() + "\n",
            html=get_template(f"mail/{template}.html").render(values),
            language=language,
            reply_to=reply_to,
            headers={name: one_line(value) for name, value in (headers or {}).items()},
        )
    OutgoingAttachment.objects.bulk_create(
        OutgoingAttachment(mail=mail, name=one_line(one.name), content_type=one.content_type, content=one.content)
        for one in attachments
    )
    transaction.on_commit(wake, robust=True)
    return mail


def absolute_url(path: str) -> str:
    """The address of a path as people type it. Not taken from a request: whoever sends it chooses its Host header."""
    return urljoin(settings.PUBLIC_URL, path)


def _sender(tenant: Tenant | None) -> str:
    name, address = parseaddr(settings.DEFAULT_FROM_EMAIL)
    return formataddr((one_line(tenant.name) if tenant else name, address))


def _render_plain(name: str, values: Mapping[str, Any]) -> str:
    # Plain text: `&` stays `&`.
    template = get_template(name).template  # type: ignore[attr-defined]  # the stubs know no backend's own
    return template.render(Context(values, autoescape=False))


def one_line(text: str) -> str:
    """What a name may do to a header: nothing. Line breaks and other control characters become blanks."""
    return " ".join("".join(char if char.isprintable() else " " for char in text).split())
