"""The search page and the palette's list."""

import re
from html import unescape

import pytest

from crm.errors import SearchTooBroad
from tests.factories import make_contact, make_customer
from tests.factories.deals import make_deal, make_pipeline

pytestmark = pytest.mark.django_db


@pytest.fixture
def customer(in_tenant):
    return make_customer(in_tenant, name="华星贸易 <b>", city="北京", phone="13800000001")


def links(html: str) -> list[str]:
    return re.findall(r'<a (?:role="option"[^>]*)?class="gx-result" href="([^"]+)"', html)


def test_page_shows_what_is_found_by_kind(admin, customer):
    contact = make_contact(customer, name="李四")

    html = admin.get("search/", data={"q": "huaxing"}).content.decode()

    assert links(html) == [f"/t/acme/customers/{customer.pk}/", f"/t/acme/contacts/{contact.pk}/"]
    assert "华星贸易 &lt;b&gt;" in html
    assert "北京 · 13800000001" in html
    assert 'value="huaxing"' in html


def test_palette_gets_a_listbox_of_links_that_are_options(admin, customer):
    html = admin.get("search/results/", data={"q": "华星"}).content.decode()

    assert "<html" not in html
    assert re.search(r'<ul role="listbox" id="search-results"[^>]*aria-label="Search results"', html)
    assert links(html) == [f"/t/acme/customers/{customer.pk}/"]
    ids = re.findall(r' id="([^"]+)"', html)
    assert len(ids) == len(set(ids))


def test_palette_offers_places_beside_records(admin, customer):
    html = admin.get("search/results/", data={"q": "customers"}).content.decode()

    assert "/t/acme/customers/" in links(html)


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("", "Type a name in Chinese"),
        ("a", "at least two letters"),
        ("99998888", "No telephone number begins or ends with 99998888"),
        ("no@where", "No e-mail address begins with no@where"),
        ("<i>none", "“&lt;i&gt;none” in its name"),
    ],
)
@pytest.mark.parametrize("path", ["search/", "search/results/"])
def test_nothing_found_says_what_to_try(admin, customer, path, text, answer):
    html = admin.get(path, data={"q": text, "part": "all"}).content.decode()

    assert answer in html
    assert f"/customers/{customer.pk}/" not in html


def test_other_members_find_only_what_they_may_see(owner, colleague, stranger, in_tenant):
    mine = make_customer(in_tenant, name="华星", owner=owner.user)

    seen = {
        member.user.email: links(member.get("search/", data={"q": "华星"}).content.decode())
        for member in (owner, colleague, stranger)
    }

    assert seen == {
        "sales@acme.example": [f"/t/acme/customers/{mine.pk}/"],
        "sales2@acme.example": [],
        "admin@huaxing.example": [],
    }


def test_a_stranger_cannot_search_here(stranger, tenant):
    assert stranger.client.get("/t/acme/search/", {"q": "华星"}).status_code == 404


@pytest.mark.parametrize("path", ["search/", "search/results/"])
def test_a_search_that_takes_too_long_asks_for_more(admin, customer, monkeypatch, path):
    def too_slow(*args):
        raise SearchTooBroad

    monkeypatch.setattr("crm.search.views.search", too_slow)

    response = admin.get(path, data={"q": "华星"})

    assert response.status_code == 200
    assert "This search takes too long" in response.content.decode()


@pytest.mark.parametrize("rows", [1, 3])
def test_palette_takes_a_fixed_number_of_statements(admin, in_tenant, two_kinds, django_assert_num_queries, rows):
    for number in range(rows):
        make_contact(make_customer(in_tenant, name=f"华星{number}"), name=f"华星李四{number}")

    # Session, membership, time limit, how common the word is, customers, contacts; the savepoint is the test's.
    with django_assert_num_queries(8):
        html = admin.get("search/results/", data={"q": "华星"}).content.decode()

    assert len(links(html)) == 2 * rows


@pytest.mark.parametrize("text", ["华星", "华星 贸易", "13800000001"])
@pytest.mark.parametrize("part", ["first", "rest", "all"])
def test_all_kinds_together_stay_within_twelve_statements(admin, customer, django_assert_max_num_queries, text, part):
    # And the savepoint of the test's.
    with django_assert_max_num_queries(12 + 2):
        admin.get("search/", data={"q": text, "part": part})


@pytest.fixture
def pipeline(in_tenant):
    return make_pipeline(in_tenant)


def follow(html: str) -> str:
    """The address that the page asks for by itself once it is shown."""
    return unescape(re.search(r'hx-get="/t/acme/([^"]+part=rest[^"]*)"', html)[1])


@pytest.mark.parametrize("path", ["search/", "search/results/"])
def test_other_kinds_follow_in_a_request_of_their_own(admin, pipeline, customer, path):
    deal = make_deal(pipeline, name="华星扩建", customer=customer)

    first = admin.get(path, data={"q": "华星"}).content.decode()
    rest = admin.get(follow(first)).content.decode()

    assert f"/t/acme/customers/{customer.pk}/" in links(first)
    assert f"/t/acme/sales/deals/{deal.pk}/" not in first
    assert links(rest) == [f"/t/acme/sales/deals/{deal.pk}/"]
    assert "<html" not in rest


def test_without_scripts_a_link_asks_for_everything(admin, pipeline, customer):
    deal = make_deal(pipeline, name="华星扩建", customer=customer)

    page = admin.get("search/", data={"q": "华星"}).content.decode()
    everything = unescape(re.search(r'<noscript>.*?href="/t/acme/([^"]+)"', page, re.S)[1])

    assert f"/t/acme/sales/deals/{deal.pk}/" in links(admin.get(everything).content.decode())


@pytest.mark.parametrize("path", ["search/", "search/results/"])
def test_that_nothing_was_found_is_said_when_all_have_been_asked(admin, customer, path):
    first = admin.get(path, data={"q": "nobody"}).content.decode()
    rest = admin.get(follow(first)).content.decode()

    assert "in its name" not in first
    assert "“nobody” in its name" in rest


def test_who_was_found_first_is_found_although_nothing_follows(admin, customer):
    first = admin.get("search/", data={"q": "华星"}).content.decode()

    assert links(admin.get(follow(first)).content.decode()) == []
    assert "in its name" not in admin.get(follow(first)).content.decode()
