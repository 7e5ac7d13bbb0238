import pytest

from crm.access.roles import Role
from tests.conftest import Member, sign_in
from tests.factories import make_customer, make_member
from tests.factories.service import make_queue, make_ticket


@pytest.fixture
def lead(tenant) -> Member:
    return sign_in(make_member(tenant, "support-lead@acme.example", Role.SUPPORT_LEAD))


@pytest.fixture
def agent(tenant) -> Member:
    return sign_in(make_member(tenant, "support@acme.example", Role.SUPPORT))


@pytest.fixture
def other_agent(tenant) -> Member:
    return sign_in(make_member(tenant, "support2@acme.example", Role.SUPPORT))


@pytest.fixture
def queue(in_tenant):
    return make_queue(is_default=True)


@pytest.fixture
def customer(in_tenant):
    return make_customer(in_tenant, name="Blue River Ltd", email="desk@blue.example")


@pytest.fixture
def ticket(queue, customer):
    return make_ticket(queue=queue, customer=customer)
