"""Takes the pictures of docs/pictures anew, from the demo as it runs:

make demo
.venv/bin/python -m tests.browser.pictures http://127.0.0.1:8000 [NAME …]
"""

from __future__ import annotations

import shutil
import sys
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "pictures"
PASSWORD = "guanxi-demo-2026"
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
WIDTH, HEIGHT = 1280, 800


@dataclass(frozen=True)
class Picture:
    """A page of the demo. `opens` is the row whose record to go to from there, and `then` which of its pages."""

    name: str
    person: str
    tenant: str
    path: str
    opens: int | None = None
    then: str = ""
    height: int = HEIGHT


PICTURES = [
    *(
        Picture(f"{name}{ending}", person, tenant, path, opens, then, height)
        for tenant, ending in (("acme", ""), ("huaxing", ".zh-hans"))
        for name, person, path, opens, then, height in (
            ("board", "sales-manager", "sales/board/", None, "", 720),
            ("ticket", "support", "service/tickets/", 0, "", 820),
            ("dashboard", "sales-manager", "analytics/dashboards/", None, "", 900),
        )
    ),
    Picture("customer", "admin", "acme", "customers/", 0),
    Picture("customer-analysis", "admin", "acme", "analytics/customers/"),
    Picture("deal", "sales", "acme", "sales/deals/?status=won", 0, "", 700),
    Picture("quote", "sales", "acme", "sales/quotes/?status=accepted", 0, "", 900),
    Picture("tickets", "support", "acme", "service/tickets/", None, "", 640),
    Picture("segment", "marketer", "acme", "marketing/segments/", 0, "edit/", 720),
    Picture("campaign", "marketer", "acme", "marketing/campaigns/", 3, "", 960),
]


def main(base: str, names: list[str]) -> None:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        for picture in PICTURES:
            if not names or picture.name in names:
                size = write(picture.name, take(browser, base, picture))
                sys.stdout.write(f"{picture.name}.png {size // 1000} kB\n")
        browser.close()


def take(browser: Browser, base: str, picture: Picture) -> bytes:
    context = browser.new_context(viewport={"width": WIDTH, "height": picture.height}, color_scheme="light")
    page = context.new_page()
    page.goto(f"{base}/accounts/login/")
    page.fill("[name=login]", f"{picture.person}@{picture.tenant}.example")
    page.fill("[name=password]", PASSWORD)
    page.press("[name=password]", "Enter")
    page.wait_for_url(lambda url: "login" not in url)
    go(page, f"{base}/t/{picture.tenant}/{picture.path}")
    if picture.opens is not None:
        address = page.locator("#list tbody td.gx-fixed a").nth(picture.opens).get_attribute("href") or ""
        go(page, f"{base}{address.partition('?')[0]}{picture.then}")
    taken = page.screenshot()
    context.close()
    return taken


def go(page: Page, address: str) -> None:
    page.goto(address)
    page.wait_for_load_state("networkidle")


def write(name: str, taken: bytes) -> int:
    """With few colours: a page has few, and a picture in a repository stays there."""
    path = FOLDER / f"{name}.png"
    with Image.open(BytesIO(taken)) as image:
        image.convert("RGB").quantize(96, dither=Image.Dither.NONE).save(path, optimize=True)
    return path.stat().st_size


if __name__ == "__main__":
    main(sys.argv[1].rstrip("/"), sys.argv[2:])
