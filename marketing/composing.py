"""From a campaign's content to the mail for one customer: filled, its links counted, and a way to unsubscribe below."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from html import escape, unescape
from typing import Any

from django.template.loader import render_to_string
from django.utils import translation

from crm.html import html_to_text
from crm.mail.bulk import BulkMail, message_id
from crm.placeholders import Text, reading
from crm.public.addresses import link_url
from crm.public.tokens import make_token
from crm.tenancy.models import Tenant
from customers.models import Customer

from .content import Content, parse_text

LONGEST_LINK = 2_000
# What a link of a mail says it is for.
SEND = "send"
TRIAL = "trial"
# Stands in addresses until the recipient's token takes its place. "~" is no letter of a token.
_HOLE = "~token~"
# Stands in the frame until the message takes its place.
_BODY = "~body~"
_LINK = re.compile(r'(?P<before><a\b[^>]*?\shref=")(?P<url>https?://[^"]+)(?=")')


def links_of(html: str) -> list[str]:
    """The web addresses a mail leads to, each once, in the order of the mail. Absurdly long ones are not counted."""
    found = dict.fromkeys(unescape(match["url"]) for match in _LINK.finditer(html))
    return [url for url in found if len(url) <= LONGEST_LINK]


@dataclass(frozen=True)
class Composer:
    """Made once for a campaign, then asked for each recipient. `links` are those that are counted, by position."""

    content: Content
    tenant: Tenant
    links: Sequence[str] = ()
    is_trial: bool = False

    @property
    def sender_name(self) -> str:
        return self.content.sender_name or self.tenant.name

    @cached_property
    def names(self) -> set[str]:
        """The placeholders it needs, for `reading`."""
        return self._subject.names | self._html.names | self._text.names

    def customers(self, ids: Sequence[int]) -> dict[int, Customer]:
        """{id: customer with all that the mail says of it}, in one statement."""
        return {one.pk: one for one in reading(Customer.objects.filter(pk__in=ids), self.names)}

    def mail(self, customer: Customer, to: str, token: str) -> BulkMail:
        return BulkMail(
            to=to,
            subject=self.subject(customer),
            text=self.text(customer, token),
            html=self.html(customer, token),
            language=self.content.language,
            sender_name=self.sender_name,
            reply_to=self.content.reply_to,
            message_id=message_id(token),
            headers=self._headers(token),
        )

    def subject(self, customer: Customer) -> str:
        return self._subject.fill(self._at(customer))

    def html(self, customer: Customer, token: str) -> str:
        return self._html.fill(self._at(customer)).replace(_HOLE, token)

    def text(self, customer: Customer, token: str) -> str:
        return self._text.fill(self._at(customer)).replace(_HOLE, token)

    def _headers(self, token: str) -> dict[str, str]:
        if self.is_trial:
            return {}
        return {
            "List-Unsubscribe": f"<{link_url(token, 'marketing_links:one_click')}>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
            # Nobody's absence is to be answered to us.
            "X-Auto-Response-Suppress": "OOF, AutoReply",
        }

    def _at(self, customer: Customer) -> dict[str, Any]:
        return {
            "customer": customer,
            "tenant": self.tenant,
            "sender": self.sender_name,
            "unsubscribe": self._unsubscribe,
        }

    @cached_property
    def _unsubscribe(self) -> str:
        return link_url(_HOLE, "marketing_links:trial" if self.is_trial else "marketing_links:unsubscribe")

    @cached_property
    def _subject(self) -> Text:
        return parse_text(self.content.subject)

    @cached_property
    def _html(self) -> Text:
        return self._framed("mail/campaign.html", parse_text(self._body, is_html=True))

    @cached_property
    def _text(self) -> Text:
        text = self.content.text or html_to_text(self._body)
        return self._framed("mail/campaign.txt", parse_text(text.strip()))

    def _framed(self, template: str, inside: Text) -> Text:
        with translation.override(self.content.language):
            frame = render_to_string(template, self._frame())
        before, after = frame.split(_BODY)
        return Text((before.lstrip(), *inside.parts, f"{after.rstrip()}\n"), inside.is_html)

    def _frame(self) -> dict[str, Any]:
        in_words = "unsubscribe" in parse_text(self.content.html, is_html=True).names
        return {
            "tenant": self.tenant,
            "language": self.content.language,
            "body": _BODY,
            # A mail that has the link in its own words needs no second one.
            "unsubscribe": "" if in_words else self._unsubscribe,
            "pixel": "" if self.is_trial else link_url(_HOLE, "marketing_links:open"),
        }

    @cached_property
    def _body(self) -> str:
        return _LINK.sub(self._counted, self.content.html)

    def _counted(self, match: re.Match[str]) -> str:
        url = unescape(match["url"])
        if url not in self.links:
            return match[0]
        counted = link_url(_HOLE, "marketing_links:follow", self.links.index(url))
        return f"{match['before']}{escape(counted)}"


def token_of(tenant: Tenant, send_id: int) -> str:
    return make_token(tenant, SEND, send_id)


def trial_token(tenant: Tenant) -> str:
    return make_token(tenant, TRIAL, 0)
