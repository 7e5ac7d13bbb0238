import pytest

from crm.access.roles import Role
from tests.conftest import Member, sign_in
from tests.factories import make_member


@pytest.fixture
def analyst(tenant) -> Member:
    return sign_in(make_member(tenant, "analyst@acme.example", Role.ANALYST))


@pytest.fixture
def lead(tenant) -> Member:
    return sign_in(make_member(tenant, "support-lead@acme.example", Role.SUPPORT_LEAD))


@pytest.fixture
def marketer(tenant) -> Member:
    return sign_in(make_member(tenant, "marketer@acme.example", Role.MARKETER))
