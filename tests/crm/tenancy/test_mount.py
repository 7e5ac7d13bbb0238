"""Where a tenant lies, and what is answered around it."""

import re

import pytest

from tests.factories import make_tenant

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("slug", ["acme", "huaxing", "nobody"])
def test_the_address_without_its_last_slash_leads_to_the_one_with_it(owner, client, slug):
    make_tenant("huaxing")

    for browser in (client, owner.client):
        response = browser.get(f"/t/{slug}?view=3")
        assert (response.status_code, response["Location"]) == (301, f"/t/{slug}/?view=3")


@pytest.mark.parametrize("path", ["/t/ACME/", "/t//", "/t/acme//", "/t/acme/../huaxing/", "/t/acme/nothing/"])
def test_what_names_no_page_of_a_tenant_is_not_found(owner, path):
    assert owner.client.get(path).status_code == 404


def test_a_tenant_that_one_does_not_belong_to_looks_like_none(owner, other_tenant):
    answers = {slug: owner.client.get(f"/t/{slug}/") for slug in ("huaxing", "nobody")}
    token = re.compile(r'"\w{64}"')
    theirs, nobodys = (token.sub("", page.content.decode()).replace(slug, "") for slug, page in answers.items())

    assert {page.status_code for page in answers.values()} == {404}
    assert theirs == nobodys


@pytest.mark.parametrize("host", ["evil.example", "[::1", "a" * 300])
def test_an_address_of_another_host_is_refused_in_words_inside_a_tenant_too(owner, host):
    for path in ("/t/acme/", "/accounts/login/"):
        refused = owner.client.get(path, headers={"host": host})

        assert refused.status_code == 400
        assert host not in refused.content.decode()
    assert 'href="/t/acme/"' in owner.client.get("/t/acme/", headers={"host": host}).content.decode()


def test_after_a_tenants_page_the_platforms_addresses_are_the_platforms(owner):
    owner.get("customers/")

    assert owner.client.get("/nothing/").status_code == 404
    assert owner.client.get("/", follow=True).redirect_chain == [("/tenants/", 302), ("/t/acme/", 302)]
