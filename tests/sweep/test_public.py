"""Pages without login: a visitor of one tenant sees and changes nothing of another, whatever ids the address names."""

import pytest
from django.core.cache import cache
from django.test import Client

from crm.access.roles import Role
from crm.public.addresses import LINK_URLCONF

from . import exempt
from .pages import Page, public_pages
from .test_pages import METHODS, REFUSED, ask
from .watch import leaks, state, written

EVERY_PUBLIC_PAGE = pytest.mark.parametrize("page", public_pages(), ids=str)


@pytest.fixture(autouse=True)
def no_limit(settings):
    cache.clear()
    settings.PUBLIC_REQUESTS_PER_MINUTE = settings.PUBLIC_FORMS_PER_MINUTE = settings.PUBLIC_LINK_PER_MINUTE = 10**6


@EVERY_PUBLIC_PAGE
def test_a_visitor_of_one_tenant_meets_nothing_of_another(world, page: Page, client):
    before = state(world.theirs)

    for browser in (client, world.members[Role.ADMIN].client, world.stranger.client):
        for url in page.urls(world.ours, world.theirs):
            for method in METHODS:
                response = ask(browser, method, url)

                assert response.status_code < 500, f"{method} {url}"
                assert leaks(response, world.theirs) == []
                # The link's own row is theirs: in our tenant there is none.
                names_a_row = page.urlconf == LINK_URLCONF and page.model is not None
                assert not names_a_row or response.status_code in REFUSED, f"{method} {url}"
    assert state(world.theirs) == before


@EVERY_PUBLIC_PAGE
def test_a_public_page_is_read_without_a_trace(world, page: Page, client):
    for url in page.urls(world.ours, world.ours):
        with written() as tables:
            statuses = {ask(client, method, url).status_code for method in ("GET", "HEAD")}

        assert tables == set() or page.name in exempt.COUNTED_LINKS, url
        assert statuses <= {200, 302, 404, 405}


@EVERY_PUBLIC_PAGE
def test_only_what_a_machine_sends_goes_without_the_token_of_a_form(world, page: Page):
    is_exempt = bool(getattr(page.view, "csrf_exempt", False))
    assert is_exempt == (str(page) in exempt.NO_FORM_TOKEN)

    for url in page.urls(world.ours, world.ours):
        refused = Client(enforce_csrf_checks=True).post(url, headers={"origin": "https://evil.example"})
        assert is_exempt or refused.status_code == 403
