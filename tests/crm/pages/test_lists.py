"""What every list does, shown with customers."""

import html
import re
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from crm.pages.counts import capped_count
from crm.pages.models import SavedView
from crm.pages.views import ListPage
from customers.choices import CustomerStage
from customers.models import Customer
from tests.factories import make_customer, make_member, make_tag

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 1, tzinfo=UTC)


@pytest.fixture
def customers(in_tenant, owner, colleague):
    return [
        make_customer(
            in_tenant,
            name=f"Customer {number:03}",
            owner=(owner if number % 2 else colleague).user,
            stage=CustomerStage.ACTIVE if number % 3 else CustomerStage.LOST,
            updated_at=NOW - timedelta(minutes=number),
        )
        for number in range(6)
    ]


def names(response):
    return re.findall(r'title="(Customer \d+)"', response.content.decode())


def htmx(target):
    return {"HTTP_HX_REQUEST": "true", "HTTP_HX_TARGET": target}


def test_a_list_shows_only_what_the_member_may_see(customers, owner, admin):
    assert names(owner.get("customers/")) == ["Customer 001", "Customer 003", "Customer 005"]
    assert len(names(admin.get("customers/"))) == 6


def test_a_filter_in_the_address_narrows_the_list_and_is_said_in_words(customers, admin):
    response = admin.get("customers/?stage=lost")

    assert names(response) == ["Customer 000", "Customer 003"]
    chip = '<span class="gx-chip-label">Stage</span><span class="gx-chip-value gx-clip">Lost</span>'
    assert chip in response.content.decode()


def test_me_in_a_filter_is_whoever_looks(customers, admin, owner):
    Customer.objects.filter(pk=customers[0].pk).update(owner=admin.user)

    assert names(admin.get("customers/?owner=me")) == ["Customer 000"]
    assert len(names(owner.get("customers/?owner=me"))) == 3


def test_nobody_in_a_filter_finds_what_has_no_owner(customers, admin):
    Customer.objects.filter(pk=customers[4].pk).update(owner=None)

    assert names(admin.get("customers/?owner=nobody")) == ["Customer 004"]


def test_a_range_of_days_is_in_the_persons_time_zone(in_tenant, admin):
    admin.user.time_zone = "Asia/Shanghai"
    admin.user.save()
    # 00:30 on the second of March in Shanghai.
    make_customer(in_tenant, name="Customer 900", created_at=datetime(2026, 3, 1, 16, 30, tzinfo=UTC))

    assert names(admin.get("customers/?created_at_from=2026-03-02&created_at_to=2026-03-02")) == ["Customer 900"]
    assert names(admin.get("customers/?created_at_to=2026-03-01")) == []


def test_a_day_has_all_its_hours_also_when_the_clock_is_turned_back(in_tenant, admin):
    # In Chile the last hour of the fourth of April 2026 came twice.
    admin.user.time_zone = "America/Santiago"
    admin.user.save()
    hours = {"Customer 901": (2, 30), "Customer 902": (3, 30), "Customer 903": (4, 30)}
    for name, (hour, minute) in hours.items():
        make_customer(in_tenant, name=name, created_at=datetime(2026, 4, 5, hour, minute, tzinfo=UTC))

    assert names(admin.get("customers/?created_at_from=2026-04-04&created_at_to=2026-04-04&sort=created_at")) == [
        "Customer 901",
        "Customer 902",
    ]
    assert names(admin.get("customers/?created_at_from=2026-04-05&created_at_to=2026-04-05")) == ["Customer 903"]


@pytest.mark.parametrize("query", ["stge=lost", "stage__in=lost", "stage=lost&tenant=2", "owner__email=x"])
def test_a_filter_the_list_does_not_know_is_refused_and_not_ignored(customers, admin, query):
    response = admin.get(f"customers/?{query}")

    assert response.status_code == 400
    assert "has no filter named" in response.content.decode()
    assert names(response) == []


