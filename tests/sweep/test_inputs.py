"""Another tenant's ids in a query, in a form and among a form's choices."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice, product
from typing import Any
from urllib.parse import urlencode

import pytest
from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import QuerySet

from crm.access.roles import Role

from .conftest import World
from .pages import Page
from .test_pages import EVERY_PAGE, ask
from .watch import leaks, state

# Pages with a word in their address have one for each of its values; a few show what the code does with an input.
MOST_ADDRESSES = 3

# What pages read besides the fields of their forms.
COMMON = ("ids", "id", "pk", "after", "before", "view", "customer", "query", "next")


def forms_of(world: World, page: Page) -> list[forms.BaseForm]:
    """Every form that the page shows to an administrator: when it is opened, and when it is sent empty."""
    found: dict[type[forms.BaseForm], forms.BaseForm] = {}
    client = world.members[Role.ADMIN].client
    for url in islice(page.urls(world.ours, world.ours), MOST_ADDRESSES):
        # A list shows its filters when they are opened.
        for response in (ask(client, "GET", url), ask(client, "GET", f"{url}?panel=filters"), ask(client, "POST", url)):
            found |= {type(form): form for form in _forms_in(response.context)}
    return list(found.values())


def _forms_in(context: Any) -> Iterator[forms.BaseForm]:
    for layer in context or ():
        for value in layer.values() if isinstance(layer, dict) else layer.flatten().values():
            # By type(): a lazy value would be made here, where its request is over.
            if issubclass(type(value), forms.BaseForm):
                yield value
            elif issubclass(type(value), forms.BaseFormSet):
                yield from value


def foreign_keys(world: World) -> dict[type[models.Model], Any]:
    keys = {model: row.pk for model, row in world.theirs.rows.items()}
    return keys | {type(world.stranger.user): world.stranger.user.pk}


def chosen_rows(value: Any) -> list[models.Model]:
    if isinstance(value, QuerySet | list | tuple | set):
        return [one for one in value if isinstance(one, models.Model)]
    return [value] if isinstance(value, models.Model) else []


@EVERY_PAGE
def test_no_form_offers_or_takes_another_tenants_rows(world, page: Page):
    foreign = foreign_keys(world)

    for form in forms_of(world, page):
        for name, field in form.fields.items():
            for key in foreign.values():
                for typed in (key, str(key), [str(key)]):
                    try:
                        taken = chosen_rows(field.clean(typed))
                    except (ValidationError, TypeError, ValueError, AttributeError):
                        continue
                    assert [row for row in taken if foreign.get(type(row)) == row.pk] == [], f"{type(form)}.{name}"
            if isinstance(field, forms.ModelChoiceField):
                assert not field.queryset.filter(pk=foreign.get(field.queryset.model)).exists(), f"{type(form)}.{name}"


@EVERY_PAGE
def test_another_tenants_ids_in_query_and_body_do_nothing(world, page: Page):
    before = state(world.theirs)
    client = world.members[Role.ADMIN].client
    foreign = foreign_keys(world)
    keys = [foreign[model] for model in {page.model, type(world.stranger.user)} if model in foreign]
    shown = forms_of(world, page)
    names = {form.add_prefix(field) for form in shown for field in form.fields}

    for url in islice(page.urls(world.ours, world.ours), MOST_ADDRESSES):
        queries = [*({name: key} for name in names for key in keys), *(dict.fromkeys(COMMON, key) for key in keys)]
        for query in queries:
            response = ask(client, "GET", f"{url}?{urlencode(query)}")

            assert response.status_code < 500
            assert leaks(response, world.theirs) == []
        for data, is_foreign in bodies(shown, foreign, keys):
            response = ask(client, "POST", url, data)

            assert response.status_code < 500
            assert leaks(response, world.theirs) == []
            assert not (is_foreign and response.status_code == 302), data

    assert state(world.theirs) == before


def bodies(shown: list[forms.BaseForm], foreign: dict, keys: list) -> Iterator[tuple[dict[str, Any], bool]]:
    """What might be sent: each form as it is, but for one field, which names a row of the other tenant.

    With each, whether the field is known to be a choice of rows, so that success would be a fault.
    """
    for form in shown:
        usual = {form.add_prefix(name): form[name].value() for name in form.fields}
        usual = {name: value for name, value in usual.items() if value is not None}
        for name, field in form.fields.items():
            if isinstance(field, forms.ModelChoiceField):
                yield usual | {form.add_prefix(name): foreign.get(field.queryset.model, 0)}, True
            elif isinstance(field.widget, forms.HiddenInput):
                yield from ((usual | {form.add_prefix(name): key}, False) for key in keys)
    for key in keys:
        yield {"ids": [key], "confirmed": "1", "confirm": "1"}, False
        yield dict.fromkeys(COMMON, key), False


def test_the_sweep_sees_forms_and_would_notice(world):
    """The list of customers has a filter for the owner, and the page of a contact a choice of customers."""
    from .pages import tenant_pages

    by_name = {page.name: page for page in tenant_pages()}
    fields = {
        name: {field for form in forms_of(world, by_name[name]) for field in form.fields}
        for name in ("customers:customer_list", "customers:contact_create", "customers:customer_assign")
    }

    assert "owner" in fields["customers:customer_list"]
    assert "customer" in fields["customers:contact_create"]
    assert fields["customers:customer_assign"]


@pytest.mark.parametrize("text", ["theircanary", "theircanary name", "theircanary@theircanary.example"])
def test_search_finds_nothing_of_another_tenant(world, text):
    for member in world.members.values():
        for path, part in product(("search/", "search/results/"), ("first", "rest", "all")):
            response = member.get(path, data={"q": text, "part": part})

            assert response.status_code == 200
            assert leaks(response, world.theirs, typed=text) == []
