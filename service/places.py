"""Where in which list a ticket was opened from, so that "next" goes on from there whatever has become of the ticket.

The address carries the list's own (`in`) and the row's cursor in it (`at`), as it was when the list was shown: after a
reply the ticket may be somewhere else in the list, or not in it any more.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from django.http import QueryDict

from crm.pages.keyset import BadCursor, Keyset
from crm.pages.listing import Listing
from crm.pages.views import ListPage

from .models import Ticket

OPENING = "show=unsolved"
_LONGEST = 2_000


@dataclass(frozen=True, slots=True)
class Place:
    query: str = ""
    cursor: str = ""

    @classmethod
    def read(cls, data: Mapping[str, str]) -> Place:
        return cls(data.get("in", "")[:_LONGEST], data.get("at", "")[:_LONGEST])

    @property
    def address(self) -> str:
        """For a link: "" or "?in=…&at=…"."""
        given = {key: value for key, value in (("in", self.query), ("at", self.cursor)) if value}
        return f"?{urlencode(given)}" if given else ""


def listing_of(page: ListPage, query: str) -> Listing:
    """Raises UnknownParameter and BadSort."""
    return page.listing(QueryDict(query))


def place_in(listing: Listing, ticket: Ticket) -> Place:
    return Place(listing.query, Keyset(Ticket, listing.order).cursor(ticket))


def neighbour(page: ListPage, place: Place, *, forward: bool) -> tuple[Ticket, Place] | None:
    """The ticket behind (or before) a place; the first one of the list when the place is nowhere."""
    listing = listing_of(page, place.query or OPENING)
    keyset = Keyset(Ticket, listing.order)
    try:
        found = keyset.page(
            listing.rows,
            size=1,
            after=place.cursor if forward else "",
            before="" if forward else place.cursor,
        )
    except BadCursor:
        found = keyset.page(listing.rows, size=1)
    if not found.rows:
        return None
    return found.rows[0], place_in(listing, found.rows[0])
