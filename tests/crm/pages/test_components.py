"""Every component is rendered once, so that a misspelt attribute does not slip into the HTML. None runs a query."""

import re
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace

import pytest
from django import forms
from django.conf import settings
from django.template import engines
from django.template.loader import get_template
from django.test import RequestFactory
from django.utils import translation
from django.utils.safestring import mark_safe
from django_cotton.compiler_regex import CottonCompiler

from crm.pages.filters import Chip
from crm.pages.views.detail import Fact, FactSection

COMPONENTS = Path(settings.BASE_DIR) / "templates" / "components"


class SampleForm(forms.Form):
    name = forms.CharField(label="Name", help_text="As on the card")
    agreed = forms.BooleanField(label="Agreed")
    size = forms.ChoiceField(label="Size", choices=[("s", "Small")], widget=forms.RadioSelect)


@pytest.fixture(autouse=True)
def english():
    with translation.override("en"):
        yield


def render(source, **context):
    template = engines["django"].from_string(CottonCompiler().process(source))
    return " ".join(template.render(context, RequestFactory().get("/")).split())


SAMPLES = {
    "alert": ('<c-alert kind="danger" title="No">Why</c-alert>', ['role="alert"', "<strong>No</strong>Why"]),
    "avatar": ('<c-avatar :person="person" size="lg" />', ['class="gx-avatar gx-tone-0 gx-avatar-lg"', ">JD<"]),
    "badge": ('<c-badge label="New" color="green" />', ['<span class="gx-badge gx-green"', ">New</span>"]),
    "button": (
        '<c-button label="Go" icon="check" kind="primary" href="/x" />',
        ['<a class="btn btn-primary" href="/x"', "#check", "<span>Go</span>"],
    ),
    "card": (
        '<c-card title="Facts"><c-slot name="actions">A</c-slot>Body</c-card>',
        ['<h2 class="gx-card-title">Facts</h2>', ">A</div>", "Body"],
    ),
    "dialog": (
        '<c-dialog id="d" title="Sure?">Body</c-dialog>',
        ['<dialog class="gx-dialog" id="d" aria-labelledby="d-title"', "Sure?", "Body"],
    ),
    "dropdown": ('<c-dropdown label="More" icon="dots">Items</c-dropdown>', ["<summary", "<span>More</span>", "Items"]),
    "empty_state": (
        '<c-empty-state title="None" text="Add one" icon="tag">Here</c-empty-state>',
        ["#tag", ">None<", ">Add one<", "Here"],
    ),
    "error_summary": (
        '<c-error-summary :errors="errors" />',
        ['<a href="#id_name">Name</a>: Too short', "Nothing fits"],
    ),
    "field": (
        '<c-field :field="form.name" />',
        [
            '<label class="form-label" for="id_name">Name',
            'aria-describedby="id_name_helptext',
            'id="id_name_error"',
            'aria-invalid="true"',
        ],
    ),
    "filter_bar": ('<c-filter-bar :chips="chips" clear="?" />', ['href="?view=all"', ">Stage<", ">Lost<", "Clear all"]),
    "icon": ('<c-icon name="phone" label="Call" />', ['role="img" aria-label="Call"', "#phone"]),
    "page_header": (
        '<c-page-header title="Deals" subtitle="Open">Buttons</c-page-header>',
        ['<h1 class="gx-page-title" title="Deals">Deals</h1>', "Open", "Buttons"],
    ),
    "pager": (
        '<c-pager previous="?before=a" next="?after=b" />',
        ['href="?before=a" rel="prev"', 'href="?after=b" rel="next"'],
    ),
    "progress": (
        '<c-progress value="3" max="9" label="Import" />',
        ['<progress max="9" value="3" aria-label="Import">'],
    ),
    "table": (
        '<c-table caption="People"><tbody></tbody></c-table>',
        ["People</caption>", '<table class="gx-table"', "<tbody></tbody>"],
    ),
    "tabs": (
        '<c-tabs :items="tabs" label="Views" />',
        ['aria-label="Views"', '<a class="gx-tab" href="/a" aria-current="page">A</a>'],
    ),
    "timeline": (
        '<c-timeline label="Past"><li></li></c-timeline>',
        ['<ol class="gx-timeline" aria-label="Past"', "<li></li>"],
    ),
    "facts_beside": (
        '<c-facts-beside :page="page" title="About it" />',
        ['id="facts-title">About it', "gx-facts-title", "<dt>Price</dt><dd>5</dd>", 'class="visually-hidden">Terms'],
    ),
    "timeline_item": (
        '<c-timeline-item icon="phone" title="Call" who="Ann" :at="at">Text</c-timeline-item>',
        ["#phone", "<strong>Call</strong>", "Ann", "data-ago", "Text"],
    ),
}


@pytest.mark.parametrize("name", sorted(path.stem for path in COMPONENTS.glob("*.html")))
def test_a_component_shows_what_it_is_given(name, django_assert_num_queries, db):
    source, expected = SAMPLES[name]
    form = SampleForm({"name": "", "size": "s"})
    context = {
        "form": form,
        "errors": [(None, "Nothing fits"), (form["name"], "Too short")],
        "person": "Jane Doe",
        "chips": [(Chip("Stage", "Lost", ["stage"]), "?view=all")],
        "tabs": [SimpleNamespace(label="A", url="/a", is_current=True)],
        "at": datetime(2026, 1, 1, tzinfo=UTC),
        "page": SimpleNamespace(
            fact_sections=[FactSection("Terms", [Fact("Price", mark_safe("5")), Fact("Terms", mark_safe("net"))])]
        ),
    }
    with django_assert_num_queries(0):
        html = render(source, **context)

    missing = [part for part in expected if part not in html]
    assert missing == [], html
    assert "style=" not in html


@pytest.mark.parametrize("name", sorted(path.stem for path in COMPONENTS.glob("*.html")))
def test_a_component_says_its_interface_on_top(name):
    assert (COMPONENTS / f"{name}.html").read_text(encoding="utf-8").startswith("<c-vars")


def test_a_checkbox_and_a_group_of_choices_are_labelled():
    form = SampleForm()
    html = render('<c-field :field="form.agreed" /><c-field :field="form.size" />', form=form)

    assert '<label class="form-check"><input type="checkbox" name="agreed"' in html
    assert '<legend class="form-label">Size' in html


def test_text_given_to_a_component_is_escaped():
    html = render('<c-badge label="{{ name }}" /><c-page-header title="{{ name }}" />', name='<b>"x"</b>')

    assert "<b>" not in html
    assert "&lt;b&gt;&quot;x&quot;&lt;/b&gt;" in html


SCRIPT_THAT_IS_NOT_INLINE = re.compile(r' src=| type="application/json"')
TEMPLATES = [
    path.relative_to(settings.BASE_DIR / "templates")
    for path in sorted((settings.BASE_DIR / "templates").rglob("*.html"))
]


@pytest.mark.parametrize("name", [str(path) for path in TEMPLATES])
def test_every_template_compiles_and_has_nothing_inline(name):
    source = get_template(name).template.source

    # A program that reads mail knows no style sheet.
    assert name.startswith("mail/") or " style=" not in source
    # A report as a file has its looks in it: it is opened from a disk, where our policy does not reach.
    assert name == "documents/report_page.html" or "<style" not in source
    assert not [
        part
        for part in (" onclick=", " onchange=", " onsubmit=", "hx-on", "hx-vals='js", "javascript:")
        if part in source
    ]
    assert not [tag for tag in source.split("<script")[1:] if not SCRIPT_THAT_IS_NOT_INLINE.search(tag.split(">")[0])]
    assert "//cdn" not in source
