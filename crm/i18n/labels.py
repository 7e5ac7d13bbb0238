from __future__ import annotations

from django.utils.translation import pgettext


def labelled(label: object, text: object) -> str:
    """A label before what it names, with the colon of the language: Chinese has a wide one and no blank behind it."""
    return f"{label}{pgettext('after a label', ': ')}{text}"
