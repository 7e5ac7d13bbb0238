"""The sweep itself: a planted leak, write and choice must be caught, or all its silence would say nothing."""

import pytest
from django.http import HttpResponse

from crm.accounts.views import members
from crm.tenancy.context import use_tenant
from crm.tenancy.lints.kinds import tenant_models
from customers.models import Customer
from customers.views import CustomerDetail

from .pages import tenant_pages
from .test_inputs import test_no_form_offers_or_takes_another_tenants_rows as sweep_forms
from .test_pages import test_another_tenants_record_is_not_there as sweep_record
from .test_pages import test_pages_show_what_is_ours_and_write_nothing as sweep_reading
from .watch import leaks, state, written

PAGES = {page.name: page for page in tenant_pages()}


def test_a_planted_leak_is_caught(world, monkeypatch):
    """Teams have no row-level security: a page that forgets the tenant shows another one's."""
    monkeypatch.setattr(members.PeoplePage, "rows", lambda page: page.model._default_manager.all())

    with pytest.raises(AssertionError, match="GET /t/acme/settings/teams/"):
        sweep_record(world, PAGES["settings:team_edit"])


def test_a_planted_choice_is_caught(world, monkeypatch):
    monkeypatch.setattr(
        "crm.pages.forms.choices_within", lambda membership, model, present: model._default_manager.all()
    )

    with pytest.raises(AssertionError, match="InviteForm"):
        sweep_forms(world, PAGES["settings:member_invite"])


def test_a_planted_write_is_caught(world, monkeypatch):
    def get(self, request, **kwargs):
        Customer.objects.filter(pk=self.object.pk).update(city="seen")
        return HttpResponse("read")

    monkeypatch.setattr(CustomerDetail, "get", get)

    with pytest.raises(AssertionError, match="customers_customer"):
        sweep_reading(world, PAGES["customers:customer_detail"])


def test_every_model_has_its_canary(world):
    assert [model for model in tenant_models() if world.theirs.rows.get(model) is None] == []


def test_texts_of_a_row_are_told_from_what_was_typed(world):
    shown = HttpResponse("<td>theircanary name</td><input value='theircanary name'>theircanary")

    assert leaks(shown, world.theirs) == ["theircanary name'>theircanary", "theircanary name</td><input"]
    assert leaks(shown, world.theirs, typed="theircanary name") == []
    assert leaks(shown, world.ours) == []


def test_a_change_of_a_row_changes_the_state(world):
    before = state(world.theirs)

    with use_tenant(world.theirs.tenant), written() as tables:
        Customer.objects.filter(pk=world.theirs.rows[Customer].pk).update(city="changed")

    assert tables == {"customers_customer"}
    assert {table for table, now in state(world.theirs).items() if now != before[table]} >= {"customers_customer"}
