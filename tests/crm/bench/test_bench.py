"""The benchmark measures what it says: its browser reads forms and pages right, its sizes add up."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from random import Random

import pytest

from crm.bench.browser import Answer, Browser, filled
from crm.bench.data import Size
from crm.bench.measure import load, time_page
from crm.bench.registry import measures
from crm.bench.report import _document
from crm.bench.samples import Seen, next_page, searches

FORM = """
<form method="get"><input name="q" value="x"><input name="a"><input name="b"><input name="c"><input name="d"></form>
<form method="post"><input name="csrfmiddlewaretoken" value="t&amp;1"><input name="name" value="华星">
<select name="stage"><option value="">-</option><option value="active" selected>Active</option></select>
<select name="level"><option value="a">A</option><option value="b">B</option></select>
<select name="tags" multiple><option value="1" selected></select>
<input type="checkbox" name="off"><input type="checkbox" name="on" value="1" checked><textarea name="note">
</textarea></form>
<form method="post"><input name="csrfmiddlewaretoken" value="t&amp;1"></form>
"""


def test_a_form_is_filled_in_as_a_browser_would():
    assert filled(FORM) == {
        "csrfmiddlewaretoken": "t&1",
        "name": "华星",
        "stage": "active",
        "level": "a",
        "on": "1",
        "note": "",
    }


def test_sizes_add_up():
    size = Size()

    total = sum(size.of_other(number) for number in range(size.others))

    assert size.customers_of_others - size.others <= total <= size.customers_of_others


def test_names_and_next_page_are_read_from_a_list():
    page = (
        '<a class="gx-clip" href="/t/bench/customers/7/" title="x">A &amp; B Ltd</a>'
        '<a class="btn" href="?sort=name&amp;after=abc" rel="next"><span>Next</span></a>'
    )
    seen = Seen()

    seen.note(page)
    seen.note_reach('<a href="tel:13800138000">138 0013 8000</a> li@mail.example')

    assert (seen.names, seen.ids) == (["A & B Ltd"], ["7"])
    assert (seen.phones, seen.emails) == (["13800138000"], ["li@mail.example"])
    assert next_page("/t/bench/customers/", page) == "/t/bench/customers/?sort=name&after=abc"
    assert next_page("/t/bench/customers/", "<a rel=prev>") == ""


def test_searches_are_made_of_what_was_seen():
    seen = Seen(
        names=["张三丰", "李四", "重庆华星科技有限公司", "Blue Log Ltd"],
        phones=["13800138000"],
        emails=["li@mail.example"],
    )

    texts = {search.label: search.texts for search in searches(seen, Random(1))}  # noqa: S311  # the same choice each time

    assert texts["张三丰 · three characters"] == ["张三丰"]
    assert texts["zhangsan"] == ["zhangsanfeng"]
    assert texts["zsf · initials"] == ["zsf"]
    assert texts["two Latin words"] == ["Blue Log"]
    assert texts["last 4 digits"] == ["8000"]
    assert all(texts.values())


class _Site(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        body = self.headers.get("Cookie", "").encode()
        self.send_response(404 if self.path == "/missing" else 200)
        self.send_header("Set-Cookie", "session=s1; Path=/; HttpOnly")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args):
        pass


@pytest.fixture
def port():
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Site)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server.server_address[1]
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.django_db
def test_cookies_are_kept_and_errors_are_counted(port, monkeypatch):
    monkeypatch.setattr("crm.bench.measure.SECONDS", 0.3)
    browser = Browser(port)
    browser.get("/")

    again = browser.get("/?q=华星")
    timed = time_page(browser, 1, "missing", ["/missing", "/"], 3)
    loaded = load(1, "half", [Browser(port) for _ in range(2)], lambda one, n: one.get("/missing" if n % 2 else "/"))

    assert again.text == "language=en; session=s1"
    assert timed.errors == 60
    assert loaded.errors > 0
    assert loaded.per_second > 0


def test_a_server_that_is_gone_is_an_error_not_a_result():
    assert Browser(9).get("/") == Answer(0, "", "", pytest.approx(0, abs=5000))


def test_the_page_marks_what_misses_its_target():
    row = {"label": "list", "p50": 10.0, "p95": 61.0, "statements": 7, "cpu": "9.0 + 1.0", "errors": 0}
    good = row | {"label": "detail", "p95": 59.0}

    text = "\n".join(_document({"machine": ["m"], "pages": [row, good], "searches": [], "own": [], "lists": []}))

    assert "| list | 10.0 | 61.0 **over** | 7 | 9.0 + 1.0 | 0 |" in text
    assert "| detail | 10.0 | 59.0 | 7 | 9.0 + 1.0 | 0 |" in text


def test_what_an_app_measures_stands_below_with_what_it_missed():
    row = {"label": "board", "p50": 10.0, "p95": 70.0, "statements": 7, "cpu": "9.0 + 1.0", "errors": 0}
    fast = {"work": "a move", "figure": "20 ms", "target": "≤ 50 ms", "is_missed": False}
    slow = fast | {"work": "a PDF", "is_missed": True}
    section = {"title": "Sales", "pages": [row], "limit": 80, "figures": [fast, slow]}

    text = "\n".join(_document({"machine": ["m"], "app sales": [section]}))

    assert "## Sales" in text
    assert "| board | 10.0 | 70.0 | 7 | 9.0 + 1.0 | 0 |" in text
    assert "| a move | 20 ms | ≤ 50 ms |" in text
    assert "| a PDF | 20 ms **missed** | ≤ 50 ms |" in text


def test_every_app_measures_itself():
    assert {"sales", "service", "marketing"} <= set(measures())
