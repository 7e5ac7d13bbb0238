"""What every page's frame shows. Lazy: a fragment for htmx pays for none of it."""

from __future__ import annotations

from typing import Any, cast

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject
from django.utils.translation import get_language

from . import navigation
from .choices import Theme
from .request import MemberRequest
from .views.preferences import THEME_COOKIE


def frame(request: HttpRequest) -> dict[str, Any]:
    theme = request.COOKIES.get(THEME_COOKIE, "")
    context: dict[str, Any] = {
        "theme": theme if theme in Theme else Theme.AUTO,
        "themes": Theme,
        "languages": settings.LANGUAGES,
        "language": get_language(),
        "tenant": getattr(request, "tenant", None),
        "membership": getattr(request, "membership", None),
    }
    if context["membership"]:
        request = cast(MemberRequest, request)
        context["menu"] = SimpleLazyObject(lambda: navigation.menu(request))
        context["create_links"] = SimpleLazyObject(lambda: navigation.links(request, "create"))
    return context
