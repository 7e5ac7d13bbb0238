"""An address that nobody typed is refused like any other that makes no sense."""

import pytest

from tests.factories import make_customer

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("path", ["customers/?q=a%00b", "customers/?%00=1", "admin/customers/customer/?kind=%00"])
def test_a_nul_in_the_query_is_a_plain_refusal_in_the_persons_language(in_tenant, admin, path):
    make_customer(in_tenant)

    response = admin.get(path)

    assert response.status_code == 400
    assert '<html lang="en"' in response.content.decode()


@pytest.mark.parametrize("path", ["/t/acme/lists/cus%00tomers/pick/", "/t/acme%00/", "/acc%00ounts/login/"])
def test_a_nul_in_the_path_leads_nowhere(in_tenant, admin, path):
    assert admin.client.get(path).status_code in (400, 404)


def test_a_percent_sign_before_two_noughts_is_no_nul(in_tenant, admin):
    make_customer(in_tenant, name="100%00")

    assert admin.get("customers/?q=100%2500").status_code == 200
