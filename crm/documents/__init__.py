"""PDF documents: quotes, reports. `from crm.documents import render_pdf`; docs/documents.md."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from crm.errors import DocumentsUnavailable

__all__ = ["render_pdf"]


def render_pdf(template: str, context: Mapping[str, Any], *, language: str, title: str) -> bytes:
    """Print a template that extends `documents/base.html`, in `language`, whatever the reader's own is.

    `context` names the `tenant` that the document is from. Takes 0.2 s of processor time for a page or two and 0.25 s
    for each further page full of rows: more than about three pages belong into a job. One at a time in a process.
    Raises DocumentsUnavailable where the server has no WeasyPrint, and DocumentTooLong.
    """
    try:
        # Only now: it takes 0.4 s and 60 MB to load, and a web server may do without the group `reports`. Libraries
        # that WeasyPrint does not find are an OSError.
        from .printing import print_template
    except (ImportError, OSError) as error:
        raise DocumentsUnavailable from error
    return print_template(template, context, language=language, title=title)
