"""What a page, its forms and its filters may be sent: nothing that anybody types is a fault of the server.

Also not later: what was accepted is shown by the page that it leads to. Every parameter gets every text, but not on
every page: texts move on by one from parameter to parameter and from page to page.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from itertools import count, islice
from typing import Any
from urllib.parse import urlencode

import pytest
from django import forms
from django.db import transaction

from crm.access.roles import Role
from crm.pages.listing import OWN_PARAMETERS

from .pages import Page, tenant_pages
from .test_inputs import COMMON, forms_of
from .watch import body

# Each breaks a program that does not expect it: no number, no calendar, no text or no size is like this.
HOSTILE = (
    "\0",
    "²",  # a digit to str.isdigit(), and no number to int()
    "9" * 400,
    "-9223372036854775809",
    "0001-01-01",
    "9999-12-31T23:59",
    "2025-10-26T02:30",  # twice in Berlin
    "1e1000000",
    "\udc80".encode("utf-8", "surrogatepass").decode("latin-1"),
    "\U0001f468\u200d\U0001f469\u200d\U0001f467 \u202egnp.exe\u200b",
    "x" * 5_000,
    "../../etc/passwd\r\nSet-Cookie: a=b",
    "'\"><script>%s{{7*7}}{%",
    "=1+1",
    '["a", {"b": [1e999]}]',
    "WyItdXBkYXRlZF9hdCwtaWQiLCI5OTk5LTEyLTMxVDIzOjU5OjU5KzAwOjAwIiwxXQ",  # of a list's pages, nearly
)
# What pages read beside the fields of their forms.
OF_PAGES = (*COMMON, *sorted(OWN_PARAMETERS), "q", "columns", "all", "once", "beginning")
OF_THE_ADMIN = ("q", "o", "p", "e", "all", "term", "action", "_to_field", "_popup")


def parameters(page: Page, forms: list[forms.BaseForm]) -> list[str]:
    listing = getattr(getattr(page.view, "view_class", None), "filterset", None)
    filters = listing.parameters() if listing else ()
    fields = (form.add_prefix(name) for form in forms for name in form.fields)
    return list(dict.fromkeys([*filters, *fields, *(OF_THE_ADMIN if page.is_admin else OF_PAGES)]))


def texts(page: Page) -> Iterator[str]:
    """All of them again and again, beginning elsewhere for each page, and always at the same place for this one."""
    first = zlib.crc32(str(page).encode())
    return (HOSTILE[(first + place) % len(HOSTILE)] for place in count())


def faults(client: Any, url: str, data: dict[str, Any] | None = None) -> list[str]:
    """What went wrong: at once, or when the page is opened that a success leads to."""
    what = f"{'GET' if data is None else 'POST'} {url[:200]} {str(data)[:500]}"
    try:
        with transaction.atomic():
            response = client.get(url) if data is None else client.post(url, data)
            body(response)
            if response.status_code == 302 and response["Location"].startswith("/t/"):
                response = client.get(response["Location"])
                body(response)
            transaction.set_rollback(True)
    except Exception as error:
        return [f"{what}: {type(error).__name__} {error}"]
    return [f"{what}: {response.status_code}"] if response.status_code >= 500 else []


# Of the admin's pages, which are the same for every model, those that read what is sent.
TRIED = [
    page for page in tenant_pages() if not page.is_admin or page.name.endswith(("_changelist", "_add", "complete"))
]


# Each page is sent some hundred forms: eight minutes of a processor.
@pytest.mark.slow
@pytest.mark.parametrize("page", TRIED, ids=str)
def test_nothing_that_is_sent_is_a_fault_of_the_server(world, page: Page):
    client = world.members[Role.ADMIN].client
    url = page.url(world.ours)
    forms = forms_of(world, page)
    names, hostile = parameters(page, forms), texts(page)

    found = [
        fault
        for name, text in zip(names, hostile, strict=False)
        for fault in faults(client, f"{url}?{urlencode({name: text})}")
    ]
    found += faults(client, url, dict(zip(names, hostile, strict=False)))
    # Django's own forms take the texts all at once: their fields are tried by Django.
    for form in () if page.is_admin else forms:
        usual = {form.add_prefix(name): form[name].value() for name in form.fields}
        usual = {name: value for name, value in usual.items() if value is not None} | {"confirmed": "1"}
        for name in form.fields:
            for text in islice(hostile, 3):
                found += faults(client, url, usual | {form.add_prefix(name): text})

    assert found == []


def test_what_is_tried_on_a_list_is_known(world):
    page = next(page for page in tenant_pages() if page.name == "customers:customer_list")

    names = parameters(page, forms_of(world, page))

    assert {"q", "stage", "owner", "created_at_from", "created_at_to", "after", "sort"} <= {*names}
