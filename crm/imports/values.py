"""From the text of a cell to the text that the database takes, one small function per type of field.

A converter gets a cell that is not empty and returns what COPY reads, "" for nothing; it raises Invalid. Converters run
a million times, so what they need is prepared beforehand.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, tzinfo
from decimal import Decimal, InvalidOperation
from zoneinfo import ZoneInfo

from django.core.validators import EmailValidator, URLValidator
from django.utils.translation import override

from crm.pages.days import is_known_day
from crm.pages.plain import plain_line

from .faults import Fault, Invalid

Convert = Callable[[str], str]

# A spreadsheet's sign for "this is text", which our own exports write before such a cell.
_TEXT_MARK = re.compile("'[=+\\-@\t\r＝＋－＠]")  # the full-width signs are meant
_BLANKS = re.compile(r"\s+")


@dataclass(frozen=True)
class ValueContext:
    """What the meaning of a cell depends on beside its text."""

    time_zone: tzinfo = field(default_factory=lambda: ZoneInfo("UTC"))
    month_first: bool = False  # 03/04/2026 is the fourth of March
    minor_digits: int = 2  # of the tenant's currency
    members: Mapping[str, int | None] = field(default_factory=dict)  # e-mail or folded name → user id; None: several
    languages: tuple[str, ...] = ("en", "zh-hans")


def fold(text: str) -> str:
    """The form in which a word of a choice, a heading or a name is compared."""
    return _BLANKS.sub(" ", plain_line(unicodedata.normalize("NFKC", text))).casefold()


def text(max_length: int | None, *, lines: bool = False, clean: Callable[[str], str] | None = None) -> Convert:
    """`lines` keeps line breaks; a field of one line gets blanks for them."""

    def convert(cell: str) -> str:
        value = cell.strip() if lines else plain_line(cell)
        if value[:1] == "'" and _TEXT_MARK.match(value):
            value = value[1:]
        if clean is not None:
            value = clean(value)
        if max_length is not None and len(value) > max_length:
            raise Invalid(Fault.TOO_LONG)
        return value

    return convert


_PHONE = re.compile(r"[+＋(（]?[\d０-９][\d０-９\s()（）.\-－—–/·]*")  # full-width forms are typed too
_EXTENSION = re.compile(r"\s*(?:ext\.?|x|转|#|分机)\s*\d{1,6}$", re.IGNORECASE)


def phone(max_length: int, clean: Callable[[str], str]) -> Convert:
    def convert(cell: str) -> str:
        if cell.isascii() and cell.isdigit() and len(cell) <= max_length:
            return cell
        value = _EXTENSION.sub("", plain_line(cell).lstrip("'"))
        if not value:
            return ""
        digits = sum(1 for character in value if character.isdigit())
        if not _PHONE.fullmatch(value) or digits > max_length:
            raise Invalid(Fault.BAD_PHONE)
        return clean(value)

    return convert


_PLAIN_EMAIL = re.compile(r"[a-z0-9][a-z0-9._+-]*@(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,}")


def email(max_length: int, clean: Callable[[str], str]) -> Convert:
    check = EmailValidator()

    def convert(cell: str) -> str:
        value = clean(cell.removeprefix("mailto:"))
        if not value:
            return ""
        if len(value) > max_length:
            raise Invalid(Fault.TOO_LONG)
        if ".." in value or not _PLAIN_EMAIL.fullmatch(value):
            # The rare forms are left to the validator of the forms, which is fifty times slower.
            _validate(check, value, Fault.BAD_EMAIL)
        return value

    return convert


def url(max_length: int) -> Convert:
    check = URLValidator(schemes=["http", "https"])

    def convert(cell: str) -> str:
        value = plain_line(cell)
        if not value:
            return ""
        if "://" not in value:
            value = f"https://{value}"
        if len(value) > max_length:
            raise Invalid(Fault.TOO_LONG)
        _validate(check, value, Fault.BAD_URL)
        return value

    return convert


def _validate(check: Callable[[str], None], value: str, code: Fault) -> None:
    from django.core.exceptions import ValidationError

    try:
        check(value)
    except ValidationError as error:
        raise Invalid(code) from error


# -- days and moments

_DAY_BEGINS_WITH_YEAR = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?")
_DAY_ENDS_WITH_YEAR = re.compile(r"(\d{1,2})\s*[-/.]\s*(\d{1,2})\s*[-/.]\s*(\d{4})")
_DAY_AS_DIGITS = re.compile(r"(\d{4})(\d{2})(\d{2})")
_DAY_IN_WORDS = ("%d %B %Y", "%d %b %Y", "%B %d, %Y", "%b %d, %Y", "%B %d %Y", "%b %d %Y", "%d-%b-%Y")
_CLOCK = re.compile(
    r"(上午|下午|晚上)?\s*(\d{1,2})\s*[:.时点]\s*(\d{1,2})(?:\s*[:.分]\s*(\d{1,2}))?(?:\.\d+)?\s*[秒分]?\s*([ap]m)?\s*(z|[+-]\d{2}:?\d{2})?",
    re.IGNORECASE,
)


def day(context: ValueContext) -> Convert:
    def convert(cell: str) -> str:
        value = unicodedata.normalize("NFKC", cell).strip()
        if not value:
            return ""
        found, rest = _read_day(value, context)
        # A spreadsheet gives a day as midnight of it.
        if rest and not re.fullmatch(r"0?0:00(:00)?(\.0+)?", rest):
            raise Invalid(Fault.BAD_DATE)
        return found.isoformat()

    return convert


def moment(context: ValueContext) -> Convert:
    def convert(cell: str) -> str:
        value = unicodedata.normalize("NFKC", cell).strip()
        if not value:
            return ""
        try:
            found, rest = _read_day(value, context)
        except Invalid as error:
            raise Invalid(Fault.BAD_TIME) from error
        return _at(found, rest, context).isoformat()

    return convert


def _read_day(value: str, context: ValueContext) -> tuple[date, str]:
    if match := _DAY_BEGINS_WITH_YEAR.match(value):
        year, month, number = (int(part) for part in match.groups())
    elif match := _DAY_ENDS_WITH_YEAR.match(value):
        first, second, year = (int(part) for part in match.groups())
        # What cannot be a month is the day, whatever the person's habit.
        month_first = second > 12 or (context.month_first and first <= 12)
        month, number = (first, second) if month_first else (second, first)
    elif match := _DAY_AS_DIGITS.fullmatch(value):
        year, month, number = (int(part) for part in match.groups())
    else:
        return _read_day_in_words(value)
    try:
        found = _known(date(year, month, number))
    except ValueError as error:
        raise Invalid(Fault.BAD_DATE) from error
    return found, value[match.end() :].strip().removeprefix("T").removeprefix("t").strip()


def _read_day_in_words(value: str) -> tuple[date, str]:
    for form in _DAY_IN_WORDS:
        try:
            return _known(datetime.strptime(value, form).date()), ""  # a day has no zone
        except ValueError:
            continue
    raise Invalid(Fault.BAD_DATE)


def _known(found: date) -> date:
    if not is_known_day(found):
        raise Invalid(Fault.BAD_DATE)
    return found


def _at(found: date, clock: str, context: ValueContext) -> datetime:
    if not clock:
        return datetime(found.year, found.month, found.day, tzinfo=context.time_zone)
    match = _CLOCK.fullmatch(clock)
    if not match:
        raise Invalid(Fault.BAD_TIME)
    before, hours, minutes, seconds, after, offset = match.groups()
    hour = int(hours)
    if (before in ("下午", "晚上") or (after or "").lower() == "pm") and hour < 12:
        hour += 12
    elif (after or "").lower() == "am" and hour == 12:
        hour = 0
    try:
        zone = _zone(offset) if offset else context.time_zone
        return datetime(found.year, found.month, found.day, hour, int(minutes), int(seconds or 0), tzinfo=zone)
    except ValueError as error:
        raise Invalid(Fault.BAD_TIME) from error


def _zone(offset: str) -> tzinfo:
    return UTC if offset.lower() == "z" else datetime.strptime(offset.replace(":", ""), "%z").tzinfo or UTC


# -- numbers

_CURRENCY_SIGNS = re.compile(r"^(?:[¥￥$€£₩元]|[a-z]{3})\s*|\s*(?:[¥￥$€£₩元]|[a-z]{3})$", re.IGNORECASE)


def integer(cell: str) -> str:
    value = _plain_number(cell, Fault.BAD_NUMBER)
    if value != value.to_integral_value() or abs(value) >= 2**63:
        raise Invalid(Fault.BAD_NUMBER)
    return str(int(value)) if cell.strip() else ""


def money(context: ValueContext) -> Convert:
    """Minor units of the tenant's currency; more decimals than it has are refused rather than rounded."""

    def convert(cell: str) -> str:
        value = _scaled(_plain_number(cell, Fault.BAD_AMOUNT), context.minor_digits, Fault.BAD_AMOUNT)
        return value if cell.strip() else ""

    return convert


