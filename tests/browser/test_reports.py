"""A manager asks for a report, waits for it and opens the file; and has it sent every week. In both languages."""

from __future__ import annotations

import email
from email import policy
from email.message import EmailMessage
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Person, Site
from tests.browser.test_accessibility import serious_findings
from tests.crm.jobs.harness import wait_for
from tests.pdf import Pdf

pytestmark = pytest.mark.browser
MANAGER = "sales-manager@{}.example"
REPORTS = "/t/{}/analytics/reports/"


@pytest.mark.parametrize(("slug", "first_page"), [("acme", "Page 1 of"), ("huaxing", "第 1 页")])
def test_report_is_made_and_opened(somebody, slug, first_page):
    somebody.sign_in(MANAGER.format(slug))
    page = somebody.open(REPORTS.format(slug))
    page.locator('main a[href$="/monthly_sales/"]').click()

    page.locator("main form button.btn-primary").click()

    file = page.locator("#job-progress a[download]")
    expect(file).to_be_visible(timeout=60_000)
    with page.expect_download() as download:
        file.click()
    pdf = Pdf(Path(download.value.path()).read_bytes())
    assert first_page in pdf.page_texts[0].replace("\n", "")
    assert pdf.page_count > 5


def test_report_is_asked_for_without_a_script(site, chromium):
    context = chromium.new_context(java_script_enabled=False)
    person = Person(context, site)
    person.sign_in(MANAGER.format("acme"))
    page = person.open(REPORTS.format("acme") + "pipeline/")
    page.get_by_label("Format").select_option("csv")

    page.get_by_role("button", name="Make the report").click()

    expect(page.get_by_role("heading", name="Pipeline").first).to_be_visible()
    assert "/jobs/" in page.url
    context.close()


def test_report_is_sent_every_friday_and_now(somebody, site):
    somebody.sign_in(MANAGER.format("acme"))
    page = somebody.open(REPORTS.format("acme") + "monthly_sales/")
    page.get_by_role("link", name="Send it regularly").click()
    page.get_by_label("Name").fill("For Friday")
    page.get_by_label("Day of the week").select_option(label="Friday")

    page.get_by_role("button", name="Save", exact=True).click()

    expect(page.get_by_text("every Friday at 08:00")).to_be_visible()
    page.get_by_role("link", name="Send now").click()
    page.get_by_role("button", name="Send now").click()
    expect(page.locator("#messages")).to_contain_text("made for 1 person")
    mail = wait_for(lambda: mails_to(site, MANAGER.format("acme")), seconds=60)[0]
    (attached,) = mail.iter_attachments()
    assert attached.get_filename().startswith("Monthly sales")
    assert Pdf(attached.get_content()).page_count > 5


def mails_to(site: Site, address: str) -> list[EmailMessage]:
    """What the mail server of the demo took."""
    files = sorted((site.folder / "mail").glob("*.eml"))
    mails = [email.message_from_bytes(path.read_bytes(), policy=policy.default) for path in files]
    return [mail for mail in mails if mail["To"] == address]


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("path", ["", "monthly_sales/", "runs/", "schedules/", "schedules/new/?report=customer_list"])
def test_pages_of_reports_have_no_serious_finding(somebody, theme, path):
    somebody.page.emulate_media(color_scheme=theme)
    somebody.sign_in(MANAGER.format("acme"))

    somebody.open(REPORTS.format("acme") + path)

    assert serious_findings(somebody) == []
