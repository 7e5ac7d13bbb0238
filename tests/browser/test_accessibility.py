"""No serious finding by axe on any page type, in both languages and both themes, wide and narrow."""

from pathlib import Path

import pytest
from django.conf import settings

from tests.browser.conftest import Person, Site

pytestmark = pytest.mark.browser

AXE = Path(settings.BASE_DIR) / "node_modules" / "axe-core" / "axe.min.js"
PAGES = [
    "",
    "customers/",
    "customers/?stage=active&panel=filters",
    "customers/?q=nothing-like-this",
    "customers/new/",
    "customers/{customer}/",
    "customers/{customer}/edit/",
    "customers/{customer}/delete/",
    "customers/{customer}/follow-up/",
    "contacts/",
    "contacts/new/",
    "activities/",
    "activities/new/",
    "tags/",
    "tags/new/",
    "imports/",
    "imports/new/",
    "exports/",
    "jobs/",
    "audit/",
    "analytics/dashboards/",
    "settings/members/",
    "settings/members/new/",
    "settings/teams/",
    "settings/teams/new/",
    "lists/customers/views/",
    "audit/customers.customer/{customer}/",
    "search/?q=nothing-like-this",
    "/tenants/",
    "/mailbox/",
    "/accounts/profile/",
    "/accounts/email/",
    "/accounts/password/change/",
    "/accounts/security/",
    "/accounts/sessions/",
    "search/?q=a",
    "nowhere/",
]
WIDTH = "document.documentElement"
FIND_SERIOUS = """async () => {
    const found = await axe.run(document, {resultTypes: ["violations"]});
    return found.violations.filter(v => ["serious", "critical"].includes(v.impact))
        .map(v => v.id + ": " + v.nodes.slice(0, 3).map(n => `${n.target} ${n.any[0]?.message ?? ""}`).join("; "));
}"""


def address(slug: str, path: str, customer: str) -> str:
    """A path that begins with a slash lies outside the tenant."""
    return path if path.startswith("/") else f"/t/{slug}/{path.format(customer=customer)}"


def serious_findings(person: Person) -> list[str]:
    # The page's policy lets no foreign script in, so axe comes in through the browser's own door.
    person.page.evaluate(AXE.read_text())
    return person.page.evaluate(FIND_SERIOUS)


@pytest.mark.parametrize(
    ("slug", "theme", "width"), [("acme", "light", 1280), ("acme", "dark", 360), ("huaxing", "dark", 1280)]
)
def test_no_serious_finding(somebody: Person, site: Site, slug: str, theme: str, width: int):
    somebody.page.set_viewport_size({"width": width, "height": 800})
    somebody.page.emulate_media(color_scheme=theme)
    somebody.open("/accounts/login/")
    findings = {"/accounts/login/": serious_findings(somebody)}
    somebody.sign_in(f"admin@{slug}.example")
    somebody.open(f"/t/{slug}/customers/")
    link = somebody.page.locator("tbody a").first.get_attribute("href")
    customer = link.rstrip("/").rpartition("/")[2]

    for path in PAGES:
        somebody.open(address(slug, path, customer))
        findings[path] = serious_findings(somebody)
    somebody.complaints[:] = [text for text in somebody.complaints if "404" not in text]

    assert {path: found for path, found in findings.items() if found} == {}


@pytest.mark.parametrize("width", [360, 768, 1280])
def test_no_page_scrolls_sideways(somebody: Person, width: int):
    somebody.page.set_viewport_size({"width": width, "height": 800})
    somebody.sign_in("admin@huaxing.example")
    somebody.open("/t/huaxing/customers/")
    customer = somebody.page.locator("tbody a").first.get_attribute("href").rstrip("/").rpartition("/")[2]
    wide = {}

    for path in PAGES[:-1]:
        somebody.open(address("huaxing", path, customer))
        wide[path] = somebody.page.evaluate(f"{WIDTH}.scrollWidth - {WIDTH}.clientWidth")

    assert {path: by for path, by in wide.items() if by > 0} == {}
