"""How a phone number and an e-mail address are stored, so that plain indexes find them. Import uses it too."""

import re
import unicodedata

from crm.imports.values import phone
from crm.pages.plain import plain_line

SHORTEST_PHONE = 3
PHONE_LENGTH = 20
_NOT_DIGIT = re.compile(r"[^0-9]")


def phone_digits(text: str) -> str:
    """Digits only, full-width ones too: "+86 138-0000-0000" → "8613800000000"."""
    return _NOT_DIGIT.sub("", unicodedata.normalize("NFKC", text))


# From text as people write it, without an extension. Raises crm.imports.faults.Invalid.
read_phone = phone(PHONE_LENGTH, phone_digits)


def email_address(text: str) -> str:
    return unicodedata.normalize("NFKC", plain_line(text)).strip().lower()
