"""The search page, and the part of it that the Ctrl-K palette shows while one types.

Customers and contacts come at once. The kinds of the other apps follow in a request of their own (`part=rest`), so that
nobody waits for all of them; without scripts a link asks for everything (`part=all`).
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from crm.errors import SearchTooBroad
from crm.pages.navigation import commands
from crm.pages.views import MemberPage

from .finding import asked_for
from .registry import Part, open_kinds, search
from .tokens import QUERY_LENGTH


class SearchPage(MemberPage):
    """All kinds, the newest first. Its own transactions: a search that took too long has lost its one."""

    template_name = "search/page.html"
    rest_template_name = "search/rest.html"
    limit = 25
    with_commands = False

    def get_title(self) -> str:
        return _("Search")

    @cached_property
    def text(self) -> str:
        return self.request.GET.get("q", "")[:QUERY_LENGTH].strip()

    @cached_property
    def part(self) -> Part:
        asked = self.request.GET.get("part", "")
        return Part(asked) if asked in list(Part) else Part.FIRST

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            with transaction.atomic():
                return self._answer(groups=search(self.membership, self.text, self.limit, self.part))
        except SearchTooBroad as error:
            with transaction.atomic():
                return self._answer(groups=[], refusal=error.message)

    def _answer(self, **found: Any) -> HttpResponse:
        asked = asked_for(self.text)
        follows = self.part == Part.FIRST and asked.kind not in ("empty", "too_short") and "refusal" not in found
        is_rest = self.part == Part.REST
        wants_commands = self.with_commands and not is_rest
        return self.render(
            template=self.rest_template_name if is_rest else "",
            text=self.text,
            asked=asked,
            commands=commands(self.request, self.text)[: self.limit] if wants_commands else [],
            # What came before has to say that nothing was found, or what comes now.
            is_alone="alone" in self.request.GET,
            rest_url=self._url_of(Part.REST, **found) if follows and open_kinds(self.membership, Part.REST) else "",
            all_url=self._url_of(Part.ALL),
            **found,
        )

    def _url_of(self, part: Part, groups: object = True, **found: Any) -> str:
        query = {"q": self.text, "part": part.value} | ({} if groups else {"alone": "1"})
        return f"{self.request.path}?{urlencode(query)}"


class SearchResults(SearchPage):
    """The palette's list: a few of each kind, and the places whose name has the text in it."""

    template_name = "search/results.html"
    rest_template_name = "search/results_rest.html"
    limit = 6
    with_commands = True
