"""The first page of a tenant: what is to be done today. Apps put panels on it; each sees only its own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from ..navigation import Need, is_met
from ..request import MemberRequest
from .base import MemberPage


@dataclass(frozen=True)
class Panel:
    """A part of the home page. `context` reads what the template shows, a few rows at most; None leaves it out."""

    key: str
    title: str | Promise
    template: str
    context: Callable[[MemberRequest], dict[str, Any] | None]
    needs: Need = None
    order: int = 50
    is_wide: bool = False


_panels: dict[str, Panel] = {}


def register_panel(panel: Panel) -> None:
    """Called in `<app>/navigation.py`."""
    _panels[panel.key] = panel


@dataclass(frozen=True, slots=True)
class Shown:
    key: str
    title: str
    html: SafeString
    is_wide: bool


@dataclass(frozen=True, slots=True)
class PanelColumn:
    panels: list[Shown]
    is_wide: bool


class HomePage(MemberPage):
    """The first panels come at once, the others in a request that follows (`?panels=more`): nobody waits for all of
    them. Without scripts a link asks for everything (`?panels=all`)."""

    template_name = "pages/home.html"
    at_once = 4

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        asked = request.GET.get("panels", "")
        panels = self._open_panels()
        if asked == "more":
            columns = _columns(self._shown(panels[self.at_once :]))
            # Whether what came before has shown nothing, so that somebody has to say so.
            return self.render(template="pages/home_more.html", columns=columns, is_alone="alone" in request.GET)
        now = panels if asked == "all" else panels[: self.at_once]
        follow = panels[len(now) :]
        shown = self._shown(now)
        more = "" if not follow else "?panels=more" if shown else "?panels=more&alone"
        return self.render(columns=_columns(shown, both=bool(follow)), more=more, today=timezone.localdate())

    def get_title(self) -> str:
        return _("Today")

    def _open_panels(self) -> list[Panel]:
        panels = sorted(_panels.values(), key=lambda panel: panel.order)
        return [panel for panel in panels if is_met(panel.needs, self.request)]

    def _shown(self, panels: Sequence[Panel]) -> list[Shown]:
        found = [(panel, panel.context(self.request)) for panel in panels]
        return [
            Shown(
                panel.key,
                str(panel.title),
                SafeString(render_to_string(panel.template, context, request=self.request)),
                panel.is_wide,
            )
            for panel, context in found
            if context is not None
        ]


def _columns(panels: list[Shown], *, both: bool = False) -> list[PanelColumn]:
    """What is wide on the left, the others beside it; a column without panels is left out, unless some may follow."""
    columns = [
        PanelColumn([panel for panel in panels if panel.is_wide == is_wide], is_wide) for is_wide in (True, False)
    ]
    return [column for column in columns if column.panels or both]
