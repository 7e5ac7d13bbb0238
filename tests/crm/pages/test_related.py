"""Apps put cards on each other's records without knowing each other."""

import pytest
from django.utils.translation import gettext_lazy as _

from crm.access.roles import Role
from crm.pages import related
from crm.pages.related import Related, register_related
from customers.models import Customer, Tag
from tests.factories import make_customer

pytestmark = pytest.mark.django_db


@pytest.fixture
def customer(in_tenant, owner):
    return make_customer(in_tenant, name="Blue River", owner=owner.user)


@pytest.fixture
def registered(monkeypatch):
    monkeypatch.setattr(related, "_related", related.defaultdict(dict))

    def register(key, context, **options):
        register_related(Customer, Related(key, _("Tags"), "customers/panels/recent.html", context, **options))

    return register


def test_a_card_shows_what_its_app_reads_about_the_record(customer, owner, registered):
    registered("others", lambda request, record: {"customers": [record]})

    whole = owner.get(f"customers/{customer.pk}/?cards=1").content.decode()
    part = owner.get(
        f"customers/{customer.pk}/?cards=1", HTTP_HX_REQUEST="true", HTTP_HX_TARGET="cards"
    ).content.decode()

    for page in (whole, part):
        assert 'id="card-others"' in page
        assert page.count(f'href="/t/acme/customers/{customer.pk}/"') == 1
    assert ("<h1" in whole, "<h1" in part) == (True, False)


def test_the_record_does_not_wait_for_its_cards(customer, owner, registered):
    asked = []
    registered("others", lambda request, record: asked.append(record))

    page = owner.get(f"customers/{customer.pk}/").content.decode()

    assert asked == []
    assert 'hx-get="?cards=1" hx-trigger="load"' in page
    assert 'href="?cards=1"' in page


def test_the_second_request_reads_the_record_and_the_cards_alone(
    customer, owner, registered, django_assert_num_queries
):
    registered("others", lambda request, record: {"customers": list(Customer.objects.filter(pk=record.pk))})
    owner.get(f"customers/{customer.pk}/")

    # Session, membership, both ends of the transaction, record, its tags, card.
    with django_assert_num_queries(7):
        owner.get(f"customers/{customer.pk}/?cards=1", HTTP_HX_REQUEST="true", HTTP_HX_TARGET="cards")


def test_a_card_with_nothing_to_say_is_left_out(customer, owner, registered):
    registered("others", lambda request, record: None)

    assert "card-others" not in owner.get(f"customers/{customer.pk}/?cards=1").content.decode()


def test_a_card_is_only_for_those_who_may_see_what_it_shows(customer, owner, registered):
    asked = []
    registered("others", lambda request, record: asked.append(record), needs=(Tag, "delete"))

    owner.get(f"customers/{customer.pk}/?cards=1")

    assert not owner.membership.has_role(Role.ADMIN)
    assert asked == []


def test_cards_of_other_kinds_stay_away(customer, admin, registered, tenant):
    tag = tenant.tags.create(name="VIP")
    registered("others", lambda request, record: {"customers": []})

    assert "card-others" not in admin.get(f"tags/{tag.pk}/?cards=1").content.decode()
