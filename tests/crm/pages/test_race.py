"""Two clicks at the same moment, in two connections."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from uuid import uuid4

from django.db import connection

from crm.access.roles import Role
from crm.tenancy.context import tenant_atomic
from customers.models import Customer
from tests.conftest import sign_in
from tests.factories import make_customer, make_member, make_tenant


def at_once(*calls):
    """Run the calls in threads that start together; their results in order."""
    barrier = Barrier(len(calls))

    def run(call):
        try:
            barrier.wait(10)
            return call()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(run, calls))


def test_a_double_click_creates_once(committed_db):
    tenant = make_tenant()
    admins = [sign_in(make_member(tenant, "admin@acme.example", Role.ADMIN))]
    data = {"name": "Red Hill", "kind": "company", "stage": "prospect", "once": str(uuid4())}

    responses = at_once(*[lambda: admins[0].post("customers/new/", data)] * 4)

    with tenant_atomic(tenant):
        created = Customer.objects.get()
    assert {response.status_code for response in responses} == {302}
    assert {response["Location"] for response in responses} == {f"/t/acme/customers/{created.pk}/"}


def test_of_two_who_take_the_same_number_at_once_one_is_told(committed_db):
    tenant = make_tenant()
    admin = sign_in(make_member(tenant, "admin@acme.example", Role.ADMIN))
    with tenant_atomic(tenant):
        customers = [make_customer(tenant, name=name) for name in ("Blue", "Red")]
    data = {
        "kind": "company",
        "stage": "prospect",
        "version": 1,
        "beginning": "{}",
        "name": "Taker",
        "external_id": "K1",
    }

    for calls in (
        [lambda: admin.post("customers/new/", data)] * 4,
        [lambda pk=one.pk: admin.post(f"customers/{pk}/edit/", data | {"external_id": "K2"}) for one in customers],
    ):
        responses = at_once(*calls)

        refused = [response for response in responses if response.status_code == 422]
        assert len(refused) == len(calls) - 1
        assert {*map(str, refused[0].context["form"].errors["__all__"])} == {
            "Another customer already has this external number."
        }


def test_of_two_edits_at_the_same_moment_one_wins_and_the_other_is_asked(committed_db):
    tenant = make_tenant()
    admin = sign_in(make_member(tenant, "admin@acme.example", Role.ADMIN))
    with tenant_atomic(tenant):
        customer = make_customer(tenant, name="Blue River")
    data = {"kind": "company", "stage": "prospect", "version": customer.version, "beginning": "{}"}
    address = f"customers/{customer.pk}/edit/"

    responses = at_once(
        lambda: admin.post(address, data | {"name": "Blue Lake"}),
        lambda: admin.post(address, data | {"name": "Blue Sea"}),
    )

    statuses = [response.status_code for response in responses]
    with tenant_atomic(tenant):
        now = Customer.objects.get()
    assert sorted(statuses) == [302, 409]
    assert now.name == ("Blue Lake", "Blue Sea")[statuses.index(302)]
    assert now.version == customer.version + 1
