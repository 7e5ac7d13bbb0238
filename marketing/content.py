"""What a template says: its body as HTML and as text, and the placeholders in it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from crm.html import clean_mail, text_to_html
from crm.placeholders import Text, parse

from .models import Campaign, EmailTemplate

# What is at hand when a mail to a customer is filled.
SOURCES = ("customer", "tenant", "sender", "unsubscribe")

_TAG = re.compile(r"<[a-zA-Z/!]")
_MARK = re.compile(r"\{\{.*?\}\}", re.S)


def is_html(body: str) -> bool:
    return bool(_TAG.search(body))


def tidy(body: str) -> str:
    """As it is kept: HTML cleaned, text without blanks around it."""
    return clean_mail(body).strip() if is_html(body) else body.strip()


def lost_placeholders(body: str) -> list[str]:
    """Those that cleaning takes out, because they stand where a value must not: inside a tag."""
    kept = _MARK.findall(tidy(body))
    return [mark for mark in _MARK.findall(body) if mark not in kept] if is_html(body) else []


@dataclass(frozen=True, slots=True)
class Content:
    """A mail before it is filled, in the language it is written in."""

    subject: str
    html: str
    # Empty: made from the HTML.
    text: str
    language: str
    sender_name: str = ""
    reply_to: str = ""

    @classmethod
    def of_template(cls, template: EmailTemplate, sender_name: str = "", reply_to: str = "") -> Content:
        html = template.body if is_html(template.body) else text_to_html(template.body)
        return cls(template.subject, html, template.text, template.language, sender_name, reply_to)

    @classmethod
    def of_campaign(cls, campaign: Campaign) -> Content:
        """What goes out, or went out. Before that it is what the template says today."""
        if not campaign.html:
            return cls.of_template(campaign.template, campaign.sender_name, campaign.reply_to)
        return cls(
            campaign.subject, campaign.html, campaign.text, campaign.language, campaign.sender_name, campaign.reply_to
        )

    def check(self) -> None:
        """Raises BadPlaceholder or OpenPlaceholder."""
        for text, in_html in ((self.subject, False), (self.html, True), (self.text, False)):
            parse_text(text, is_html=in_html)


def parse_text(text: str, *, is_html: bool = False) -> Text:
    return parse(text, sources=SOURCES, is_html=is_html)
