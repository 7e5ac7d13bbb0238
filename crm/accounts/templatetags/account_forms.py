"""Forms of django-allauth in our dress, and how a browser is called in words."""

from __future__ import annotations

import re

from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn.forms import AuthenticateWebAuthnForm
from django import forms, template
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

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


# What django-allauth calls otherwise.
_LABELS = {
    "login": gettext_lazy("E-mail"),
    "email": gettext_lazy("E-mail"),
    "oldpassword": gettext_lazy("Current password"),
    "password1": gettext_lazy("New password"),
    "password2": gettext_lazy("New password once more"),
}


@register.filter
def dressed(form: forms.BaseForm) -> forms.BaseForm:
    """Classes like every form of ours; no placeholders, for the labels are there; our words for what is asked."""
    for name, field in form.fields.items():
        if name in _LABELS and type(form).__module__.startswith("allauth."):
            # The bound field took a copy when somebody first looked at it, as after a refusal.
            field.label = form[name].label = _LABELS[name]
        field.widget.attrs.pop("placeholder", None)
        dress(field)
    return form


@register.filter
def has_passkey(form: AuthenticateWebAuthnForm) -> bool:
    """Whether the person who is signing in has one to use."""
    return form.user.authenticator_set.filter(type=Authenticator.Type.WEBAUTHN).exists()


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
