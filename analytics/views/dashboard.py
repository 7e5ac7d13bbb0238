"""The dashboard of those who look over others' work."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from crm.errors import UnknownParameter
from crm.pages import formats
from crm.pages.views.base import MemberPage

from ..dashboard import Dashboard
from ..facts import Months, tenant_today
from ..permissions import may_see_dashboard

# Months that one may ask for; the address says which.
CHOICES = (3, 6, 12, 24)
USUAL = 12


class DashboardPage(MemberPage):
    template_name = "analytics/dashboard.html"

    def check_access(self) -> None:
        if not may_see_dashboard(self.membership):
            raise PermissionDenied

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        today = tenant_today(self.tenant)
        board = Dashboard(self.membership, Months.up_to(today, self._count()), today)
        choices = [(count, self._words(count), count == board.months.count) for count in CHOICES]
        return self.render(board=board, choices=choices)

    def _count(self) -> int:
        unknown = sorted(set(self.request.GET) - {"months"})
        if unknown:
            raise UnknownParameter(names=unknown)
        asked = self.request.GET.get("months", str(USUAL))
        if asked not in map(str, CHOICES):
            raise Http404
        return int(asked)

    @staticmethod
    def _words(count: int) -> str:
        return ngettext("%(count)s month", "%(count)s months", count) % {"count": formats.number(count)}

    def get_title(self) -> str:
        return _("Dashboard")
