"""The project is translated, and `manage.py messages` keeps its files without churn."""

import gettext
from io import StringIO
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from crm.i18n.catalogue import LANGUAGES, compile_catalogue, faults, po_path, read, update
from crm.i18n.collect import collect, from_python

BASE = Path(settings.BASE_DIR)
ZH = "zh_Hans"


def found(text: str):
    return list(from_python(text, "x.py"))


@pytest.fixture
def po(tmp_path) -> Path:
    return tmp_path / "locale" / ZH / "LC_MESSAGES" / "django.po"


def translate(po: Path, **strings: str) -> None:
    text = po.read_text()
    for message, string in strings.items():
        text = text.replace(f'msgid "{message}"\nmsgstr ""', f'msgid "{message}"\nmsgstr "{string}"')
    po.write_text(text)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_of_the_product_is_translated(language):
    assert list(faults(po_path(BASE, language), language, collect(BASE))) == []


def test_a_second_run_changes_nothing(po):
    texts = found(
        "# Translators: a button\n_('b')\n_('a')\nngettext('%(n)s row', '%(n)s rows', 1)\npgettext('verb', 'a')"
    )
    update(po, ZH, texts)
    once = po.read_bytes()

    changes = update(po, ZH, [*reversed(texts)])

    assert po.read_bytes() == once
    assert (changes.strings, changes.added, changes.removed, changes.untranslated) == (4, [], [], 4)


def test_line_numbers_and_moments_are_not_written(po):
    update(po, ZH, found("_('a')"))
    once = po.read_bytes()

    update(po, ZH, found("\n\n\n_('a')"))

    assert po.read_bytes() == once
    assert b"#: x.py\n" in once
    assert b"Date" not in once


def test_translations_are_kept_and_unused_ones_dropped(po):
    update(po, ZH, found("_('Save'); _('Close')"))
    translate(po, Save="保存", Close="关闭")

    changes = update(po, ZH, found("_('Save'); _('Open')"))

    assert (changes.added, changes.removed, changes.untranslated) == (["Open"], ["Close"], 1)
    assert read(po, ZH).get("Save").string == "保存"


def test_a_text_that_gets_a_plural_keeps_its_translation(po):
    update(po, ZH, found("_('%(n)s row')"))
    translate(po, **{"%(n)s row": "%(n)s 行"})

    update(po, ZH, found("_('%(n)s row'); ngettext('%(n)s row', '%(n)s rows', 1)"))

    assert read(po, ZH).get("%(n)s row").string == ("%(n)s 行",)
    assert list(faults(po, ZH, found("ngettext('%(n)s row', '%(n)s rows', 1)"))) == []


@pytest.mark.parametrize(
    ("source", "string", "fault"),
    [
        ("Save", "", "missing: 'Save' (x.py:1)"),
        ("By %(name)s", "由 %(nmae)s", "placeholders differ: 'By %(name)s'"),
        ("By %(name)s", "由他", "placeholders differ: 'By %(name)s'"),
        ("By {name}", "由 {nmae}", "placeholders differ: 'By {name}'"),
        ("%d rows", "%s 行", "placeholders differ: '%d rows'"),
        ("<b>Save</b>", "<b>保存", "markup differs: '<b>Save</b>'"),
    ],
)
def test_a_bad_translation_is_a_fault(po, source, string, fault):
    update(po, ZH, found(f"_('{source}')"))
    translate(po, **{source: string})

    assert list(faults(po, ZH, found(f"_('{source}')"))) == [fault]


def test_a_new_text_a_fuzzy_one_and_an_unused_one_are_faults(po):
    update(po, ZH, found("_('Save'); _('Close')"))
    translate(po, Save="保存", Close="关闭")
    po.write_text(po.read_text().replace('msgid "Save"', '#, fuzzy\nmsgid "Save"'))

    lines = list(faults(po, ZH, found("_('Save'); _('Open')")))

    assert lines == ["fuzzy: 'Save'", "missing: 'Open' (x.py:1)", "obsolete: 'Close'"]


def test_what_is_compiled_is_what_gettext_reads(po):
    update(po, ZH, found("_('Save'); _('Open'); ngettext('%(n)s row', '%(n)s rows', 1); pgettext('verb', 'Save')"))
    translate(po, Save="保存")
    po.write_text(po.read_text().replace('msgstr[0] ""', 'msgstr[0] "%(n)s 行"'))

    count = compile_catalogue(po, ZH)

    with po.with_suffix(".mo").open("rb") as file:
        compiled = gettext.GNUTranslations(file)
    assert count == 3
    assert compiled.gettext("Save") == compiled.pgettext("verb", "Save") == "保存"
    assert compiled.gettext("Open") == "Open"
    assert compiled.ngettext("%(n)s row", "%(n)s rows", 5) == "%(n)s 行"


def test_the_command_collects_compiles_and_checks(tmp_path, settings):
    settings.BASE_DIR = tmp_path
    (tmp_path / "templates").mkdir()
    (tmp_path / "templates" / "x.html").write_text("{% translate 'Save' %}")
    out = StringIO()

    call_command("messages", stdout=out)
    assert out.getvalue().startswith("zh_Hans: 1 messages, 1 new, 0 dropped, 1 not translated")
    with pytest.raises(CommandError, match="1 messages need care"):
        call_command("messages", check=True, stderr=out)
    translate(po_path(tmp_path, ZH), Save="保存")
    call_command("messages", check=True, stdout=out)
    call_command("messages", compile=True, stdout=out)

    assert out.getvalue().endswith("All messages are translated into zh_Hans.\nzh_Hans: 1 messages compiled\n")
