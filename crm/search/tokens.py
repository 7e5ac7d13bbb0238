"""The words by which a record is found, as pure functions: what is stored and what a search box asks for.

Everything is folded in the same way on both sides: full-width becomes half-width, case and Latin diacritics go,
traditional and simplified characters stay different. Each word begins with the number of its tenant, so that the
one index of all tenants needs no tenant column. Words and questions are cut to the same length, which keeps a
question longer than that true. DATA_DESIGN section 5 has the reasons and the figures.
"""

import re
import unicodedata
from dataclasses import dataclass
from typing import Literal

from crm.search.pinyin import spell_for_sorting, spellings, split_readable

NAME_SORT_LENGTH = 100
WORD_LENGTH = 20
QUERY_LENGTH = 100
QUERY_WORDS = 12
SHORTEST_PHONE = 4  # shorter numbers are part of a name (3M, 360), and too common at the end of a phone number
SHORTEST_WORD = 2
SHORTEST_INFIX = 3

# Han with its extensions, kana and Hangul: scripts without blanks between words, found by pairs of characters.
_CJK = "々〇㐀-䶿一-鿿豈-﫿ぁ-ゖァ-ヺー가-힣\U00020000-\U000323af"
_RUN = re.compile(f"([{_CJK}]+)|([^\\W_{_CJK}]+)")
_HAN_ONLY = re.compile("[一-鿿]+")
_NOT_A_WORD = re.compile(r"[\W_]+")
_PHONE = re.compile(r"\+?[0-9\s().\-/]+")
# Forms of incorporation: found when typed, but nobody searches from the middle of one, and every company has it.
_LEGAL_FORM = re.compile("(?:股份|集团)?有限(?:责任)?公司|股份公司|集团公司")
_LEGAL_WORDS = frozenset({"company", "limited", "corporation", "incorporated", "gmbh", "group", "holdings"})
_OTHER_LATIN = {"ø": "o", "đ": "d", "ð": "d", "ł": "l", "ħ": "h", "ı": "i", "æ": "ae", "œ": "oe", "þ": "th", "ŋ": "n"}


def _latin_folds() -> dict[int, str | None]:
    """For str.translate(): Latin letters without their marks. Marks of other scripts carry meaning and stay."""
    combining_marks = range(0x0300, 0x0370)
    folds: dict[int, str | None] = dict.fromkeys(combining_marks)
    for code in (*range(0x00C0, 0x0250), *range(0x1E00, 0x1F00)):
        base = unicodedata.normalize("NFD", chr(code))[0]
        if base.isascii():
            folds[code] = base
    return folds | {ord(letter): plain for letter, plain in _OTHER_LATIN.items()}


_LATIN_FOLDS = _latin_folds()


def fold(text: str) -> str:
    """The form in which two spellings of the same word are equal: width, case and Latin diacritics removed."""
    if text.isascii():
        return text.lower()
    return unicodedata.normalize("NFKC", text).casefold().translate(_LATIN_FOLDS)


def name_sort(name: str) -> str:
    """The key by which a name is sorted in both languages: pinyin by syllable, lower case, without marks.

    >>> name_sort("重庆ABC科技(集团)")
    'chong qing abc ke ji ji tuan'
    """
    if _HAN_ONLY.fullmatch(name):  # most Chinese names: nothing to fold, four times as fast
        return " ".join(spell_for_sorting(name).split())[:NAME_SORT_LENGTH].rstrip()
    folded = fold(name)
    spelled = folded if folded.isascii() else _RUN.sub(_spell_run, folded)
    key = _NOT_A_WORD.sub(" ", spelled.replace("'", "")).strip()
    # A name of signs only still needs a place in the order.
    return (key or folded.strip())[:NAME_SORT_LENGTH].rstrip()


def _spell_run(run: re.Match[str]) -> str:
    return f" {spell_for_sorting(run[0])} " if run[1] else run[0]


