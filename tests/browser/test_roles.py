"""Every role does its main job, in both languages, from the first click to what comes of it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Person, Site
from tests.crm.jobs.harness import wait_for
from tests.pdf import Pdf

pytestmark = pytest.mark.browser
LANGUAGES = {"acme": "en", "huaxing": "zh-hans"}
EVERYWHERE = pytest.mark.parametrize("slug", LANGUAGES)


def enter(person: Person, slug: str, role: str, path: str = "") -> Page:
    person.sign_in(f"{role}@{slug}.example")
    page = person.open(f"/t/{slug}/{path}")
    expect(page.locator("html")).to_have_attribute("lang", LANGUAGES[slug])
    return page


def choose(page: Page, name: str, text: str) -> None:
    """A record is chosen by typing a part of its name; a field of few choices by its words."""
    typed = page.locator(f"#id_{name}-ts-control")
    if typed.count():
        typed.click()
        page.keyboard.type(text)
        page.locator(f"#id_{name}-ts-dropdown .option", has_text=text).first.click()
    else:
        page.locator(f"#id_{name}").select_option(label=text)


def save(page: Page) -> None:
    """The first button of the form in the page, which leads to another page."""
    with page.expect_navigation():
        page.locator("main form .gx-form-foot button[type=submit]").first.click()
    refused = page.locator(".gx-error-summary, .gx-alert-danger")
    assert refused.count() == 0, refused.all_inner_texts()


def act(page: Page, verb: str) -> None:
    """A button of the record's page: the form behind it."""
    page.goto(re.sub(r"[?#].*", "", page.url) + f"{verb}/")


@EVERYWHERE
def test_representative_turns_a_lead_into_a_deal_and_sends_a_quote(somebody: Person, slug: str, tmp_path: Path):
    page = enter(somebody, slug, "sales", "sales/leads/new/")
    page.fill("[name=name]", f"何小雨 {slug}")
    page.fill("[name=company]", f"雨花茶业 {slug}")
    page.fill("[name=email]", f"he@yuhua-{slug}.example")
    save(page)

    act(page, "convert")
    page.fill("[name=deal_name]", f"春茶 {slug}")
    page.fill("[name=amount]", "12800")
    save(page)
    expect(page.locator("main")).to_contain_text(f"春茶 {slug}")
    somebody.open(f"/t/{slug}/sales/board/?owner=me")
    expect(page.locator("[data-deal]", has_text=f"春茶 {slug}")).to_be_visible()

    somebody.open(f"/t/{slug}/sales/quotes/new/")
    choose(page, "customer", f"雨花茶业 {slug}")
    page.locator(".gq-lines .gq-name :is(input, textarea)").first.fill("明前龙井 250 g")
    page.locator(".gq-lines .gq-quantity_milli input").first.fill("40")
    page.locator(".gq-lines .gq-unit_price input").first.fill("320")
    save(page)
    expect(page.locator("main")).to_contain_text("12,800.00")

    act(page, "send")
    save(page)
    with page.expect_download() as downloaded:
        page.locator("main a[href$='/pdf/'], header a[href$='/pdf/']").first.click()
    downloaded.value.save_as(tmp_path / "quote.pdf")
    assert (tmp_path / "quote.pdf").read_bytes().startswith(b"%PDF-")


@EVERYWHERE
def test_lead_of_support_gives_tickets_to_an_agent(somebody: Person, slug: str):
    page = enter(somebody, slug, "support-lead", "service/tickets/?show=unsolved")
    subject = page.locator("tbody td.gx-fixed a").first.inner_text()
    page.locator("tbody input[name=ids]").first.check()
    page.locator("#bulk button[formaction$='/assign/']").click()
    agent = {"acme": "Simon Price", "huaxing": "石磊"}[slug]
    choose(page, "assignee", agent)
    with page.expect_navigation():
        page.locator("main form .gx-form-foot button").first.click()

    somebody.open(f"/t/{slug}/service/tickets/?q={subject[:12]}")
    expect(page.locator("tbody tr", has_text=subject).first).to_contain_text(agent)