def quantity(cell: str) -> str:
    """Thousandths; more decimals are refused rather than rounded."""
    return _scaled(_plain_number(cell, Fault.BAD_QUANTITY), 3, Fault.BAD_QUANTITY) if cell.strip() else ""


def percent(cell: str) -> str:
    """Basis points: 13, 13 % and 13％ are 1300; so is 0.13, which is how a spreadsheet keeps 13 %."""
    text = unicodedata.normalize("NFKC", cell).strip()
    if not text:
        return ""
    number = _plain_number(text.removesuffix("%"), Fault.BAD_PERCENT)
    if not text.endswith("%") and 0 < number < 1:
        number *= 100
    if not 0 <= number <= 100:
        raise Invalid(Fault.BAD_PERCENT)
    return _scaled(number, 2, Fault.BAD_PERCENT)


def _scaled(value: Decimal, digits: int, code: Fault) -> str:
    scaled = value.scaleb(digits)
    if scaled != scaled.to_integral_value() or abs(scaled) >= 2**63:
        raise Invalid(code)
    return str(int(scaled))


def _plain_number(cell: str, code: Fault) -> Decimal:
    """1250.50, 1,250.50, 1.250,50, 1 250,50, ¥1,250.50, (1250.50), −3. With one comma: 1,250 is a thousand."""
    value = unicodedata.normalize("NFKC", cell).strip().replace("−", "-").replace("\u2019", "'")
    negative = value.startswith("(") and value.endswith(")")
    value = _CURRENCY_SIGNS.sub("", value.strip("()").strip()).strip()
    if value.startswith("-"):
        negative, value = not negative, _CURRENCY_SIGNS.sub("", value[1:].strip())
    value = value.replace(" ", "").replace("\u00a0", "").replace("'", "")
    comma, dot = value.rfind(","), value.rfind(".")
    if comma >= 0 and dot >= 0:
        group, point = (",", ".") if dot > comma else (".", ",")
        value = value.replace(group, "").replace(point, ".")
    elif comma >= 0:
        grouped = re.fullmatch(r"\d{1,3}(?:,\d{3})+", value)
        value = value.replace(",", "" if grouped else ".")
    if not value and cell.strip():
        raise Invalid(code)  # a currency alone
    try:
        number = Decimal(value or "0")
    except InvalidOperation as error:
        raise Invalid(code) from error
    # Beyond any column, and beyond what arithmetic with decimals takes.
    if not number.is_finite() or abs(number.adjusted()) > 30:
        raise Invalid(code)
    return -number if negative else number


