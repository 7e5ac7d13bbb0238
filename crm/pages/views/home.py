"""The first page of a tenant: what is to be done today. Apps put panels on it; each sees only its own."""

from __future__ import annotations

from collections.abc import Callable
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
    template_name = "pages/home.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        panels = self._panels()
        return self.render(panels=panels, columns=_columns(panels), today=timezone.localdate())

    def get_title(self) -> str:
        return _("Today")

    def _panels(self) -> list[Shown]:
        panels = sorted(_panels.values(), key=lambda panel: panel.order)
        found = [(panel, panel.context(self.request)) for panel in panels if is_met(panel.needs, self.request)]
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


def _columns(panels: list[Shown]) -> list[PanelColumn]:
    """What is wide on the left, the others beside it; a column without panels is left out."""
    columns = [
        PanelColumn([panel for panel in panels if panel.is_wide == is_wide], is_wide) for is_wide in (True, False)
    ]
    return [column for column in columns if column.panels]
