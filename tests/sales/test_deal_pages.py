"""Deals in lists, on their page, on the first page and beside their customer."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.utils import timezone

from crm.tenancy.context import use_tenant
from sales.models import Deal
from sales.navigation.deals import deals_of
from sales.operations.deals import lose_deal, move_deal, win_deal
from sales.search import filter_deals_by_search, find_deals
from tests.factories import make_contact, make_customer
from tests.factories.deals import make_deal, make_lost_reason, make_pipeline, stage

pytestmark = pytest.mark.django_db

LIST_QUERIES = 6
DETAIL_QUERIES = 7


@pytest.fixture
def pipeline(in_tenant):
    return make_pipeline(in_tenant)


@pytest.fixture
def customer(in_tenant, owner):
    return make_customer(in_tenant, name="Blue River Ltd", owner=owner.user)


@pytest.fixture
def deal(pipeline, customer, owner):
    return make_deal(pipeline, name="Pilot order", customer=customer, owner=owner.user, amount=1_250_50)


def fields(deal: Deal, **changes):
    """What a browser sends for this deal when nothing was typed."""
    return {
        "name": deal.name,
        "customer": deal.customer_id or "",
        "stage": deal.stage_id,
        "amount": "1250.50",
        "currency": "USD",
        "owner": deal.owner_id or "",
        "version": deal.version,
        **changes,
    }


@pytest.mark.parametrize("rows", [1, 3])
def test_list_states_the_same_few_queries(pipeline, customer, owner, rows, django_assert_num_queries):
    for number in range(rows):
        make_deal(pipeline, name=str(number), customer=customer, owner=owner.user)
    owner.get("sales/deals/")

    with django_assert_num_queries(LIST_QUERIES):
        owner.get("sales/deals/")


@pytest.mark.parametrize("rows", [1, 3])
def test_page_of_a_deal_states_the_same_few_queries(pipeline, deal, owner, rows, django_assert_num_queries):
    for number in range(rows):
        move_deal(deal=deal, stage=stage(pipeline, ("Engaging", "Prospecting")[number % 2]), user=owner.user)
    owner.get(f"sales/deals/{deal.pk}/")

    with django_assert_num_queries(DETAIL_QUERIES):
        owner.get(f"sales/deals/{deal.pk}/")


def test_representative_sees_own_deals_a_reader_all(pipeline, deal, owner, colleague, reader):
    make_deal(pipeline, name="Theirs", owner=colleague.user)

    lists = {member.user.email: member.get("sales/deals/").content.decode() for member in (owner, colleague, reader)}

    assert {email: ("Pilot order" in page, "Theirs" in page) for email, page in lists.items()} == {
        "sales@acme.example": (True, False),
        "sales2@acme.example": (False, True),
        "reader@acme.example": (True, True),
    }
    assert colleague.get(f"sales/deals/{deal.pk}/").status_code == 404
    assert reader.get(f"sales/deals/{deal.pk}/edit/").status_code == 403


def test_new_deal_is_in_the_first_stage_and_mine_unless_said_otherwise(pipeline, customer, owner):
    page = owner.get(f"sales/deals/new/?customer={customer.pk}").content.decode()
    owner.post(
        "sales/deals/new/",
        {
            "name": "Pilot order",
            "customer": customer.pk,
            "stage": stage(pipeline, "Prospecting").pk,
            "amount": "1,250.5",
            "currency": "USD",
            "owner": owner.user.pk,
        },
    )

    assert f'value="{customer.pk}" selected' in page
    deal = Deal.objects.get()
    assert (deal.stage.name, deal.owner, deal.amount, deal.created_by) == (
        "Prospecting",
        owner.user,
        1_250_50,
        owner.user,
    )


def test_new_deal_needs_a_customer_an_imported_one_goes_without(pipeline, owner):
    refused = owner.post(
        "sales/deals/new/", {"name": "x", "stage": stage(pipeline, "Prospecting").pk, "currency": "USD"}
    )
    imported = make_deal(pipeline, owner=owner.user)
    owner.post(f"sales/deals/{imported.pk}/edit/", fields(imported, name="Renamed"))

    assert refused.status_code == 422
    assert Deal.objects.get().name == "Renamed"


def test_form_offers_open_stages_only_and_where_the_deal_is(pipeline, deal, owner):
    new = owner.get("sales/deals/new/").content.decode()
    win_deal(deal=deal, user=owner.user)
    edited = owner.get(f"sales/deals/{deal.pk}/edit/").content.decode()

    won = f'value="{stage(pipeline, "Won").pk}"'
    assert (won in new, won in edited) == (False, True)


def test_stage_that_was_changed_in_the_form_is_told_in_the_history(pipeline, deal, owner):
    owner.post(f"sales/deals/{deal.pk}/edit/", fields(deal, stage=stage(pipeline, "Engaging").pk))

    page = owner.get(f"sales/deals/{deal.pk}/").content.decode()
    assert "Prospecting → Engaging" in page
    assert "Created in “Prospecting”" in page


def test_form_that_was_opened_before_a_move_shows_both_and_loses_nothing(pipeline, deal, owner, manager):
    sent = fields(deal, name="Typed name")
    move_deal(deal=deal, stage=stage(pipeline, "Engaging"), user=manager.user)

    answer = owner.post(f"sales/deals/{deal.pk}/edit/", sent)

    assert answer.status_code == 409
    page = answer.content.decode()
    assert ("Typed name" in page, "Engaging" in page) == (True, True)
    assert Deal.objects.get().stage.name == "Engaging"


def test_contact_of_another_customer_is_refused_with_words(in_tenant, pipeline, deal, owner):
    elsewhere = make_contact(make_customer(in_tenant, name="Red Hill", owner=owner.user))

    answer = owner.post(f"sales/deals/{deal.pk}/edit/", fields(deal, contact=elsewhere.pk))

    assert "This contact belongs to another customer." in answer.content.decode()


def test_winning_asks_for_amount_and_day(deal, owner):
    page = owner.get(f"sales/deals/{deal.pk}/win/").content.decode()
    tomorrow = timezone.localdate() + timedelta(days=1)
    refused = owner.post(f"sales/deals/{deal.pk}/win/", {"amount": "2000", "closed_on": tomorrow})
    owner.post(f"sales/deals/{deal.pk}/win/", {"amount": "2000", "closed_on": timezone.localdate()})

    assert 'value="1250.50"' in page
    assert refused.status_code == 422
    assert Deal.objects.values_list("status", "amount").get() == ("won", 2_000_00)


def test_losing_asks_why(in_tenant, deal, owner):
    reason = make_lost_reason(in_tenant)
    refused = owner.post(f"sales/deals/{deal.pk}/lose/", {"closed_on": timezone.localdate()})
    data = {"lost_reason": reason.pk, "lost_note": "4% too dear", "closed_on": timezone.localdate()}
    owner.post(f"sales/deals/{deal.pk}/lose/", data)

    assert refused.status_code == 422
    assert Deal.objects.values_list("status", "lost_reason", "lost_note").get() == ("lost", reason.pk, "4% too dear")
    page = owner.get(f"sales/deals/{deal.pk}/").content.decode()
    assert ("Price too high" in page, "/reopen/" in page, "/win/" in page) == (True, True, False)


def test_plain_form_moves_a_deal_and_tells_who_was_slower(pipeline, deal, owner, manager):
    address, seen = f"sales/deals/{deal.pk}/move/", deal.stage_id

    first = owner.post(address, {"stage": stage(pipeline, "Engaging").pk, "seen_in": seen})
    second = manager.post(address, {"stage": stage(pipeline, "Won").pk, "seen_in": seen})

    assert first.headers["Location"] == f"/t/acme/sales/deals/{deal.pk}/"
    assert second.status_code == 422
    assert "has moved “Pilot order” to “Engaging” meanwhile" in second.content.decode()


def test_ready_views_show_what_is_open_mine_won_and_lost(in_tenant, pipeline, owner, admin):
    make_deal(pipeline, name="Mine open", owner=admin.user)
    make_deal(pipeline, name="Theirs open", owner=owner.user)
    make_deal(pipeline, "Won", name="Is won", owner=admin.user)
    lose_deal(deal=make_deal(pipeline, name="Is lost"), reason=make_lost_reason(in_tenant), user=admin.user)

    def found(query):
        page = admin.get(f"sales/deals/?{query}").content.decode()
        return [name for name in ("Mine open", "Theirs open", "Is won", "Is lost") if name in page]

    assert found("owner=me&status=open") == ["Mine open"]
    assert found("status=open") == ["Mine open", "Theirs open"]
    assert found("status=won") == ["Is won"]
    assert found("status=lost") == ["Is lost"]
    assert found(f"stage={stage(pipeline, 'Won').pk}") == ["Is won"]


@pytest.mark.parametrize("sort", ["name", "-amount", "expected_close_on", "-closed_at", "-updated_at"])
def test_list_is_sorted_by_what_an_index_serves(pipeline, admin, sort):
    make_deal(pipeline, amount=5)

    assert admin.get(f"sales/deals/?sort={sort}").status_code == 200


def test_many_deals_change_stage_and_owner_at_once(pipeline, owner, colleague, admin):
    deals = [make_deal(pipeline, name=str(number), owner=owner.user) for number in range(3)]
    ids = [deal.pk for deal in deals]

    admin.post("lists/deals/bulk/move/", {"ids": ids, "stage": stage(pipeline, "Engaging").pk, "confirmed": "1"})
    admin.post("lists/deals/bulk/assign/", {"ids": ids, "owner": colleague.user.pk, "confirmed": "1"})

    assert {*Deal.objects.values_list("stage__name", "owner__email")} == {("Engaging", "sales2@acme.example")}


def test_page_of_a_customer_shows_its_deals_the_open_ones_first(pipeline, customer, deal, owner, colleague):
    make_deal(pipeline, "Won", name="Won before", customer=customer, owner=owner.user)
    make_deal(pipeline, name="Hidden", customer=customer, owner=colleague.user)

    page = owner.get(f"customers/{customer.pk}/?cards=1").content.decode()

    assert page.index("Pilot order") < page.index("Won before")
    assert "Hidden" not in page
    assert f"/sales/deals/new/?customer={customer.pk}" in page


@pytest.mark.parametrize("rows", [1, 3])
def test_card_on_the_page_of_a_customer_takes_one_statement(
    rf, pipeline, customer, owner, rows, django_assert_num_queries
):
    request = rf.get("/")
    request.membership = owner.membership
    for number in range(rows):
        make_deal(pipeline, name=str(number), customer=customer, owner=owner.user)

    with django_assert_num_queries(1):
        card = deals_of(request, customer)

    assert len(card["deals"]) == rows


def test_home_shows_what_closes_soon_and_what_lies_in_each_stage(pipeline, deal, owner, colleague):
    Deal.objects.filter(pk=deal.pk).update(expected_close_on=timezone.localdate() + timedelta(days=3))

    mine, theirs = (member.get("?panels=all").content.decode() for member in (owner, colleague))

    assert ("Pilot order" in mine, "$1,251" in mine or "$1,250" in mine) == (True, True)
    assert ("Pilot order" in theirs, "$1,25" in theirs) == (False, False)


def test_manager_sees_the_people_of_the_team_with_what_they_have_open(pipeline, deal, manager, colleague):
    make_deal(pipeline, owner=colleague.user)

    page = manager.get("?panels=all").content.decode()

    assert f"?owner={deal.owner_id}&amp;status=open" in page
    assert f"?owner={colleague.user.pk}&amp;status=open" not in page


class TestSearch:
    @pytest.mark.parametrize("text", ["pilot", "blue river", "Pilot Blue"])
    def test_deal_is_found_by_its_name_and_its_customers(self, deal, owner, colleague, text):
        assert find_deals(owner.membership, text, 5) == [deal]
        assert find_deals(colleague.membership, text, 5) == []

    def test_deal_is_found_in_chinese_by_pinyin_and_initials(self, in_tenant, pipeline, admin):
        deal = make_deal(pipeline, name="年度供货合同", customer=make_customer(in_tenant, name="华星科技"))

        for text in ("供货", "niandu", "ndgh", "华星", "huaxing"):
            assert find_deals(admin.membership, text, 5) == [deal]

    def test_deal_is_found_by_its_customers_telephone_and_by_its_number(self, in_tenant, pipeline, owner):
        customer = make_customer(in_tenant, phone="13800001234", owner=owner.user)
        by_phone = make_deal(pipeline, customer=customer, owner=owner.user)
        by_number = make_deal(pipeline, external_id="20261", owner=owner.user)

        assert find_deals(owner.membership, "1234", 5) == [by_phone]
        assert find_deals(owner.membership, "20261", 5) == [by_number]
        assert list(filter_deals_by_search(Deal.objects.all(), "13800001234")) == [by_phone]

    def test_renamed_customer_renames_its_deals_for_the_search(self, deal, customer, owner):
        customer.name = "Green Valley"
        customer.save()

        assert find_deals(owner.membership, "green valley", 5) == [deal]
        assert find_deals(owner.membership, "blue river", 5) == []

    def test_another_tenants_deals_are_not_found(self, deal, other_tenant, stranger):
        with use_tenant(other_tenant):
            assert find_deals(stranger.membership, "pilot", 5) == []


@pytest.mark.parametrize(
    ("asked", "order"),
    [
        ("closed_at_from=2026-01-01", ["Later", "Earlier"]),
        ("expected_close_on_from=2026-01-01", ["Earlier", "Later"]),
        ("closed_at_from=2026-01-01&sort=name", ["Earlier", "Later"]),
    ],
)
def test_days_that_are_asked_for_put_the_list_into_their_order(pipeline, admin, asked, order):
    for name, day in (("Later", 20), ("Earlier", 10)):
        make_deal(
            pipeline,
            "Won",
            name=name,
            expected_close_on=date(2026, 3, day),
            closed_at=datetime(2026, 3, day, tzinfo=UTC),
        )

    page = admin.get(f"sales/deals/?{asked}").content.decode()

    assert sorted(order, key=page.index) == order