# -- words

YES_NO = {
    "t": ("yes", "y", "true", "1", "x", "是", "对", "有", "✓", "√"),
    "f": ("no", "n", "false", "0", "否", "不", "无", "没有"),
}


def one_of(words: Mapping[str, Iterable[str]], code: Fault = Fault.BAD_CHOICE) -> Convert:
    """`words`: {stored value: the words that mean it}."""
    known = {fold(word): value for value, some in words.items() for word in (value, *some)}

    def convert(cell: str) -> str:
        value = known.get(cell)
        if value is not None:
            return value
        folded = fold(cell)
        if not folded:
            return ""
        try:
            return known[folded]
        except KeyError as error:
            raise Invalid(code) from error

    return convert


def choice_words(
    choices: Iterable[tuple[str, object]], more: Mapping[str, Iterable[str]], languages: Iterable[str]
) -> dict[str, list[str]]:
    """The words of a choice in every language of the product, and further ones that people write."""
    words: dict[str, list[str]] = {str(value): list(more.get(str(value), ())) for value, _label in choices}
    for language in languages:
        with override(language):
            for value, label in choices:
                words[str(value)].append(str(label))
    return words


def member(context: ValueContext) -> Convert:
    def convert(cell: str) -> str:
        folded = fold(cell)
        if not folded:
            return ""
        if folded not in context.members:
            raise Invalid(Fault.NO_MEMBER)
        found = context.members[folded]
        if found is None:
            raise Invalid(Fault.TWO_MEMBERS)
        return str(found)

    return convert


_BETWEEN_TAGS = re.compile(r"[,;|，；、\n]")  # full-width signs are typed too


def tags(max_length: int) -> Convert:
    """Several words, as the text of a PostgreSQL array."""

    def convert(cell: str) -> str:
        names = dict.fromkeys(_BLANKS.sub(" ", plain_line(part)) for part in _BETWEEN_TAGS.split(cell))
        names.pop("", None)
        if not names:
            return ""
        if any(len(name) > max_length for name in names):
            raise Invalid(Fault.TOO_LONG)
        quoted = (name.replace("\\", "\\\\").replace('"', '\\"') for name in names)
        return "{" + ",".join(f'"{name}"' for name in quoted) + "}"

    return convert
