"""The translation files: brought up to date without churn, judged, and compiled."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from string import Formatter

from babel.messages.catalog import Catalog
from babel.messages.catalog import Message as Entry
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from .collect import Found, Message

# Messages are written in English, so English needs no file; every other language has one.
LANGUAGES = ("zh_Hans",)

# Our own header: Babel's holds moments and versions, which would change with every run.
_HEADER = """# Translations of Guanxi CRM. Collected by `manage.py messages`; translate here, do not reorder.
msgid ""
msgstr ""
"Language: {language}\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"Plural-Forms: nplurals={plurals}; plural={expression};\\n"

"""
_PERCENT = re.compile(r"%(?:\(\w+\))?[-+ #0]*[\d.]*[a-zA-Z]|%%")
_MARKUP = re.compile(r"</?[a-z][^>]*>")


@dataclass
class Changes:
    strings: int
    added: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    untranslated: int = 0


def po_path(base: Path, language: str) -> Path:
    return base / "locale" / language / "LC_MESSAGES" / "django.po"


def read(path: Path, language: str) -> Catalog:
    if not path.exists():
        return Catalog(locale=language, charset="utf-8")
    with path.open("rb") as file:
        return read_po(file, locale=language, charset="utf-8", abort_invalid=True)


def update(path: Path, language: str, found: Iterable[Found]) -> Changes:
    """Add new messages, drop those no longer used, keep every translation."""
    before, wanted = read(path, language), merged(found)
    catalog = Catalog(locale=language, charset="utf-8")
    changes = Changes(len(wanted))
    for message, uses in wanted.items():
        old = _entry(before, message)
        catalog.add(
            _id(message),
            _kept(old, message),
            locations=[(path, 0) for path in sorted({use.path for use in uses})],
            auto_comments=sorted({comment for use in uses for comment in use.comments}),
            user_comments=old.user_comments if old else (),
            flags=old.flags & {"fuzzy"} if old else (),
            context=message.context or None,
        )
        if old is None:
            changes.added.append(message.text)
        changes.untranslated += not is_translated(_entry(catalog, message))
    known = {message.key for message in wanted}
    changes.removed = [_text(entry) for entry in before if entry.id and _key(entry) not in known]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(rendered(catalog, language))
    return changes


def rendered(catalog: Catalog, language: str) -> bytes:
    """The file's text: sorted by message, places without line numbers."""
    buffer = BytesIO()
    write_po(buffer, catalog, width=100, omit_header=True, sort_output=True, include_lineno=False)
    header = _HEADER.format(language=language, plurals=catalog.num_plurals, expression=catalog.plural_expr)
    return header.encode() + buffer.getvalue().strip() + b"\n"


def merged(found: Iterable[Found]) -> dict[Message, list[Found]]:
    """Return {message: where it is used}. One text with and without a plural is one entry, with it."""
    by_key: dict[tuple[str, str], tuple[Message, list[Found]]] = {}
    for one in found:
        known, uses = by_key.get(one.message.key, (one.message, []))
        by_key[one.message.key] = (known if known.plural else one.message, [*uses, one])
    return dict(by_key.values())


def faults(path: Path, language: str, found: Iterable[Found]) -> Iterator[str]:
    """What `messages --check` finds wrong, each in one line."""
    catalog, wanted = read(path, language), merged(found)
    for message, uses in wanted.items():
        entry = _entry(catalog, message)
        if entry is None or not is_translated(entry):
            yield f"missing: {message.text!r} ({uses[0].path}:{uses[0].line})"
        elif entry.fuzzy:
            yield f"fuzzy: {message.text!r}"
        else:
            yield from (f"{fault}: {message.text!r}" for fault in _differences(entry))
    known = {message.key for message in wanted}
    yield from (f"obsolete: {_text(entry)!r}" for entry in catalog if entry.id and _key(entry) not in known)
    yield from (f"obsolete: {_text(entry)!r}" for entry in catalog.obsolete.values())


def is_translated(entry: Entry | None) -> bool:
    if entry is None:
        return False
    return all(_strings(entry))


def compile_catalogue(path: Path, language: str) -> int:
    """Write the .mo file beside the .po file; returns how many messages it holds. Fuzzy ones are left out."""
    catalog = read(path, language)
    target, unfinished = path.with_suffix(".mo"), path.with_suffix(".mo.new")
    with unfinished.open("wb") as file:
        write_mo(file, catalog)
    # In one step, so that a server that starts meanwhile never reads half a file.
    unfinished.replace(target)
    return sum(is_translated(entry) and not entry.fuzzy for entry in catalog if entry.id)


def _differences(entry: Entry) -> Iterator[str]:
    source = entry.id[-1] if isinstance(entry.id, list | tuple) else entry.id
    for string in _strings(entry):
        if _percents(source) != _percents(string) or _braces(source) != _braces(string):
            yield "placeholders differ"
        if Counter(_MARKUP.findall(source)) != Counter(_MARKUP.findall(string)):
            yield "markup differs"
        if (source[:1] == "\n", source[-1:] == "\n") != (string[:1] == "\n", string[-1:] == "\n"):
            yield "line ends differ"


def _percents(text: str) -> list[str]:
    # A doubled sign is a plain one; a translation may spell a share in words.
    return sorted(set(_PERCENT.findall(text)) - {"%%"})


def _braces(text: str) -> set[str]:
    try:
        return {name for _literal, name, _format, _conversion in Formatter().parse(text) if name is not None}
    except ValueError:
        return set()


def _id(message: Message) -> str | tuple[str, str]:
    return (message.text, message.plural) if message.plural else message.text


def _entry(catalog: Catalog, message: Message) -> Entry | None:
    return catalog.get(message.text, message.context or None)


def _key(entry: Entry) -> tuple[str, str]:
    return entry.context or "", _text(entry)


def _strings(entry: Entry) -> tuple[str, ...]:
    """The translations, one for each plural form; never none."""
    strings = entry.string if isinstance(entry.string, list | tuple) else (entry.string,)
    return tuple(string or "" for string in strings) or ("",)


def _text(entry: Entry) -> str:
    return entry.id[0] if isinstance(entry.id, list | tuple) else entry.id


def _kept(old: Entry | None, message: Message) -> str | tuple[str, ...]:
    """The translation so far, as a list or a single text as the message now asks."""
    if old is None:
        return ""
    strings = _strings(old)
    return strings if message.plural else strings[0]
