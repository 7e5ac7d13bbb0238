"""Find what is to be translated: calls in Python, tags and filters in templates. JavaScript has no texts of its own."""

from __future__ import annotations

import re
from ast import literal_eval
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import NamedTuple

from babel.messages.extract import extract
from django.template.base import Lexer, Token, TokenType
from django.utils.translation import trim_whitespace

PYTHON = ("crm", "customers", "sales", "service", "marketing", "analytics")
TEMPLATES = "templates"
TEMPLATE_ENDINGS = {".html", ".txt", ".svg", ".xml"}

_CALLS = {
    **dict.fromkeys(("_", "gettext", "gettext_lazy", "gettext_noop"), (1,)),
    **dict.fromkeys(("ngettext", "ngettext_lazy"), (1, 2)),
    **dict.fromkeys(("pgettext", "pgettext_lazy"), ((1, "c"), 2)),
    **dict.fromkeys(("npgettext", "npgettext_lazy"), ((1, "c"), 2, 3)),
}
_QUOTED = r"""(?:"[^"\\]*(?:\\.[^"\\]*)*"|'[^'\\]*(?:\\.[^'\\]*)*')"""
_CONSTANT = re.compile(rf"_\(({_QUOTED})\)")
# A Cotton attribute that is an expression: `:label="_('Save')"`.
_ATTRIBUTE = re.compile(rf"""[\s]:[\w-]+=["']_\(({_QUOTED})\)""")
_CONTEXT = re.compile(rf"\bcontext\s+({_QUOTED})")


class Message(NamedTuple):
    """One thing to translate. `plural` and `context` are empty when there is none."""

    text: str
    plural: str = ""
    context: str = ""

    @property
    def key(self) -> tuple[str, str]:
        """Two messages of one key are one entry of a catalogue."""
        return self.context, self.text


class Found(NamedTuple):
    message: Message
    path: str
    line: int
    comments: tuple[str, ...] = ()


class TemplateError(ValueError):
    """A template that cannot be collected from: a tag is not closed or its text is not a constant."""


def collect(base: Path) -> Iterator[Found]:
    """Everything below `base`, in the order of the paths."""
    for path in _files(base):
        name = path.relative_to(base).as_posix()
        text = path.read_text(encoding="utf-8")
        if path.suffix == ".py":
            yield from from_python(text, name)
        else:
            yield from from_template(text, name)


def _files(base: Path) -> Iterator[Path]:
    for root in PYTHON:
        yield from (path for path in sorted((base / root).rglob("*.py")) if "migrations" not in path.parts)
    yield from (path for path in sorted((base / TEMPLATES).rglob("*")) if path.suffix in TEMPLATE_ENDINGS)


def from_python(text: str, path: str) -> Iterator[Found]:
    found = extract("python", BytesIO(text.encode()), _CALLS, comment_tags=("Translators:",), options={})
    for line, messages, comments, context in found:
        single, plural = messages if isinstance(messages, tuple) else (messages, "")
        yield Found(Message(single, plural or "", context or ""), path, line, tuple(comments))


def from_template(text: str, path: str) -> Iterator[Found]:
    tokens = iter(Lexer(text).tokenize())
    for token in tokens:
        start = token.lineno or 0
        if token.token_type == TokenType.BLOCK:
            tag = token.contents.split(None, 1)[0]
            if tag == "comment":
                _until(tokens, {"endcomment"}, path)
                continue
            if tag in {"blocktranslate", "blocktrans"}:
                yield Found(_block(token, tokens, path), path, start)
            elif tag in {"translate", "trans"}:
                yield Found(_translate(token, path), path, start)
        elif token.token_type == TokenType.TEXT:
            for match in _ATTRIBUTE.finditer(token.contents):
                line = start + token.contents.count("\n", 0, match.start())
                yield Found(Message(_constant(match[1])), path, line)
        if token.token_type in {TokenType.BLOCK, TokenType.VAR}:
            for match in _CONSTANT.finditer(token.contents):
                yield Found(Message(_constant(match[1])), path, start)


def _translate(token: Token, path: str) -> Message:
    bits = token.split_contents()
    literal = bits[1].split("|", 1)[0] if len(bits) > 1 else ""
    if not re.fullmatch(_QUOTED, literal):
        raise TemplateError(f"{path}:{token.lineno}: {{% {token.contents} %}} must translate a constant text.")
    context = _CONTEXT.search(token.contents)
    return Message(_constant(literal), context=literal_eval(context[1]) if context else "")


def _block(start: Token, tokens: Iterator[Token], path: str) -> Message:
    trimmed = " trimmed" in start.contents
    context = _CONTEXT.search(start.contents)
    single, ended = _until(tokens, {"plural", "endblocktranslate", "endblocktrans"}, path)
    plural, _ended = _until(tokens, {"endblocktranslate", "endblocktrans"}, path) if ended == "plural" else ("", "")
    if trimmed:
        single, plural = trim_whitespace(single), trim_whitespace(plural)
    return Message(single, plural, literal_eval(context[1]) if context else "")


def _until(tokens: Iterator[Token], ends: set[str], path: str) -> tuple[str, str]:
    """The text up to one of the closing tags, spelt as Django looks it up, and the tag."""
    parts: list[str] = []
    for token in tokens:
        contents = token.contents
        if token.token_type == TokenType.BLOCK and contents.split(None, 1)[0] in ends:
            return "".join(parts), contents.split(None, 1)[0]
        if token.token_type == TokenType.TEXT:
            parts.append(contents.replace("%", "%%"))
        elif token.token_type == TokenType.VAR:
            parts.append(f"%({contents})s")
    raise TemplateError(f"{path}: a tag is not closed; expected one of {', '.join(sorted(ends))}.")


def _constant(literal: str) -> str:
    """The message of a quoted text; Django's templates look one up with its percent signs doubled."""
    text: str = literal_eval(literal)
    return text.replace("%", "%%")
