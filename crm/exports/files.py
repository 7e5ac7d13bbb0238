"""What kinds of file a list is exported as, and how a text stays one in all of them."""

from __future__ import annotations

import re

from django.db import models
from django.utils.translation import gettext_lazy as _

# A cell beginning with one of these is calculated when the file is opened; full-width signs count in Chinese Excel.
FORMULA_SIGNS = frozenset("=+-@\t\r＝＋－＠")
# A plain number may begin with a sign: it is only itself.
_NUMBER = re.compile(r"[+-]?\d[\d ]*(?:[.,]\d+)*%?")


class Format(models.TextChoices):
    CSV = "csv", _("CSV")
    XLSX = "xlsx", _("Excel (XLSX)")


def neutral(text: str) -> str:
    """The text as a cell that no spreadsheet calculates: an apostrophe before what could start a formula.

    Import takes the apostrophe off again, so an export comes back unchanged.
    """
    if text and text[0] in FORMULA_SIGNS and not _NUMBER.fullmatch(text):
        return f"'{text}"
    return text