@EVERYWHERE
def test_marketer_sends_a_campaign_and_reads_what_became_of_it(somebody: Person, slug: str, site: Site):
    page = enter(somebody, slug, "marketer", "marketing/segments/new/")
    page.fill("[name=name]", "春季 spring")
    with page.expect_response("**/conditions/"):
        page.locator("button[value=add]").click()
    expect(page.locator(".gx-condition")).to_have_count(1)
    page.wait_for_load_state("networkidle")
    page.locator(".gx-condition-trait").select_option("customers.email")
    expect(page.locator(".gx-condition-operator")).to_be_visible()
    expect(page.locator("#segment-count")).to_contain_text(re.compile(r"\d"))
    save(page)

    somebody.open(f"/t/{slug}/marketing/templates/new/")
    page.fill("[name=name]", "春季 spring")
    page.fill("[name=subject]", f"{{{{ customer.name }}}}: 新茶 {slug}")
    page.fill("[name=body]", "您好 {{ customer.name }}\n\nhttps://www.example/tea")
    save(page)

    somebody.open(f"/t/{slug}/marketing/campaigns/new/")
    page.fill("[name=name]", "春季 spring")
    choose(page, "segment", "春季 spring")
    choose(page, "template", "春季 spring")
    save(page)
    campaign = page.url
    act(page, "send")
    save(page)
    # The workers send it; the page follows by itself.
    wait_for(lambda: page.goto(campaign) and not page.locator("#campaign-progress[hx-get]").count(), seconds=90)
    expect(page.locator("#campaign-progress")).to_contain_text(re.compile("100 ?%"))

    links = mail_about(page, site, f"新茶 {slug}")
    click = page.request.get(site.address(next(one for one in links if "/to/" in one)), max_redirects=0)
    assert (click.status, click.headers["location"]) == (302, "https://www.example/tea")
    page.goto(site.address(next(one for one in links if one.endswith("/unsubscribe/"))))
    page.locator("form button.btn-primary").click()
    expect(page.locator("[name=again]")).to_be_attached()

    somebody.open(f"/t/{slug}/marketing/suppressions/")
    expect(page.locator("tbody tr")).not_to_have_count(0)


def mail_about(page: Page, site: Site, subject: str) -> list[str]:
    """The paths of our links in the newest mail of that subject. Read as text: its frame would load nothing."""
    entries = page.request.get(site.address("/mailbox/")).text()
    found = re.search(r'href="(/mailbox/[^"]+)"><span[^>]*>[^<]*' + re.escape(subject), entries)
    assert found
    return re.findall(r'href="https?://[^/"]+(/e/[^"]+)"', page.request.get(site.address(found[1])).text())


@EVERYWHERE
def test_reader_sees_and_changes_nothing(somebody: Person, slug: str):
    page = enter(somebody, slug, "reader", "customers/")
    page.locator("tbody td.gx-fixed a").first.click()
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    expect(page.locator("main form[method=post]")).to_have_count(0)
    customer = page.url

    refused = [page.request.get(customer + "edit/"), page.request.get(f"{site_of(page)}/t/{slug}/sales/deals/new/")]

    assert [answer.status for answer in refused] == [403, 403]
    for path in ("sales/deals/", "sales/board/", "service/tickets/", "marketing/campaigns/"):
        assert page.request.get(f"{site_of(page)}/t/{slug}/{path}").status == 200, path


def site_of(page: Page) -> str:
    return re.sub(r"^(https?://[^/]+).*", r"\1", page.url)


@EVERYWHERE
def test_administrator_gives_a_member_another_role(somebody: Person, slug: str):
    page = enter(somebody, slug, "admin", "settings/members/")
    page.locator("main a", has_text={"acme": "Rachel Gray", "huaxing": "任静"}[slug]).first.click()
    page.wait_for_url("**/edit/")
    rights = page.url
    page.check("[name=roles][value=analyst]")
    page.locator("button[form=rights], main form button.btn-primary").first.click()

    expect(page.locator("#messages")).not_to_be_empty()
    page.goto(rights)
    expect(page.locator("[name=roles][value=analyst]")).to_be_checked()
    # And takes it back, for those who come after.
    page.uncheck("[name=roles][value=analyst]")
    page.locator("button[form=rights], main form button.btn-primary").first.click()
    expect(page.locator("#messages")).not_to_be_empty()


@EVERYWHERE
def test_manager_looks_at_the_dashboard_and_takes_the_monthly_report_along(somebody: Person, slug: str, tmp_path: Path):
    page = enter(somebody, slug, "sales-manager", "analytics/dashboards/")
    expect(page.locator("main svg[role=graphics-document], main .gx-chart svg").first).to_be_visible()

    somebody.open(f"/t/{slug}/analytics/reports/monthly_sales/")
    page.locator("main form button.btn-primary").click()
    page.wait_for_url("**/jobs/**")
    expect(page.locator("#job-progress .gx-alert-success")).to_be_visible(timeout=90_000)
    with page.expect_download() as downloaded:
        page.locator("#job-progress a[download]").click()
    downloaded.value.save_as(tmp_path / "report.pdf")

    assert Pdf((tmp_path / "report.pdf").read_bytes()).page_count >= 5
