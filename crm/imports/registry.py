"""What can be imported. An app declares its kinds in its `imports.py`; nothing else has to be written for one.

register(
    ImportKind(
        kind="products",
        model=Product,
        label=_("Products"),
        fields=(
            ImportField("name", _("Name"), required=True, words=("名称", "品名", "product")),
            ImportField("price_minor", _("Price"), type=FieldType.MONEY, words=("价格", "price")),
        ),
        keys=(MatchKey("code", ("code",)),),
    )
)
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, cast

from django.conf import settings
from django.db import models
from django.utils.functional import Promise
from django.utils.module_loading import autodiscover_modules
from django.utils.translation import gettext_lazy as _

from crm.access.policy import Policy, policy_for
from crm.search.index import SearchEntry
from crm.tenancy.base import TenantModel
from crm.tenancy.fields import column_field
from crm.tenancy.models import Membership

from . import values
from .values import Convert, ValueContext

Text = str | Promise


class FieldType(StrEnum):
    TEXT = "text"
    PHONE = "phone"
    EMAIL = "email"
    URL = "url"
    DATE = "date"
    DATETIME = "datetime"
    INTEGER = "integer"
    MONEY = "money"
    QUANTITY = "quantity"
    PERCENT = "percent"
    YES_NO = "yes_no"
    CHOICE = "choice"
    MEMBER = "member"
    TAGS = "tags"
    REFERENCE = "reference"


class OnMatch(models.TextChoices):
    """What happens to a row whose key fits a record that is there already."""

    UPDATE = "update", _("Update the record; blank cells leave it as it is")
    SKIP = "skip", _("Skip the row")
    CREATE = "create", _("Create another record anyway")


@dataclass(frozen=True)
class ImportField:
    """Something a column may be mapped to.

    `name`        field of the model, unless `target` names that (two fields may fill one, as by name or by number)
    `words`       further headings, in both languages, that mean it; the label in every language counts anyway
    `more`        CHOICE: {value: further words}, beside the labels in every language
    `options`     CHOICE: {value: words} of what this tenant has, asked for when the import begins, instead of choices
    `to`, `by`    REFERENCE: the kind it points to, and which of that kind's match keys the cell holds
    `permission`  action of the kind's policy that a person needs to fill it
    `forgiving`   a cell that cannot be read, or names nothing that is known, is left out and told; the row comes in
    """

    name: str
    label: Text
    type: FieldType = FieldType.TEXT
    words: Sequence[str] = ()
    required: bool = False
    target: str = ""
    clean: Callable[[str], str] | None = None
    more: Mapping[str, Iterable[str]] = field(default_factory=dict)
    to: str = ""
    by: str = ""
    permission: str = ""
    options: Callable[[], Mapping[str, Iterable[str]]] | None = None
    forgiving: bool = False

    @property
    def fills(self) -> str:
        return self.target or self.name


@dataclass(frozen=True)
class MatchKey:
    """Fields that together tell a record from others. `index` is compared too, where an index begins with it."""

    name: str
    fields: Sequence[str]
    label: Text
    index: str = ""


@dataclass(frozen=True)
class Derived:
    """A column that is computed from one field whenever that is written."""

    column: str
    source: str
    compute: Callable[[str], str]


@dataclass(frozen=True)
class Computed:
    """A field that follows from several others where no column of the file fills it: an amount from quantity and price.

    `compute` takes what the cells of `sources` became, none of them blank. A row in which one is blank has no value,
    and is refused where a new record needs one.
    """

    field: str
    sources: Sequence[str]
    compute: Callable[..., str]


@dataclass(frozen=True)
class Search:
    """How records of the kind get into the search. `reindex` takes ids and reads the records back.

    Where the words come from fields of the row alone, `entry` and `words` let a new record skip that: the words are
    made while the file is read, by `words(tenant id, *fields)`.
    """

    reindex: Callable[[list[int]], None]
    entry: type[SearchEntry] | None = None
    fields: Sequence[str] = ()
    words: Callable[..., str] | None = None


@dataclass(frozen=True)
class TagLink:
    """The table between records and tags: `record` and `tag` are its keys."""

    model: type[TenantModel]
    record: str
    tag: str = "tag"

    @property
    def tag_model(self) -> type[TenantModel]:
        return cast(type[TenantModel], column_field(self.model, self.tag).related_model)


@dataclass(frozen=True)
class ImportKind:
    """A kind of record that can be imported.

    `owner`     field that gets the importing person for new records, when that was chosen
    `author`    field that always gets the importing person
    `defaults`  {field: value} of new records for fields that the file does not fill; or a function of the tenant
    `written`   called in the chunk's transaction with the ids of its new and changed records
    `changed`   called before that with {id: {column: [before, after]}} of records that were there already
    `undoing`   called with the ids of records before they are taken back; what it returns is called when that is done
    """

    kind: str
    model: type[TenantModel]
    label: Text
    fields: Sequence[ImportField]
    keys: Sequence[MatchKey] = ()
    derived: Sequence[Derived] = ()
    computed: Sequence[Computed] = ()
    search: Search | None = None
    tags: TagLink | None = None
    owner: str = ""
    author: str = ""
    defaults: Mapping[str, Any] = field(default_factory=dict)
    written: Callable[[list[int]], None] | None = None
    changed: Callable[[dict[int, dict[str, list[Any]]]], None] | None = None
    undoing: Callable[[list[int]], Callable[[], None]] | None = None

    @property
    def policy(self) -> Policy:
        return policy_for(self.model)

    def field(self, name: str) -> ImportField:
        """Raises KeyError."""
        return next((one for one in self.fields if one.name == name), None) or _missing(name)

    def key(self, name: str) -> MatchKey:
        """Raises KeyError."""
        return next((one for one in self.keys if one.name == name), None) or _missing(name)

    def fields_for(self, membership: Membership | None) -> list[ImportField]:
        """The fields that a member may fill; without a member, as on the operator's command line, all."""
        return [
            one
            for one in self.fields
            if not one.permission or membership is None or self.policy.may(membership, one.permission)
        ]

    def may_import(self, membership: Membership) -> bool:
        return self.policy.may(membership, "import")

    def may_update(self, membership: Membership | None) -> bool:
        return membership is None or self.policy.may(membership, "edit")

    def converter(self, one: ImportField, context: ValueContext) -> Convert:
        """What turns a cell into the text that COPY takes for the field."""
        if one.type == FieldType.REFERENCE:
            other = import_kinds[one.to]
            return other.converter(other.field(other.key(one.by).fields[0]), context)
        if one.type == FieldType.TAGS:
            assert self.tags is not None
            return values.tags(column_field(self.tags.tag_model, "name").max_length or 100)
        return _CONVERTERS[one.type](one, column_field(self.model, one.fills), context)


