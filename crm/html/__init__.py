"""HTML that people write or mails bring: cleaned, turned into text, shown apart. docs/html.md"""

from .cleaning import clean_html, clean_mail
from .documents import mail_document
from .texts import html_to_text, text_to_html

__all__ = ["clean_html", "clean_mail", "html_to_text", "mail_document", "text_to_html"]