@pytest.mark.parametrize(
    "query", ["stage=nonsense", "owner=999999", "created_at_from=yesterday", "created_at_to=9999-12-31", "tag=abc"]
)
def test_a_filter_value_that_makes_no_sense_shows_no_rows_and_says_so(customers, admin, query):
    response = admin.get(f"customers/?{query}")

    assert names(response) == []
    assert "gx-alert-danger" in response.content.decode()


def test_a_filter_does_not_reveal_another_tenants_records(customers, admin, stranger):
    tag = make_tag(admin.membership.tenant)
    with_tag = admin.get(f"customers/?tag={tag.pk}")
    foreign = stranger.get(f"customers/?tag={tag.pk}")

    assert "gx-alert-danger" not in with_tag.content.decode()
    assert "gx-alert-danger" in foreign.content.decode()
    assert "VIP" not in foreign.content.decode()


def test_clicking_a_heading_sorts_and_clicking_again_turns_round(customers, admin):
    response = admin.get("customers/?sort=name")

    assert names(response) == sorted(names(response))
    assert 'aria-sort="ascending"' in response.content.decode()
    assert 'href="?sort=-name"' in response.content.decode()
    assert names(admin.get("customers/?sort=-name")) == sorted(names(response), reverse=True)


@pytest.mark.parametrize("sort", ["phone", "tenant", "-owner__password", "--name", "nonsense"])
def test_only_the_listed_columns_sort(customers, admin, sort):
    response = admin.get(f"customers/?sort={sort}")

    assert response.status_code == 400
    assert "cannot be sorted by" in response.content.decode()


def test_pages_are_reached_by_links_and_keep_the_filter(customers, admin, monkeypatch):
    monkeypatch.setattr(ListPage, "page_size", 2)
    first = admin.get("customers/?stage=active")
    following = re.search(r'href="(\?[^"]+)" rel="next"', first.content.decode()).group(1).replace("&amp;", "&")
    second = admin.get(f"customers/{following}")

    assert names(first) == ["Customer 001", "Customer 002"]
    assert names(second) == ["Customer 004", "Customer 005"]
    assert "stage=active" in following


def test_a_page_link_that_no_longer_fits_begins_again_and_says_so(customers, admin):
    response = admin.get("customers/?after=nonsense")

    assert response.status_code == 200
    assert len(names(response)) == 6
    assert "no longer known" in response.content.decode()


def test_htmx_gets_the_list_without_the_frame(customers, admin):
    response = admin.get("customers/?stage=lost", **htmx("list"))
    text = response.content.decode()

    assert text.strip().startswith('<div class="gx-list" id="list"')
    assert "<html" not in text
    assert names(response) == ["Customer 000", "Customer 003"]
    assert {"HX-Request", "HX-Target"} <= {part.strip() for part in response["Vary"].split(",")}


def test_going_back_in_the_browser_gets_the_whole_page(customers, admin):
    response = admin.get("customers/", **htmx("list"), HTTP_HX_HISTORY_RESTORE_REQUEST="true")

    assert "<html" in response.content.decode()


def test_the_filters_come_when_they_are_opened(customers, admin):
    closed = admin.get("customers/").content.decode()
    opened = admin.get("customers/?panel=filters", **htmx("filters")).content.decode()

    assert 'name="stage"' not in closed
    assert 'name="stage"' in opened
    assert 'name="created_at_from"' in opened
    assert "<html" not in opened
    assert 'name="stage"' in admin.get("customers/?panel=filters").content.decode()


def test_a_count_stops_at_its_cap(customers, django_assert_num_queries):
    with django_assert_num_queries(1) as captured:
        count = capped_count(Customer.objects.order_by("name"), cap=3)

    assert str(count) == "3+"
    assert count.is_capped
    assert "LIMIT 4" in captured[0]["sql"]
    assert "ORDER BY" not in captured[0]["sql"]
    assert str(capped_count(Customer.objects.all(), cap=6)) == "6"


