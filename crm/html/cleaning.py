"""The one entry for HTML from outside. What is not named here does not come through."""

from __future__ import annotations

import re
from functools import lru_cache

import nh3

_TAGS = """
a abbr b blockquote br caption center code col colgroup dd del div dl dt em figcaption figure h1 h2 h3 h4 h5 h6 hr i ins
li ol p pre s small span strong sub sup table tbody td tfoot th thead tr u ul
"""
# How a thing looks in its place. Nothing that puts it elsewhere on the page, covers something, or loads a picture.
_STYLES = """
color background-color opacity font font-family font-size font-style font-weight font-variant line-height letter-spacing
word-spacing text-align text-decoration text-indent text-transform vertical-align white-space word-break overflow-wrap
direction display width min-width max-width height min-height max-height list-style-type table-layout
margin margin-top margin-right margin-bottom margin-left padding padding-top padding-right padding-bottom padding-left
border border-top border-right border-bottom border-left border-color border-style border-width border-radius
border-collapse border-spacing
"""
# Gone with what is inside: nobody wants to read a style sheet or the title of a page in the text.
_WITH_CONTENT = {"script", "style", "title", "template", "noscript", "iframe", "object", "svg", "math"}
_SCHEMES = {"http", "https", "mailto", "tel"}
_TABLES: dict[str, set[str]] = {
    "td": {"colspan", "rowspan", "align", "valign", "width", "height", "bgcolor"},
    "th": {"colspan", "rowspan", "align", "valign", "width", "height", "bgcolor", "scope"},
    "tr": {"align", "valign", "bgcolor"},
    "table": {"align", "width", "border", "cellpadding", "cellspacing", "bgcolor", "role"},
    "col": {"span", "width"},
}
_EVERYWHERE = {"title", "lang", "dir"}
_PLACEHOLDER = re.compile(r"\{\{.*\}\}", re.S)


def clean_html(html: str) -> str:
    """What may stand in a page of ours: text, lists, tables, links.

    No styles, and no pictures of other hosts: these would tell their owner who reads when.
    """
    return _for_pages().clean(html)


def clean_mail(html: str) -> str:
    """What may stand in a mail that we send: the same with inline styles and with pictures from the web.

    It is shown in a page by `mail_document` only. A placeholder may be the whole of a link, not a part of one: what it
    is filled with cannot change where a link leads.
    """
    return _for_mails().clean(html)


_SPANS = {"colspan", "rowspan", "scope", "span"}


@lru_cache(maxsize=1)
def _for_pages() -> nh3.Cleaner:
    return nh3.Cleaner(
        tags=set(_TAGS.split()),
        clean_content_tags=_WITH_CONTENT,
        attributes={"a": {"href"}, "*": _EVERYWHERE} | {tag: kept & _SPANS for tag, kept in _TABLES.items()},
        url_schemes=_SCHEMES,
        url_relative="deny",
        link_rel="noopener noreferrer nofollow",
    )


@lru_cache(maxsize=1)
def _for_mails() -> nh3.Cleaner:
    return nh3.Cleaner(
        tags={*_TAGS.split(), "img"},
        clean_content_tags=_WITH_CONTENT,
        attributes={"a": {"href"}, "img": {"src", "alt", "width", "height"}, "*": {*_EVERYWHERE, "style"}} | _TABLES,
        attribute_filter=_mail_attribute,
        url_schemes=_SCHEMES,
        url_relative=_only_a_placeholder,
        filter_style_properties=set(_STYLES.split()),
        link_rel=None,
    )


def _mail_attribute(tag: str, name: str, value: str) -> str | None:
    if "{{" in value and not (tag == "a" and name == "href" and _PLACEHOLDER.fullmatch(value.strip())):
        return None
    if name == "style" and "url(" in value.lower():
        return None
    if name == "src" and not value.startswith(("https://", "http://")):
        return None
    return value


def _only_a_placeholder(address: str) -> str | None:
    """A mail has no page that a relative address could begin at; a placeholder is none until it is filled."""
    return address if _PLACEHOLDER.fullmatch(address.strip()) else None
