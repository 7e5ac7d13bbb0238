"""Both admins in a browser, under the strict policy: every complaint of the console would fail the test."""

import pytest

from tests.browser.conftest import Person

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("slug", ["acme", "huaxing"])
def test_an_administrator_changes_a_record_in_the_admin(somebody: Person, slug: str):
    page = somebody.page
    somebody.sign_in(f"admin@{slug}.example")
    somebody.open(f"/t/{slug}/admin/")
    page.locator(f"a[href='/t/{slug}/admin/customers/contact/']").first.click()
    page.locator("#result_list tbody th a").first.click()

    # The choice of a customer asks the server while one types.
    page.locator(".field-customer .select2-selection").click()
    page.locator(".select2-search__field").fill("a")
    page.wait_for_selector(".select2-results__option--highlighted, .select2-results__message")
    page.keyboard.press("Escape")
    page.fill("#id_title", "CEO")
    page.click("[name=_continue]")
    page.wait_for_selector(".messagelist .success")
    assert page.input_value("#id_title") == "CEO"
    page.locator(".historylink").click()
    assert page.locator("dd", has_text="CEO").count() == 1


def test_the_calendar_and_the_tools_of_the_form_work(somebody: Person):
    page = somebody.page
    somebody.sign_in("admin@acme.example")
    somebody.open("/t/acme/admin/customers/customer/add/")

    page.locator("#calendarlink0").click()
    page.locator("#calendarin0 td a").first.click()
    assert page.input_value("#id_next_contact_on")
    page.locator(".theme-toggle").first.click()


def test_the_operator_looks_after_tenants(somebody: Person):
    page = somebody.page
    somebody.open("/accounts/login/")
    page.fill("[name=login]", "operator@guanxi.example")
    page.fill("[name=password]", "guanxi-demo-2026")
    page.press("[name=password]", "Enter")
    page.wait_for_url("**/tenants/**")
    somebody.open("/admin/")
    page.locator("a[href='/admin/tenancy/membership/']").first.click()
    page.locator("#result_list tbody th a").first.click()
    page.locator(".field-team .select2-selection").click()
    page.wait_for_selector(".select2-results__option")
    page.keyboard.press("Escape")
    page.click("[name=_continue]")
    page.wait_for_selector(".messagelist .success")
