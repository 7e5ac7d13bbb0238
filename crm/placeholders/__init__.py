"""`{{ customer.name|friend }}` in texts that people write. docs/html.md"""

from .registry import Placeholder, placeholders, reading, register
from .texts import Text, parse

__all__ = ["Placeholder", "Text", "parse", "placeholders", "reading", "register"]
