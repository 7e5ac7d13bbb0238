"""A compiled query gives what the query would give, and asks what it would ask."""

import pytest
from django.db import connection
from django.db.models import F, QuerySet
from django.test.utils import CaptureQueriesContext

from crm.access.roles import Role
from crm.tenancy.compiled import CompiledQuery, CompiledUpdate
from crm.tenancy.models import Membership
from customers.models import Customer
from tests.factories import make_customer, make_member

pytestmark = pytest.mark.django_db


def by_email(email):
    return Membership.objects.active().select_related("tenant", "team").filter(user__email=email)


@pytest.fixture
def query():
    return CompiledQuery(by_email, samples=("?",))


def values(membership):
    return {field.attname: getattr(membership, field.attname) for field in membership._meta.concrete_fields}


def test_it_gives_the_same_object_with_everything_joined(query, tenant, teams, django_assert_num_queries):
    make_member(tenant, "ann@acme.example", Role.SALES, Role.READER, team=teams["north"], scopes={"customers": "own"})
    expected = by_email("ann@acme.example").get()

    with django_assert_num_queries(1):
        found = query.first("ann@acme.example")
        joined = (found.tenant, found.tenant.slug, found.team, found.team.path)

    assert values(found) == values(expected)
    assert joined == (tenant, "acme", teams["north"], teams["north"].path)


def test_what_is_not_there_is_none_and_what_is_joined_may_be_missing(query, tenant):
    make_member(tenant, "ann@acme.example", Role.SALES)

    assert query.first("bob@acme.example") is None
    assert query.first("ann@acme.example").team is None


def test_what_was_found_can_be_changed_and_saved(query, tenant):
    make_member(tenant, "ann@acme.example", Role.SALES)
    found = query.first("ann@acme.example")

    found.is_active = False
    found.save()

    assert query.first("ann@acme.example") is None


def test_each_asking_takes_its_own_value(query, tenant):
    for name in ("ann", "bob"):
        make_member(tenant, f"{name}@acme.example", Role.SALES)

    found = [query.first(f"{name}@acme.example").user.email for name in ("ann", "bob", "ann")]

    assert found == ["ann@acme.example", "bob@acme.example", "ann@acme.example"]


def test_values_are_parameters_and_never_part_of_the_statement(query, tenant):
    make_member(tenant, "ann@acme.example", Role.SALES)

    with CaptureQueriesContext(connection) as queries:
        assert query.first("' OR 1=1 --") is None

    assert "''' OR 1=1 --'" in queries[0]["sql"]


@pytest.mark.parametrize("samples", [("?", "never asked for"), (True,)])
def test_a_sample_that_cannot_be_told_apart_is_a_loud_error(samples):
    query = CompiledQuery(lambda *given: by_email("?").filter(tenant__slug="?"), samples)

    with pytest.raises(ValueError, match="Each sample"):
        query.first(*samples)


def test_all_gives_every_row_in_the_order_of_the_query(tenant):
    of_role = CompiledQuery(
        lambda tenant_id, role: Membership.objects.filter(tenant_id=tenant_id, roles=[role]).order_by("user__email"),
        samples=(-1, "?role"),
    )
    for name in ("cid", "ann", "bob"):
        make_member(tenant, f"{name}@acme.example", Role.READER)

    found = of_role.all(tenant.pk, Role.READER.value)

    assert [member.user.email for member in found] == [f"{name}@acme.example" for name in ("ann", "bob", "cid")]
    assert of_role.all(tenant.pk, Role.ANALYST.value) == []


def renamed(tenant_id, pk, name):
    return QuerySet(Customer).filter(tenant_id=tenant_id, pk=pk), {"name": name, "version": F("version") + 1}


def test_an_update_changes_the_rows_of_its_values(in_tenant, django_assert_num_queries):
    ann, bob = (make_customer(in_tenant, name=name) for name in ("Ann", "Bob"))
    update = CompiledUpdate(renamed, samples=(9_000_001, 9_000_002, "?name"))

    with django_assert_num_queries(3):
        changed = [update.run(in_tenant.pk, person.pk, f"{person.name} 2") for person in (ann, bob)]
        nobody = update.run(in_tenant.pk + 1, ann.pk, "Nobody")

    assert (changed, nobody) == ([1, 1], 0)
    after = Customer.objects.order_by("pk").values_list("name", "version")
    assert list(after) == [("Ann 2", ann.version + 1), ("Bob 2", bob.version + 1)]


def test_a_sample_that_an_update_does_not_ask_for_is_a_loud_error(in_tenant):
    update = CompiledUpdate(lambda *given: renamed(*given[:3]), samples=(9_000_001, 9_000_002, "?name", "?unused"))

    with pytest.raises(ValueError, match="Each sample"):
        update.run(in_tenant.pk, 1, "Ann", "")
