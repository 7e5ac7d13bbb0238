"""Addresses to ask for, out of what the installation shows: names, numbers, and the way to the thousandth page."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from random import Random
from urllib.parse import urlencode

from crm.demo.chinese import CHINESE
from crm.search.tokens import name_sort

from .browser import Browser

PAGES = 1_000
MOST = 60
_ROW = re.compile(r'href="/t/[a-z0-9-]+/(customers|contacts)/(\d+)/"[^>]*>\s*([^<]+?)\s*<')
_NEXT = re.compile(r'href="(\?[^"]*\bafter=[^"]+)"')
_PHONE = re.compile(r"\b1[3-9]\d[ -]?\d{4}[ -]?\d{4}\b")
_EMAIL = re.compile(r"\b[\w.]+@mail\.example\b")
_HAN = re.compile("[一-鿿]+")


@dataclass
class Seen:
    """What a walk through the list has shown, in the order of its pages."""

    names: list[str] = field(default_factory=list)
    ids: list[str] = field(default_factory=list)
    phones: list[str] = field(default_factory=list)
    emails: list[str] = field(default_factory=list)
    last: str = ""

    def note(self, page: str) -> None:
        for _kind, number, name in _ROW.findall(page):
            self.ids.append(number)
            self.names.append(html.unescape(name))

    def note_reach(self, page: str) -> None:
        self.phones += [re.sub(r"\D", "", phone) for phone in _PHONE.findall(page)[:1]]
        self.emails += _EMAIL.findall(page)[:1]


def walk(browser: Browser, path: str, pages: int, say: Callable[[str], None]) -> Seen:
    """Follow "next" so often, noting every twentieth page."""
    seen, here = Seen(), path
    for number in range(pages):
        answer = browser.get(here)
        if answer.status != 200:
            raise RuntimeError(f"{here} answered {answer.status}.")
        if number % 20 == 0:
            seen.note(answer.text)
        here = next_page(path, answer.text)
        if not here:
            raise RuntimeError(f"The list ended at page {number + 1}; {pages} were asked for.")
    seen.last = here
    say(f"walked {pages:,} pages")
    return seen


def next_page(path: str, page: str) -> str:
    found = _NEXT.search(page)
    return path + html.unescape(found[1]) if found else ""


@dataclass(frozen=True)
class Search:
    """One row of the table: searches of one sort."""

    label: str
    texts: list[str]


def searches(seen: Seen, random: Random) -> list[Search]:
    people = [name for name in seen.names if _HAN.fullmatch(name) and len(name) <= 3]
    three = [name for name in people if len(name) == 3]
    companies = [name for name in seen.names if _HAN.fullmatch(name) and len(name) > 6]
    english = [name for name in seen.names if name.isascii()]
    spelled = [name_sort(name).split() for name in three]
    sorts = [
        ("张三 · two characters of a name", [name[:2] for name in people]),
        ("张三丰 · three characters", three),
        ("two characters inside a company's name", [name[3:5] for name in companies]),
        ("北京, 科技, 有限 · very common", ["北京", "科技", "有限", "公司", "上海", "贸易"]),
        ("王 · one surname character", list(CHINESE.surnames[:20])),
        ("zhangsan", ["".join(syllables) for syllables in spelled]),
        ("zsf · initials", ["".join(syllable[0] for syllable in syllables) for syllables in spelled]),
        ("zs · two initials", ["".join(syllable[0] for syllable in syllables[:2]) for syllables in spelled]),
        ("Latin word, four letters", [name.split()[0][:4] for name in english]),
        ("two Latin words", [" ".join(name.split()[:2]) for name in english if " " in name]),
        ("name and trade: two Chinese words", [f"{name[2:4]} {name[4:6]}" for name in companies]),
        ("no match", ["魑魅", "饕餮", "qxqxqx", "zzzzzq", "鼹鼠 张", "龘龘"]),
        ("last 4 digits", [phone[-4:] for phone in seen.phones]),
        ("last 8 digits", [phone[-8:] for phone in seen.phones]),
        ("whole telephone number", seen.phones),
        ("e-mail address", seen.emails),
    ]
    return [Search(label, _some(texts, random)) for label, texts in sorts]


def _some(texts: Iterable[str], random: Random) -> list[str]:
    known = sorted({text for text in texts if text})
    return random.sample(known, min(MOST, len(known)))


def query(path: str, **parameters: str) -> str:
    return f"{path}?{urlencode(parameters)}"