def document(tenant_id: int, name: str, *more: str, text: str = "") -> str:
    """Everything a record is found by, as the text of a tsvector; `more` is its company or other names.

    `text` is running text, such as a subject: found by its words and pairs of characters, not by how they are spelled.

    >>> document(7, "李四")
    "'7:lisi' '7:ls' '7:si' '7:四' '7:李' '7:李四'"
    """
    words: set[str] = set()
    for index, named in enumerate((name, *more)):
        for match in _RUN.finditer(fold(named)):
            run = match[0]
            if match[1]:
                if index == 0:
                    words.update(run)
                words.update([run[i : i + 2] for i in range(len(run) - 1)])
                for readable in split_readable(run):
                    _add_pinyin(words, readable)
            else:
                _add_latin(words, run)
    for match in _RUN.finditer(fold(text)) if text else ():
        run = match[0]
        if match[1]:
            words.update([run[i : i + 2] for i in range(len(run) - 1)])
        elif len(run) >= SHORTEST_WORD:
            words.add(run[:WORD_LENGTH])
    prefix = f"'{tenant_id}:"
    return " ".join([f"{prefix}{word}'" for word in sorted(words)])


def _add_latin(words: set[str], word: str) -> None:
    if len(word) >= SHORTEST_WORD:
        words.add(word[:WORD_LENGTH])
    if len(word) > SHORTEST_INFIX and word not in _LEGAL_WORDS:
        words.update([word[start : start + WORD_LENGTH] for start in range(1, len(word) - SHORTEST_INFIX + 1)])


def _add_pinyin(words: set[str], run: str) -> None:
    """Pinyin and initials from every syllable on, so that a name is found from its middle too."""
    legal_form = _LEGAL_FORM.search(run)
    starts = legal_form.start() if legal_form and legal_form.start() else len(run)
    for syllables in spellings(run):
        initials = "".join([syllable[0] for syllable in syllables])
        spelled = "".join(syllables)
        at = 0
        for start in range(starts):
            words.add(spelled[at : at + WORD_LENGTH])
            if len(initials) - start >= SHORTEST_WORD:
                words.add(initials[start : start + WORD_LENGTH])
            at += len(syllables[start])


@dataclass(frozen=True, slots=True)
class SearchQuery:
    """What a text in a search box asks for.

    `value` is by kind: digits of a phone number (its end or its beginning), the beginning of an e-mail address
    in lower case, or the text of a tsquery whose every part must match.
    """

    kind: Literal["empty", "too_short", "phone", "email", "words"]
    value: str = ""

    @property
    def is_one_word(self) -> bool:
        """Two Chinese characters are one word, three are two that overlap."""
        return self.kind == "words" and " & " not in self.value


def parse_query(tenant_id: int, text: str) -> SearchQuery:
    """Say what a person looks for: a phone number, an e-mail address, or words in either language.

    >>> parse_query(7, "0000-0001")
    SearchQuery(kind='phone', value='00000001')
    >>> parse_query(7, "张三丰 Acme")
    SearchQuery(kind='words', value="'7:张三' & '7:三丰' & '7:acme':*")
    """
    folded = fold(text[:QUERY_LENGTH]).strip()
    if not folded:
        return SearchQuery("empty")
    if "@" in folded:
        return SearchQuery("email", folded)
    if _PHONE.fullmatch(folded) and len(digits := re.sub(r"\D", "", folded)) >= SHORTEST_PHONE:
        return SearchQuery("phone", digits)
    parts: dict[str, None] = {}
    for match in _RUN.finditer(folded):
        run = match[0]
        if match[1]:
            pairs = [run[i : i + 2] for i in range(len(run) - 1)] or [run]
            parts.update(dict.fromkeys(f"'{tenant_id}:{pair}'" for pair in pairs))
        elif len(run) >= SHORTEST_WORD:
            parts[f"'{tenant_id}:{run[:WORD_LENGTH]}':*"] = None
    if not parts:
        return SearchQuery("too_short")
    return SearchQuery("words", " & ".join(list(parts)[:QUERY_WORDS]))
