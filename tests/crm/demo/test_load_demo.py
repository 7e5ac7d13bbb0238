"""The demo: who can log in, what is there, and that loading it again does no harm."""

from datetime import date

import pytest
from django.contrib.auth import get_user_model
from django.core.management import CommandError, call_command
from django.db import connection

from crm.access.roles import Role
from crm.demo.people import PASSWORD
from crm.search.tokens import document, name_sort
from crm.tenancy.context import use_tenant
from crm.tenancy.models import Membership, Tenant
from customers.models import Activity, Contact, ContactSearch, Customer, CustomerSearch, Tag
from customers.search import search_customers

pytestmark = pytest.mark.django_db


@pytest.fixture
def demo(settings):
    settings.DEMO = True
    # The real one takes its time on purpose, twenty times in each test.
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]

    def load(**options):
        call_command("load_demo", verbosity=0, **options)

    return load


def content(slug: str) -> list[tuple]:
    with use_tenant(Tenant.objects.get(slug=slug)):
        rows = Customer.objects.order_by("external_id")
        return list(rows.values_list("external_id", "name", "phone", "owner__email"))


def test_it_refuses_where_it_was_not_meant_to_run(settings):
    settings.DEMO = settings.DEBUG = False

    with pytest.raises(CommandError, match="no demo"):
        call_command("load_demo")

    assert not Tenant.objects.exists()
    assert not get_user_model().objects.exists()


def test_it_names_the_tenants_it_knows(demo):
    with pytest.raises(CommandError, match="acme and huaxing"):
        demo(tenant="nobody")


def test_logins_are_those_of_the_product(demo):
    demo(customers=0)

    roles = {
        (membership.tenant.slug, membership.user.email): membership.roles
        for membership in Membership.objects.select_related("tenant", "user")
    }
    expected = {(slug, "both@guanxi.example"): [Role.SALES_MANAGER] for slug in ("acme", "huaxing")}
    for slug in ("acme", "huaxing"):
        expected |= {(slug, f"{role.value.replace('_', '-')}@{slug}.example"): [role] for role in Role}
        expected[slug, f"sales2@{slug}.example"] = [Role.SALES]
    operator = get_user_model().objects.get(email="operator@guanxi.example")
    assert roles == expected
    assert (operator.is_staff, operator.is_superuser, operator.memberships.count()) == (True, True, 0)
    assert all(user.check_password(PASSWORD) for user in get_user_model().objects.all()[:3])
    assert [
        (tenant.slug, tenant.name, tenant.language, tenant.currency) for tenant in Tenant.objects.order_by("slug")
    ] == [("acme", "Acme Trading", "en", "USD"), ("huaxing", "华星贸易", "zh-hans", "CNY")]


def test_the_second_representative_is_in_another_team_below_the_managers(demo):
    demo(customers=0, tenant="acme")

    path = {
        membership.user.email.partition("@")[0]: membership.team.path
        for membership in Membership.objects.filter(team__isnull=False).select_related("user", "team")
    }
    assert path["sales"] != path["sales2"]
    assert path["sales"].startswith(path["sales-manager"])
    assert path["sales2"].startswith(path["sales-manager"])


def test_loading_again_adds_only_what_is_missing(demo):
    demo(customers=30)
    first = content("acme")

    demo(customers=30)
    again = content("acme")
    demo(customers=45, tenant="acme")
    more = content("acme")

    assert len(first) == 30
    assert again == first
    assert (len(more), more[:30]) == (45, first)
    assert len(content("huaxing")) == 30


def test_the_same_customers_every_time(demo):
    demo(customers=20, tenant="acme")
    first = content("acme")
    with use_tenant(Tenant.objects.get()):
        Customer.objects.all().delete()

    demo(customers=20, tenant="acme")

    assert content("acme") == first


def test_names_are_sorted_and_found_as_if_they_had_been_saved(demo):
    demo(customers=80, tenant="huaxing")

    tenant = Tenant.objects.get()
    with use_tenant(tenant), connection.cursor() as cursor:
        for model, entry, names in (
            (Customer, CustomerSearch, ["name"]),
            (Contact, ContactSearch, ["name", "customer__name"]),
        ):
            stored = dict(entry.objects.values_list("pk", "vec"))
            rows = list(model.objects.values_list("pk", "name_sort", *names))
            assert set(stored) == {row[0] for row in rows} != set()
            for pk, key, *texts in rows:
                cursor.execute("SELECT %s::tsvector = %s::tsvector", [document(tenant.pk, *texts), stored[pk]])
                assert (key, cursor.fetchone()) == (name_sort(texts[0]), (True,))


def test_the_first_representative_has_work_to_do(demo):
    demo(tenant="acme")

    tenant = Tenant.objects.get()
    with use_tenant(tenant):
        sales = Membership.objects.get(user__email="sales@acme.example")
        due = Customer.objects.filter(owner=sales.user, next_contact_on__lte=date.today())
        tasks = Activity.objects.filter(author=sales.user, kind="task", done_at=None, due_on__lte=date.today())
        counts = (due.count(), tasks.count(), Tag.objects.count())
        found = search_customers(sales, "bright")

    assert all(count >= 3 for count in counts)
    assert found
    assert all("bright" in customer.name.lower() for customer in found)


def test_dates_lie_in_the_two_years_before_today(demo):
    demo(customers=60, tenant="acme")

    tenant = Tenant.objects.get()
    with use_tenant(tenant):
        for activity in Activity.objects.select_related("customer"):
            assert activity.customer.created_at.date() <= date.today()
            assert (date.today() - activity.at.date()).days in range(-1, 740)
        latest = Activity.objects.exclude(kind="task").order_by("-at").first()
        assert latest.customer.last_contact_at == latest.at
