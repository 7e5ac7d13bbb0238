"""The search box of a list gets as long as the search page, and the page outlives it."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.factories import make_customer

pytestmark = pytest.mark.django_db
REFUSAL = "This search takes too long. Type more of the name, or a second word."


@pytest.fixture
def slow(monkeypatch, in_tenant):
    """Looking for words takes longer than it may."""

    def sleep(queryset, text):
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_sleep(1)")
        return queryset

    make_customer(in_tenant, name="华星")
    monkeypatch.setattr("crm.search.finding.TIMEOUT_SECONDS", 0.01)
    monkeypatch.setattr("customers.filters.filter_by_search", sleep)


@pytest.mark.parametrize("query", ["q=华星", "q=华星&count=exact", "q=华星&sort=name", "q=华星&stage=prospect"])
def test_a_search_that_takes_too_long_asks_for_more_on_a_page_that_still_works(slow, admin, query):
    html = admin.get(f"customers/?{query}").content.decode()

    assert REFUSAL in html
    assert 'name="q" value="华星"' in html
    assert "Nothing matches these filters" not in html
    assert '<a class="btn" href="?view=all">Show all</a>' in html


@pytest.mark.parametrize(("text", "is_too_little"), [("a", True), ("华", False), ("ab", False)])
def test_one_letter_is_too_little_and_the_list_says_what_is_enough(in_tenant, admin, text, is_too_little):
    make_customer(in_tenant, name="Somebody", owner=admin.user)

    html = admin.get(f"customers/?q={text}").content.decode()

    assert ("Type at least two letters, or one Chinese character." in html) == is_too_little
    assert ("Nothing matches these filters" in html) != is_too_little


def test_a_count_that_takes_too_long_says_so_and_is_not_asked_for_again(slow, admin):
    html = admin.get(
        "customers/?q=华星&count=capped", headers={"HX-Request": "true", "HX-Target": "count"}
    ).content.decode()

    assert html.split() == f'<span class="gx-count" id="count" title="{REFUSAL}">Not counted</span>'.split()


def test_rows_are_shown_though_counting_them_takes_too_long(in_tenant, admin, monkeypatch):
    def too_slow(rows):
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_sleep(1)")

    monkeypatch.setattr("crm.pages.views.list.exact_count", too_slow)
    monkeypatch.setattr("crm.search.finding.TIMEOUT_SECONDS", 0.2)
    make_customer(in_tenant, name="华星")

    html = admin.get("customers/?q=华星&count=exact").content.decode()

    assert REFUSAL not in html
    assert "华星</a>" in html


@pytest.mark.parametrize(("query", "limits"), [("", 0), ("stage=prospect", 0), ("q=华星", 1)])
def test_only_the_search_box_is_limited(in_tenant, admin, query, limits):
    make_customer(in_tenant, name="华星")

    with CaptureQueriesContext(connection) as statements:
        admin.get(f"customers/?{query}")

    assert sum("statement_timeout" in statement["sql"] for statement in statements) == limits


@pytest.mark.parametrize("rows", [1, 3])
def test_a_searched_list_takes_few_statements(in_tenant, admin, rows, django_assert_num_queries):
    for number in range(rows):
        make_customer(in_tenant, name=f"华星{number}")

    # Session, membership, saved views; time limit, how common the word is, rows, tags; a savepoint around these and one
    # around all, where a request has its transaction.
    with django_assert_num_queries(11):
        html = admin.get("customers/?q=华星").content.decode()

    assert len(re.findall(r'title="(华星\d)"', html)) == rows
