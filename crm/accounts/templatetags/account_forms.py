"""Forms of django-allauth in our dress, and how a browser is called in words."""

from __future__ import annotations

import re

from django import forms, template
from django.utils.translation import gettext as _

from crm.pages.widgets import dress

register = template.Library()

# The first that is found wins: Edge and Opera call themselves Chrome too, and Chrome calls itself Safari.
_BROWSERS = (
    ("MicroMessenger", "WeChat"),
    ("Edg", "Edge"),
    ("OPR", "Opera"),
    ("Firefox", "Firefox"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)
_SYSTEMS = (
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("Linux", "Linux"),
)


@register.filter
def dressed(form: forms.BaseForm) -> forms.BaseForm:
    """Classes like every form of ours; no placeholders, for the labels are there; our word for the address."""
    for name, field in form.fields.items():
        if isinstance(field, forms.EmailField) and name in {"login", "email"}:
            field.label = _("E-mail")
        field.widget.attrs.pop("placeholder", None)
        dress(field)
    return form


@register.filter
def browser(user_agent: str) -> str:
    """`Firefox on Linux`, or that it is unknown."""
    name = _first(_BROWSERS, user_agent)
    system = _first(_SYSTEMS, user_agent)
    if name and system:
        return _("%(browser)s on %(system)s") % {"browser": name, "system": system}
    return name or system or _("Unknown browser")


@register.filter
def is_mobile(user_agent: str) -> bool:
    return bool(re.search(r"Android|iPhone|iPad|Mobile", user_agent))


def _first(names: tuple[tuple[str, str], ...], user_agent: str) -> str:
    return next((name for mark, name in names if mark in user_agent), "")
