"""The search page, and the part of it that the Ctrl-K palette shows while one types."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from crm.errors import SearchTooBroad
from crm.pages.navigation import commands
from crm.pages.views import MemberPage

from .finding import asked_for
from .registry import search
from .tokens import QUERY_LENGTH


class SearchPage(MemberPage):
    """All kinds at once, the newest first. Its own transactions: a search that took too long has lost its one."""

    template_name = "search/page.html"
    limit = 25
    with_commands = False

    def get_title(self) -> str:
        return _("Search")

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        text = request.GET.get("q", "")[:QUERY_LENGTH].strip()
        try:
            with transaction.atomic():
                return self._answer(text, groups=search(self.membership, text, self.limit))
        except SearchTooBroad as error:
            with transaction.atomic():
                return self._answer(text, groups=[], refusal=error.message)

    def _answer(self, text: str, **found: Any) -> HttpResponse:
        return self.render(
            text=text,
            asked=asked_for(text),
            commands=commands(self.request, text)[: self.limit] if self.with_commands else [],
            **found,
        )


class SearchResults(SearchPage):
    """The palette's list: a few of each kind, and the places whose name has the text in it."""

    template_name = "search/results.html"
    limit = 6
    with_commands = True
