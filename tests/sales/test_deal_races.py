"""Two people at once, with real connections: one history, and who is slower is told."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
from django.db import connection

from crm.access.roles import Role
from crm.errors import CrmError, DealMoved, LeadConverted, NothingToDo
from crm.tenancy.context import tenant_atomic
from customers.models import Contact, Customer
from sales.models import Deal, DealStageChange, Lead
from sales.operations.deals import lose_deal, move_deal, win_deal
from sales.operations.leads import convert_lead, new_deal
from tests.factories import make_member, make_tenant
from tests.factories.deals import make_deal, make_lead, make_lost_reason, make_pipeline, stage


@pytest.fixture
def tenant(committed_db):
    return make_tenant("acme")


@pytest.fixture
def people(tenant):
    return [
        make_member(
            tenant,
            f"{name}@acme.example",
            Role.SALES,
        ).user
        for name in ("ann", "bob")
    ]


def at_once(tenant, people, act: Callable[[int], object]) -> list[CrmError]:
    """Let each person call `act(number)` in a transaction of their own at the same moment; returns who was refused."""
    together = threading.Barrier(len(people), timeout=30)
    refused: list[CrmError] = []
    faults: list[BaseException] = []

    def work(number: int) -> None:
        try:
            together.wait()
            with tenant_atomic(tenant, people[number]):
                act(number)
        except CrmError as error:
            refused.append(error)
        except BaseException as fault:
            faults.append(fault)
        finally:
            connection.close()

    threads = [threading.Thread(target=work, args=[number]) for number in range(len(people))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert faults == []
    return refused


def test_of_two_who_drag_one_card_one_moves_it_and_the_other_is_told(tenant, people):
    with tenant_atomic(tenant):
        pipeline = make_pipeline(tenant)
        deal = make_deal(pipeline)
        targets = [stage(pipeline, "Engaging"), stage(pipeline, "Won")]
        seen = deal.stage_id

    refused = at_once(
        tenant,
        people,
        lambda number: move_deal(deal=deal, stage=targets[number], user=people[number], seen_in=seen),
    )

    assert [type(error) for error in refused] == [DealMoved]
    with tenant_atomic(tenant):
        change = DealStageChange.objects.select_related("by", "to_stage").get()
        deal = Deal.objects.select_related("stage").get()
        assert (change.to_stage, change.by) == (deal.stage, people[targets.index(deal.stage)])
        assert str(change.by) in str(refused[0])
        assert deal.version == 2


def test_deal_is_not_won_and_lost_at_the_same_time(tenant, people):
    with tenant_atomic(tenant):
        pipeline = make_pipeline(tenant)
        deal = make_deal(pipeline)
        reason = make_lost_reason(tenant)

    def close(number: int) -> None:
        if number:
            lose_deal(deal=deal, reason=reason, user=people[1])
        else:
            win_deal(deal=deal, user=people[0])

    refused = at_once(tenant, people, close)

    # Both may count: then it was lost, and won after all, or the other way round, and the history says so.
    assert refused == []
    with tenant_atomic(tenant):
        deal = Deal.objects.select_related("stage").get()
        changes = list(DealStageChange.objects.order_by("id").values_list("from_stage", "to_stage"))
        assert [pair[0] for pair in changes[1:]] == [pair[1] for pair in changes[:-1]]
        assert changes[-1][1] == deal.stage_id
        assert (deal.lost_reason_id is not None) == (deal.status == "lost")


def test_deal_is_won_once(tenant, people):
    with tenant_atomic(tenant):
        deal = make_deal(make_pipeline(tenant))

    refused = at_once(tenant, people, lambda number: win_deal(deal=deal, user=people[number]))

    assert [type(error) for error in refused] == [NothingToDo]
    with tenant_atomic(tenant):
        assert DealStageChange.objects.count() == 1


def test_lead_is_converted_once(tenant, people):
    with tenant_atomic(tenant):
        first = stage(make_pipeline(tenant), "Prospecting")
        lead = make_lead(tenant, company="Blue River Ltd", phone="13800000000")

    def convert(number: int) -> None:
        deal = new_deal(name="Pilot order", stage=first, amount=100, currency="USD", owner=people[number])
        convert_lead(lead=lead, user=people[number], deal=deal)

    refused = at_once(tenant, people, convert)

    assert [type(error) for error in refused] == [LeadConverted]
    with tenant_atomic(tenant):
        assert [model.objects.count() for model in (Customer, Contact, Deal)] == [1, 1, 1]
        winner = Lead.objects.select_related("converted_by").get().converted_by
        assert str(winner) in str(refused[0])
