"""The ways to the records of a kind. Each answers which of some records a member reaches by it."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

from django.db import transaction
from django.db.models import Model
from django.urls import NoReverseMatch, set_urlconf

from crm.access.policy import may, policy_for
from crm.errors import ExportNotAllowed
from crm.exports.files import Format
from crm.exports.operations import export_to, listing_for
from crm.pages.registry import list_pages
from crm.search.registry import search, search_kinds
from crm.tenancy.context import use_tenant
from crm.tenancy.urls import TENANT_URLCONF, tenant_reverse
from tests.conftest import Member

# {id: record}
Records = dict[int, Model]
# The ids that are reached; None where the kind, or the role, has no such way.
Way = Callable[[Member, type[Model], Records], set[int] | None]


WORD = re.compile(r"canary[a-z]+")


def word_of(record: Model) -> str:
    """The word by which a record is known from the others, or "" when it says none."""
    found = WORD.search(str(record))
    return found[0] if found else ""


def by_policy(member: Member, model: type[Model], records: Records) -> set[int] | None:
    return {pk for pk, record in records.items() if may(member.membership, "view", record)}


def by_list(member: Member, model: type[Model], records: Records) -> set[int] | None:
    page = _list_page(model)
    if page is None:
        return None
    response = member.client.get(_address(member, page.url_name("list")))
    return set() if response.status_code == 403 else {row.pk for row in response.context["rows"].rows}


def by_detail(member: Member, model: type[Model], records: Records) -> set[int] | None:
    page = _list_page(model)
    try:
        addresses = {pk: _address(member, page.url_name("detail"), pk=pk) for pk in records} if page else {}
    except NoReverseMatch:
        return None
    return {pk for pk, url in addresses.items() if member.client.get(url).status_code == 200} if page else None


def by_pick(member: Member, model: type[Model], records: Records) -> set[int] | None:
    page = _list_page(model)
    if page is None:
        return None
    response = member.client.get(_address(member, "pages:pick", kind=page.kind), {"q": ""})
    return set() if response.status_code == 403 else {item["value"] for item in response.json()["items"]}


def by_search(member: Member, model: type[Model], records: Records) -> set[int] | None:
    kind = next((kind for kind in search_kinds() if kind.model is model), None)
    if kind is None:
        return None
    if not may(member.membership, "view", model):
        # What is found is linked to: the addresses are those below the tenant, as in a request.
        set_urlconf(TENANT_URLCONF)
        try:
            assert [group for group in search(member.membership, "canary", 50) if group.kind == kind.kind] == []
        finally:
            set_urlconf(None)
        return set()
    return {record.pk for record in kind.find(member.membership, "canary", 50)}


def by_palette(member: Member, model: type[Model], records: Records) -> set[int] | None:
    """What the palette links to, asked once per record: it shows only a few at a time."""
    if not any(kind.model is model for kind in search_kinds()):
        return None
    return {pk for pk, record in records.items() if _is_linked(member, record)}


def _is_linked(member: Member, record: Model) -> bool:
    shown = member.client.get(
        _address(member, "search:results"), {"q": word_of(record), "part": "all"}
    ).content.decode()
    page = _list_page(type(record))
    return page is not None and f'href="{_address(member, page.url_name("detail"), pk=record.pk)}"' in shown


def by_bulk(member: Member, model: type[Model], records: Records) -> set[int] | None:
    page = _list_page(model)
    policy = policy_for(model)
    verbs = (
        [action.verb for action in page.bulk_actions if policy.allows(member.membership, action.permission)]
        if page
        else []
    )
    if page is None or not verbs:
        return None
    url = _address(member, "pages:bulk", kind=page.kind, verb=verbs[0])
    counted = {pk: member.client.post(url, {"ids": [pk]}).context["count"].number for pk in records}
    everything = member.client.post(url, {"all": "1"}).context["count"].number
    reached = {pk for pk, count in counted.items() if count}
    assert everything == len(reached)
    return reached


def by_export(member: Member, model: type[Model], records: Records) -> set[int] | None:
    page = _list_page(model)
    if page is None or not all(word_of(record) for record in records.values()):
        return None
    try:
        listing = listing_for(member.membership, page.kind)
    except ExportNotAllowed:
        return None
    with TemporaryDirectory() as folder, transaction.atomic():
        path = Path(folder) / "export.csv"
        count = export_to(path, listing, Format.CSV)
        words = set(WORD.findall(path.read_text(encoding="utf-8-sig")))
    assert count == len(words)
    return {pk for pk, record in records.items() if word_of(record) in words}


def by_admin(member: Member, model: type[Model], records: Records) -> set[int] | None:
    meta = model._meta
    try:
        url = _address(member, f"admin:{meta.app_label}_{meta.model_name}_changelist")
    except NoReverseMatch:
        return None
    response = member.client.get(url)
    return {row.pk for row in response.context["cl"].queryset} if response.status_code == 200 else None


WAYS: dict[str, Way] = {
    "policy": by_policy,
    "list": by_list,
    "detail": by_detail,
    "pick": by_pick,
    "search": by_search,
    "palette": by_palette,
    "bulk": by_bulk,
    "export": by_export,
    "admin": by_admin,
}


def reached(member: Member, model: type[Model], records: Records) -> dict[str, set[int]]:
    """Return {way: ids of `records` that the member reaches by it}, for the ways that there are."""
    with use_tenant(member.membership.tenant, member.user):
        found = {name: way(member, model, records) for name, way in WAYS.items()}
    return {name: ids & records.keys() for name, ids in found.items() if ids is not None}


def _list_page(model: type[Model]):
    return next((page for page in list_pages.values() if page.model is model), None)


def _address(member: Member, name: str, **arguments) -> str:
    return tenant_reverse(member.membership.tenant, name, **arguments)
