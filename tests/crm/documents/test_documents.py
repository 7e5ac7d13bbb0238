"""Documents are printed with their fonts, in the language asked for, and read nothing but our own files."""

import logging
import sys
from types import SimpleNamespace

import pytest
from django.template.engine import Engine
from django.test import override_settings
from django.utils.translation import override

from crm.documents import render_pdf
from crm.errors import DocumentsUnavailable, DocumentTooLong
from tests.pdf import Pdf

CHINESE_FONT = ("Noto-Sans-CJK-SC", "Noto-Sans-SC", "Source-Han-Sans-SC", "PingFang-SC", "Microsoft-YaHei", "WenQuanYi")
COMPANY = SimpleNamespace(name="华星贸易有限公司")


@pytest.fixture
def template(settings, tmp_path):
    """A folder of templates before our own: `template(body)` gives the name of a document with this content."""
    configured = settings.TEMPLATES[0]
    folders = [tmp_path, *configured["DIRS"]]

    def write(content: str) -> str:
        path = tmp_path / "documents"
        path.mkdir(exist_ok=True)
        (path / "letter.html").write_text(
            '{% extends "documents/base.html" %}{% block content %}' + content + "{% endblock %}"
        )
        return "documents/letter.html"

    with override_settings(TEMPLATES=[{**configured, "DIRS": folders}]):
        Engine.get_default.cache_clear()
        yield write
    Engine.get_default.cache_clear()


def printed(template: str, language: str = "zh-hans", **context) -> Pdf:
    return Pdf(render_pdf(template, {"tenant": COMPANY, **context}, language=language, title="报价单 Q-1"))


def test_chinese_text_can_be_read_and_copied_out(template):
    pdf = printed(template("<h1>报价单</h1><p>客户：北京龘飝科技有限公司 & Müller</p>"))

    assert "报价单" in pdf.text
    assert "客户：北京龘飝科技有限公司 & Müller" in pdf.text


def test_chinese_font_travels_with_the_document(template):
    pdf = printed(template("<p>华星贸易</p><p><b>合计</b></p>"))

    assert pdf.embedded_fonts
    assert all(name.startswith(CHINESE_FONT) for name in pdf.embedded_fonts)
    assert len(pdf.embedded_fonts) == 2  # regular and bold


def test_document_says_its_title_and_whose_it_is(template):
    pdf = printed(template("<p>x</p>"))

    assert pdf.metadata("Title") == "报价单 Q-1"
    assert pdf.metadata("Author") == "华星贸易有限公司"


@pytest.mark.parametrize(("language", "number"), [("en", "Page 2 of 3"), ("zh-hans", "第 2 页，共 3 页")])
def test_every_page_says_which_one_it_is(template, language, number):
    pages = '<p>one</p><p class="on-next-page">two</p><p class="on-next-page">three</p>'

    pdf = printed(template(pages), language)

    assert pdf.page_count == 3
    assert number in pdf.page_texts[1].replace("\n", "")


def test_head_of_a_table_comes_again_on_every_page(template):
    rows = "".join(f"<tr><td>行 {number}</td></tr>" for number in range(120))

    pdf = printed(template(f"<table><thead><tr><th>品名</th></tr></thead><tbody>{rows}</tbody></table>"))

    assert pdf.page_count > 2
    assert all("品名" in text for text in pdf.page_texts)


def test_what_somebody_typed_stays_text(template):
    pdf = printed(template("<p>{{ name }}</p>"), name="<img src=file:///etc/hostname>")

    assert "<img src=file:///etc/hostname>" in pdf.text


@pytest.mark.parametrize(
    "address",
    [
        "file:///etc/hostname",
        "http://127.0.0.1:9/x.png",
        "own:../../etc/hostname",
        "own:css/nothing.css",
        "own:js/app.js",
        "/etc/hostname",
        "data:text/html,<p>x</p>",
    ],
)
def test_document_loads_nothing_but_our_own_files(address):
    from crm.documents.printing import OwnFiles

    with pytest.raises(Exception, match=r"Documents load nothing but their own files|outside of the base path"):
        OwnFiles().fetch(address)


def test_refused_address_leaves_a_document_without_the_image(template, caplog):
    logging.getLogger("weasyprint").propagate = True

    pdf = printed(template('<p>before</p><img src="file:///etc/hostname"><p>after</p>'))

    assert "before" in pdf.text
    assert "after" in pdf.text
    assert b"/Subtype /Image" not in pdf.content


def test_images_that_came_along_are_printed(template):
    square = (
        "data:image/svg+xml,"
        "%3Csvg xmlns='http://www.w3.org/2000/svg' width='9' height='9'%3E%3Ctext y='8'%3EQQ%3C/text%3E%3C/svg%3E"
    )

    pdf = printed(template(f'<img src="{square}" alt="">'))

    assert "QQ" in pdf.text


@pytest.mark.parametrize("missing", [ImportError("no weasyprint"), OSError("cannot load library 'pango-1.0-0'")])
def test_server_without_weasyprint_says_so(monkeypatch, missing):
    class Missing:
        def find_spec(self, name, path=None, target=None):
            if name == "crm.documents.printing":
                raise missing

    monkeypatch.delitem(sys.modules, "crm.documents.printing", raising=False)
    monkeypatch.setattr(sys, "meta_path", [Missing(), *sys.meta_path])

    with override("en"), pytest.raises(DocumentsUnavailable, match="operator"):
        render_pdf("documents/base.html", {"tenant": COMPANY}, language="en", title="x")


def test_document_of_thousands_of_rows_is_refused_before_it_is_laid_out(template, monkeypatch):
    monkeypatch.setattr("crm.documents.printing.MOST_CHARACTERS", 2_000)

    with pytest.raises(DocumentTooLong):
        printed(template("<p>" + "长" * 2_000 + "</p>"))