def _missing(name: str) -> Any:
    raise KeyError(name)


def _clean(one: ImportField) -> Callable[[str], str]:
    return one.clean or str.strip


def _choice(one: ImportField, column: models.Field, context: ValueContext) -> Convert:
    if one.options is not None:
        return values.one_of(one.options())
    choices = [(value, label) for value, label in column.flatchoices if value != ""]
    languages = [code for code, _name in settings.LANGUAGES]
    return values.one_of(values.choice_words(choices, one.more, languages))


_CONVERTERS: dict[FieldType, Callable[[ImportField, models.Field, ValueContext], Convert]] = {
    FieldType.TEXT: lambda one, column, context: values.text(
        column.max_length, lines=isinstance(column, models.TextField), clean=one.clean
    ),
    FieldType.PHONE: lambda one, column, context: values.phone(column.max_length or 20, _clean(one)),
    FieldType.EMAIL: lambda one, column, context: values.email(column.max_length or 254, _clean(one)),
    FieldType.URL: lambda one, column, context: values.url(column.max_length or 200),
    FieldType.DATE: lambda one, column, context: values.day(context),
    FieldType.DATETIME: lambda one, column, context: values.moment(context),
    FieldType.INTEGER: lambda one, column, context: values.integer,
    FieldType.MONEY: lambda one, column, context: values.money(context),
    FieldType.QUANTITY: lambda one, column, context: values.quantity,
    FieldType.PERCENT: lambda one, column, context: values.percent,
    FieldType.YES_NO: lambda one, column, context: values.one_of(values.YES_NO, values.Fault.BAD_YES_NO),
    FieldType.CHOICE: _choice,
    FieldType.MEMBER: lambda one, column, context: values.member(context),
}


class _ImportKinds(Mapping[str, ImportKind]):
    """{kind: declaration}, from the `imports` module of every app, read when first asked for."""

    def __init__(self) -> None:
        self._kinds: dict[str, ImportKind] = {}
        self._looked = False

    def add(self, kind: ImportKind) -> ImportKind:
        self._kinds[kind.kind] = kind
        return kind

    def _discovered(self) -> dict[str, ImportKind]:
        if not self._looked:
            self._looked = True
            autodiscover_modules("imports")
        return self._kinds

    def __getitem__(self, kind: str) -> ImportKind:
        return self._discovered()[kind]

    def __iter__(self):
        return iter(self._discovered())

    def __len__(self) -> int:
        return len(self._discovered())


import_kinds = _ImportKinds()
register = import_kinds.add
