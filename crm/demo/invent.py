"""Invents people and companies. The same random state invents the same ones."""

from __future__ import annotations

from random import Random

from crm.search.tokens import name_sort

from .chinese import CHINESE
from .vocabulary import Vocabulary


def person(random: Random, words: Vocabulary) -> str:
    surname = random.choices(words.surnames, cum_weights=words.surname_weights)[0]
    if words is CHINESE:
        # Two given characters are the rule, one the exception.
        return surname + "".join(random.choices(words.given_names, k=1 if random.random() < 0.2 else 2))
    return f"{random.choice(words.given_names)} {surname}"


def company(random: Random, words: Vocabulary, city: str) -> tuple[str, str]:
    """Return (name, industry)."""
    brand = random.choice(words.brand_starts) + random.choice(words.brand_ends)
    industry = random.choice(words.industries)
    trade = random.choice(words.trades[industry])
    form = random.choice(words.forms)
    if words is CHINESE:
        return f"{city}{brand}{trade}{form}", industry
    return f"{brand} {trade} {form}", industry


def phone(random: Random, words: Vocabulary) -> str:
    """Digits as they are stored: a Chinese mobile number, or a number of the block that is kept for stories."""
    area = random.choice(words.areas)
    return f"{area}{random.randrange(10 ** (11 - len(area))):0{11 - len(area)}d}"


def address(random: Random, words: Vocabulary) -> str:
    number, street = random.randrange(1, 400), random.choice(words.streets)
    return f"{street}{number}号" if words is CHINESE else f"{number} {street}"


def mailbox(name: str, number: int) -> str:
    """An e-mail address of the name; the number keeps those of the same name apart."""
    local = name_sort(name).replace(" ", "." if name.isascii() else "")
    return f"{local[:20].strip('.')}{number}@mail.example"


def website(name: str) -> str:
    return f"https://www.{name_sort(name).replace(' ', '')[:30]}.example"
