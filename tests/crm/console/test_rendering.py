"""On a connection that commits: what the test's own transaction would hide."""

from crm.tenancy.context import tenant_atomic
from tests.conftest import sign_in
from tests.factories import make_contact, make_customer, make_member, make_tenant


def test_pages_are_rendered_inside_the_transaction(committed_db):
    tenant = make_tenant()
    admin = sign_in(make_member(tenant, "admin@acme.example", "admin"))
    with tenant_atomic(tenant):
        contact = make_contact(make_customer(tenant, name="Blue River Ltd"))

    page = admin.get(f"admin/customers/contact/{contact.pk}/change/").content.decode()

    assert f'<option value="{contact.customer_id}" selected>Blue River Ltd</option>' in page
