"""Every page × every method: strangers, nobody, readers, and members who try another tenant's ids.

The list is the URL map itself, so a page that is not written yet is tried too.
"""

import pytest
from django.conf import settings
from django.db import connection, transaction

from crm.access.roles import Role
from crm.tenancy.urls import TENANT_URLCONF

from . import exempt
from .pages import Page, every_entry, platform_pages, public_pages, tenant_pages
from .watch import body, everything, leaks, state, written

METHODS = ("GET", "HEAD", "POST", "PUT", "DELETE")
REFUSED = {400, 403, 404, 405}

EVERY_PAGE = pytest.mark.parametrize("page", tenant_pages(), ids=str)
EVERY_PLATFORM_PAGE = pytest.mark.parametrize("page", platform_pages(), ids=str)
EVERY_PAGE_OF_A_RECORD = pytest.mark.parametrize("page", [page for page in tenant_pages() if page.ids], ids=str)


def ask(client, method: str, url: str, data: dict | None = None):
    """A request in a savepoint of its own: what it does is undone, and its keys are judged as at a commit."""
    with transaction.atomic():
        response = client.generic(method, url) if data is None else client.post(url, data)
        everything(response)
        connection.check_constraints()
        transaction.set_rollback(True)
    return response


@EVERY_PAGE
def test_a_stranger_finds_nothing(world, page: Page):
    url = page.url(world.ours)

    for method in METHODS:
        response = ask(world.stranger.client, method, url)

        assert response.status_code == 404, f"{method} {url}"
        assert leaks(response, world.ours) == []


@EVERY_PAGE
def test_who_is_not_signed_in_is_asked_to(world, page: Page, client):
    url = page.url(world.ours)

    for method in METHODS:
        response = ask(client, method, url)

        assert response.status_code == 302, f"{method} {url}"
        assert response["Location"].startswith(settings.LOGIN_URL)


@EVERY_PAGE_OF_A_RECORD
def test_another_tenants_record_is_not_there(world, page: Page):
    before = state(world.theirs)
    found = set()

    for url in page.urls(world.ours, world.theirs):
        for method in METHODS:
            response = ask(world.members[Role.ADMIN].client, method, url)

            assert response.status_code in REFUSED, f"{method} {url}: {response.status_code}"
            assert leaks(response, world.theirs) == []
            found.add(response.status_code)

    assert 404 in found or (page.is_admin and found <= {403, 405})
    assert state(world.theirs) == before


@EVERY_PAGE
def test_pages_show_what_is_ours_and_write_nothing(world, page: Page):
    """A page is read by GET and HEAD without a trace. One of its addresses at least must answer."""
    statuses = set()

    for url in page.urls(world.ours, world.ours):
        with written() as tables:
            answers = {method: ask(world.members[Role.ADMIN].client, method, url) for method in ("GET", "HEAD")}

        assert tables - exempt.WRITTEN_BY_READING.keys() == set(), url
        assert all(leaks(response, world.theirs) == [] for response in answers.values())
        assert body(answers["HEAD"]) == b""
        assert answers["HEAD"].status_code == answers["GET"].status_code
        statuses.add(answers["GET"].status_code)

    assert statuses <= {200, 302, 400, 403, 404, 405}
    # Much of the admin is closed to everybody: what only the product itself writes.
    answered = statuses & ({200, 302, 403, 405} if page.is_admin else {200, 302, 405})
    assert bool(answered) != (page.name in exempt.NOT_THERE), statuses


@EVERY_PAGE
def test_who_may_only_read_changes_nothing(world, page: Page):
    reader = world.members[Role.READER]
    before = state(world.ours)
    changed = False

    for url in page.urls(world.ours, world.ours):
        with transaction.atomic():
            statuses = {method: reader.client.generic(method, url).status_code for method in ("POST", "PUT", "DELETE")}
            same = state(world.ours) == before
            transaction.set_rollback(True)

        changed |= not same or not set(statuses.values()) <= REFUSED
        assert changed <= (page.name in exempt.READER_MAY), f"{url}: {statuses}"

    assert changed or page.name not in exempt.READER_MAY, "the exemption is not needed any more"


@EVERY_PLATFORM_PAGE
def test_a_platform_page_shows_no_tenants_rows(world, page: Page, client):
    admin = world.members[Role.ADMIN].client
    before = state(world.theirs)

    for url in page.urls(world.ours, world.theirs):
        for method in METHODS:
            for browser in (client, admin):
                response = ask(browser, method, url)

                assert response.status_code < 500 or page.name in exempt.NOT_READY, f"{method} {url}"
                assert leaks(response, world.theirs) == []

    assert state(world.theirs) == before


def test_no_exemption_is_left_over():
    routes = {page.route for urlconf in (TENANT_URLCONF, settings.ROOT_URLCONF) for page in every_entry(urlconf)}
    names = {page.name for page in [*tenant_pages(), *platform_pages(), *public_pages()]}
    parameters = {name for page in [*tenant_pages(), *platform_pages(), *public_pages()] for name in page.words}

    assert exempt.READER_MAY.keys() | exempt.NOT_THERE.keys() | exempt.NOT_READY.keys() <= names
    assert exempt.NO_FORM_TOKEN.keys() | exempt.COUNTED_LINKS.keys() <= names
    assert exempt.MODELS.keys() <= names
    assert exempt.NO_PAGES.keys() <= routes
    assert {key.rpartition(".")[2] for key in exempt.PARAMETERS} <= parameters
