"""The first line of the product, walked in Chromium in both languages: sign in, import, find again, open, follow up.

The file is small and written here: names in both scripts, a quoted line break, a row that cannot be imported.
"""

from dataclasses import dataclass

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Person

pytestmark = pytest.mark.browser

FILE = """客户名称,电话,邮箱,城市,备注
杭州云栖科技有限公司,0571-8888 6666,Info@YunQi.example,杭州,"第一行
第二行"
Blue River Instruments Ltd,+1 415 555 0199,hello@blueriver.example,San Francisco,
曾国藩,13800009999,,长沙,
,13800000000,,北京,没有名称
"""


@dataclass(frozen=True)
class Words:
    slug: str
    columns: str
    options: str
    confirm: str
    start: str
    search: str
    log: str
    logged: str


WORDS = {
    "en": Words(
        "acme",
        "Upload and continue",
        "Continue",
        "Continue",
        "Start the import",
        "Search or jump to",
        "Log follow-up",
        "The follow-up was logged.",
    ),
    "zh-hans": Words("huaxing", "上传并继续", "继续", "继续", "开始导入", "搜索或跳转", "记录跟进", "跟进已记录。"),
}


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_import_find_open_and_follow_up(somebody: Person, language: str, tmp_path):
    words, page = WORDS[language], somebody.page
    somebody.sign_in(f"sales-manager@{words.slug}.example")
    expect(page.locator("html")).to_have_attribute("lang", language)

    import_file(somebody, words, tmp_path)

    for typed, name in [
        ("云栖", "杭州云栖科技有限公司"),
        ("yunqi", "杭州云栖科技有限公司"),
        ("hzyq", "杭州云栖科技有限公司"),
        ("zengguofan", "曾国藩"),
        ("blue riv", "Blue River Instruments Ltd"),
        ("6666", "杭州云栖科技有限公司"),
        ("hello@blue", "Blue River Instruments Ltd"),
    ]:
        find_by_palette(somebody, typed, name)

    log_follow_up(somebody, words)


def import_file(somebody: Person, words: Words, folder) -> None:
    page = somebody.page
    file = folder / "customers.csv"
    file.write_bytes(FILE.encode("gb18030"))
    somebody.open(f"/t/{words.slug}/imports/new/")
    page.set_input_files("[name=file]", file)
    page.get_by_role("button", name=words.columns).click()
    expect(page.locator("#import-preview")).to_contain_text("杭州云栖科技有限公司")
    page.get_by_role("button", name=words.options).click()
    page.get_by_role("button", name=words.confirm).click()
    page.get_by_role("button", name=words.start).click()
    # The worker does it; the page follows by itself.
    done = page.locator("main")
    expect(done).to_contain_text("3", timeout=60_000)
    expect(page.get_by_role("progressbar")).to_have_count(0, timeout=60_000)


def find_by_palette(somebody: Person, typed: str, name: str) -> None:
    page = somebody.page
    page.keyboard.press("Control+k")
    box = page.get_by_role("combobox")
    box.fill(typed)
    option = page.get_by_role("option", name=name).first
    expect(option).to_be_visible()
    page.keyboard.press("Escape")
    expect(box).to_be_hidden()


def log_follow_up(somebody: Person, words: Words) -> None:
    page = somebody.page
    page.keyboard.press("Control+k")
    page.get_by_role("combobox").fill("云栖")
    expect(page.get_by_role("option", name="杭州云栖科技有限公司").first).to_be_visible()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("杭州云栖科技有限公司")
    page.fill("[name=text]", "对方想要二百件样品。\nWants 200 samples.")
    page.fill("[name=next_contact_on]", "2030-01-31")
    page.get_by_role("button", name=words.log).click()
    expect(page.locator("#messages")).to_contain_text(words.logged)
    expect(page.locator(".gx-timeline")).to_contain_text("Wants 200 samples.")
