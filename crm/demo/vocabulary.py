"""What names are made of in one language."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate


def words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


def phrases(text: str) -> tuple[str, ...]:
    return tuple(" ".join(phrase.split()) for phrase in text.split(","))


@dataclass(frozen=True)
class Vocabulary:
    """`trades` are the words of company names by industry; `areas` begin telephone numbers of eleven digits.

    `country` is that of all `cities` but those of `abroad`, which are {city: country}.
    """

    language: str
    surnames: Sequence[str]
    given_names: Sequence[str]
    brand_starts: Sequence[str]
    brand_ends: Sequence[str]
    trades: Mapping[str, Sequence[str]]
    forms: Sequence[str]
    cities: Sequence[str]
    country: str
    abroad: Mapping[str, str]
    streets: Sequence[str]
    areas: Sequence[str]
    titles: Sequence[str]
    departments: Sequence[str]

    def country_of(self, city: str) -> str:
        return self.abroad.get(city, self.country)

    @cached_property
    def surname_weights(self) -> list[int]:
        """Cumulative, as random.choices takes them: few surnames carry most people, as in life."""
        return list(accumulate(max(1, 100 // (place + 3)) for place in range(len(self.surnames))))

    @cached_property
    def industries(self) -> list[str]:
        return list(self.trades)