def test_a_count_that_no_index_serves_is_left_to_a_second_request(customers, admin, monkeypatch):
    monkeypatch.setattr(ListPage, "page_size", 2)
    first = admin.get("customers/?stage=active&city=&level=").content.decode()
    slow = admin.get("customers/?stage=active&owner=" + str(customers[0].owner_id)).content.decode()

    assert '<span class="gx-count" id="count" title="4 entries">4</span>' in first
    assert 'hx-trigger="load"' not in slow  # two rows fit one page: nothing is left to count
    assert 'hx-trigger="load"' in admin.get("customers/?kind=company").content.decode()
    counted = admin.get("customers/?kind=company&count=capped", **htmx("count")).content.decode()
    assert counted.strip() == '<span class="gx-count" id="count" title="6 entries">6</span>'


def test_whoever_turns_the_page_keeps_the_count_and_it_is_not_counted_again(customers, admin, monkeypatch):
    monkeypatch.setattr(ListPage, "page_size", 2)
    first = admin.get("customers/").content.decode()
    following = re.search(r'href="([^"]+)" rel="next"', first)[1]
    with CaptureQueriesContext(connection) as asked:
        second = admin.get("customers/" + html.unescape(following)).content.decode()

    assert 'title="6 entries">6</span>' in first
    assert not [query for query in asked.captured_queries if "COUNT(" in query["sql"]]
    # Where there is no page to keep it from, it is asked for once the list is there.
    assert re.search(r'id="count"[^>]*hx-trigger="load"[^>]*hx-preserve', second)


def test_names_from_outside_are_shown_as_text(in_tenant, admin):
    make_customer(in_tenant, name='<script>alert(1)</script>"', city="<b>x</b>", owner=admin.user)

    text = admin.get("customers/").content.decode()

    assert "<script>alert" not in text
    assert "<b>x</b>" not in text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;&quot;" in text


def test_an_empty_list_teaches_and_a_filter_without_matches_says_so(in_tenant, admin):
    empty = admin.get("customers/").content.decode()
    empty_too = admin.get("customers/?stage=lost").content.decode()
    make_customer(in_tenant, name="Customer 1", owner=admin.user)
    filtered = admin.get("customers/?stage=lost").content.decode()

    assert "No customers yet" in empty
    assert "No customers yet" in empty_too
    assert "Nothing matches these filters" in filtered


def test_a_member_without_the_right_gets_no_buttons_for_it(customers, reader):
    text = reader.get("customers/").content.decode()

    assert "/t/acme/customers/new/" not in text
    assert "/lists/customers/bulk/" not in text
    assert "/lists/customers/export/" not in text


@pytest.mark.parametrize("number", [1, 3])
def test_a_list_takes_the_same_statements_at_one_row_and_at_three(in_tenant, admin, number, django_assert_num_queries):
    tag = make_tag(in_tenant)
    for each in range(number):
        customer = make_customer(in_tenant, name=f"Customer {each}", owner=admin.user)
        customer.tag_links.create(tag=tag)
    admin.get("customers/")

    # Session with person, membership; saved views, rows, tags. The transaction is the test's own, so a
    # savepoint and its release stand where the two SET LOCAL would be.
    with django_assert_num_queries(7):
        admin.get("customers/")


def test_a_default_view_arranges_the_list_until_an_address_says_otherwise(customers, admin):
    SavedView.objects.create(
        tenant=admin.membership.tenant,
        kind="customers",
        name="Lost ones",
        query="stage=lost",
        columns=["city"],
        owner=admin.user,
        is_default=True,
    )

    by_default = admin.get("customers/").content.decode()

    assert names(admin.get("customers/")) == ["Customer 000", "Customer 003"]
    assert 'data-label="City"' in by_default
    assert 'data-label="Stage"' not in by_default
    assert len(names(admin.get("customers/?view=all"))) == 6
    assert len(names(admin.get("customers/?stage=active"))) == 4


def test_another_team_members_scope_is_not_widened_by_a_filter(customers, in_tenant, owner, teams):
    lead = make_member(in_tenant, "x@acme.example", "sales", team=teams["north"], scopes={"customers": "team"})

    assert lead.user_id != owner.user.pk
    assert names(owner.get(f"customers/?owner={customers[0].owner_id}")) == []
