"""What is to be translated is found in Python and in templates, as Django will look it up."""

import pytest
from django.template import Context, Template
from django.test import override_settings
from django.utils import translation

from crm.i18n.collect import Message, TemplateError, from_python, from_template


def in_python(text: str) -> list[Message]:
    return [found.message for found in from_python(text, "x.py")]


def in_template(text: str) -> list[Message]:
    return [found.message for found in from_template(text, "x.html")]


@pytest.mark.parametrize(
    ("text", "messages"),
    [
        ("_('Save')", [Message("Save")]),
        ("_('one ' 'text')", [Message("one text")]),
        ("gettext_lazy(\n  'Save'\n)", [Message("Save")]),
        ("ngettext('%(n)s row', '%(n)s rows', n)", [Message("%(n)s row", "%(n)s rows")]),
        ("pgettext('verb', 'Open')", [Message("Open", context="verb")]),
        ("npgettext('c', 'a', 'b', 2)", [Message("a", "b", "c")]),
        ("_(name)", []),
        ("'Save'", []),
    ],
)
def test_calls_in_python(text, messages):
    assert in_python(text) == messages


@pytest.mark.parametrize(
    ("text", "messages"),
    [
        ("{% translate 'Save' %}", [Message("Save")]),
        ('{% trans "Save" as label %}', [Message("Save")]),
        ("{% translate 'Open' context 'verb' %}", [Message("Open", context="verb")]),
        ("<c-button label=\"{% translate 'Save' %}\" />", [Message("Save")]),
        ("<c-button :label=\"_('Save')\" />", [Message("Save")]),
        ('{{ _("Save") }} {{ name|default:_("Nobody") }}', [Message("Save"), Message("Nobody")]),
        ('{% include "x.html" with title=_("Save") %}', [Message("Save")]),
        ("{% blocktranslate %}Hello {{ name }}!{% endblocktranslate %}", [Message("Hello %(name)s!")]),
        (
            "{% blocktranslate trimmed count n=rows %}\n  {{ n }} row\n{% plural %}\n  {{ n }} rows\n"
            "{% endblocktranslate %}",
            [Message("%(n)s row", "%(n)s rows")],
        ),
        ("{% blocktranslate context 'verb' %}Open{% endblocktranslate %}", [Message("Open", context="verb")]),
        ("{% translate 'It\\'s 50% done' %}", [Message("It's 50%% done")]),
        ("{# _('no') #}{% comment %}{% translate 'no' %}{% endcomment %}no", []),
    ],
)
def test_tags_and_filters_in_templates(text, messages):
    assert in_template(text) == messages


@pytest.mark.parametrize("text", ["{% translate name %}", "{% blocktranslate %}open", "{% comment %}open"])
def test_a_template_that_cannot_be_collected_is_an_error(text):
    with pytest.raises(TemplateError, match=r"x\.html"):
        in_template(text)


def test_the_line_of_a_message_is_known():
    found = [*from_template("\n\n{% translate 'Save' %}", "x.html"), *from_python("\n_('Save')", "x.py")]

    assert [one.line for one in found] == [3, 2]


@pytest.mark.parametrize(
    "text",
    [
        "{% translate '50% done' %}",
        "{{ _('50% done') }}",
        "{% blocktranslate %}50% of {{ name }}{% endblocktranslate %}",
        "{% blocktranslate trimmed %}\n  50%\n  of {{ name }}\n{% endblocktranslate %}",
    ],
)
def test_django_looks_up_what_was_collected(text, monkeypatch):
    asked = []
    catalogue = translation.trans_real.translation("zh-hans")
    monkeypatch.setattr(catalogue, "gettext", lambda message: asked.append(message) or message)

    with override_settings(LANGUAGE_CODE="zh-hans"), translation.override("zh-hans"):
        Template(text).render(Context({"name": "x"}))

    assert asked == [message.text for message in in_template(text)]
