"""WeasyPrint, and what it may read: our own static files and images that came along in the document."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from threading import Lock
from typing import Any

from django.contrib.staticfiles import finders
from django.template.loader import get_template
from django.utils import timezone, translation
from django.utils.safestring import mark_safe
from weasyprint import HTML
from weasyprint.urls import URLFetcher, URLFetcherResponse

from crm.errors import DocumentTooLong

# Some 5,000 rows of a table, 200 pages, 800 MB and a minute: what is longer wants to be a file of another kind.
MOST_CHARACTERS = 2_000_000

# The names by which PDF readers and fonts know the languages.
HTML_LANGUAGES = {"zh-hans": "zh-CN"}

_OWN_FILE = re.compile(r"own:(?P<path>[\w./-]+)")
_TYPES = {".svg": "image/svg+xml", ".png": "image/png", ".jpg": "image/jpeg", ".css": "text/css"}
_OWN_IMAGE = re.compile(r"data:image/(?:png|jpeg|svg\+xml)[;,]")

# Laying out keeps a processor busy from beginning to end, so that two at once gain nothing and take twice the memory.
_one_at_a_time = Lock()


class OwnFiles(URLFetcher):
    """`own:css/document.css` is a file of ours and `data:image/…` an image in the document. All else is refused:
    a document must not make the server call a host or open a file that somebody wrote into a field."""

    def fetch(self, url: str, headers: Mapping[str, str] | None = None) -> URLFetcherResponse:
        if _OWN_IMAGE.match(url):
            return super().fetch(url, headers)
        match = _OWN_FILE.fullmatch(url)
        found = finders.find(match["path"]) if match else None
        kind = _TYPES.get(Path(found).suffix) if found else None
        if not (found and kind):
            raise ValueError(f"Documents load nothing but their own files, and not {url[:80]!r}.")
        return URLFetcherResponse(url, Path(found).read_bytes(), {"Content-Type": kind})


def print_template(template: str, context: Mapping[str, Any], *, language: str, title: str) -> bytes:
    with translation.override(language):
        html = get_template(template).render(
            {
                **context,
                "title": title,
                "language": language,
                "html_language": HTML_LANGUAGES.get(language, language),
                "printed_at": timezone.now(),
                # Empty: the style sheet writes the numbers, which nobody knows before the pages are laid out.
                "page": mark_safe('<i class="page"></i>'),
                "pages": mark_safe('<i class="pages"></i>'),
            }
        )
    if len(html) > MOST_CHARACTERS:
        raise DocumentTooLong
    with _one_at_a_time:
        return HTML(string=html, base_url="own:", url_fetcher=OwnFiles()).write_pdf(pdf_tags=True)
