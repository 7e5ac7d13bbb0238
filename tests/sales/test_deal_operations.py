from datetime import date, timedelta

import pytest
from django.utils import timezone

from crm.errors import ContactElsewhere, DealMoved, NothingToDo, ReasonMissing
from sales.choices.pipelines import DealStatus
from sales.models import Deal, DealStageChange
from sales.operations.deals import (
    assign_deals,
    delete_deals,
    lose_deal,
    move_deal,
    move_deals,
    reopen_deal,
    save_deal,
    win_deal,
)
from tests.factories import make_contact, make_customer
from tests.factories.deals import make_deal, make_lead, make_lost_reason, make_pipeline, stage

pytestmark = pytest.mark.django_db


@pytest.fixture
def pipeline(in_tenant):
    return make_pipeline(in_tenant)


def history(deal: Deal) -> list[tuple[str, str]]:
    return list(deal.stage_changes.order_by("at", "id").values_list("from_stage__name", "to_stage__name"))


def state(deal: Deal) -> tuple[str, str, bool]:
    deal = Deal.objects.select_related("stage").get(pk=deal.pk)
    return deal.stage.name, deal.status, deal.closed_at is not None


def test_new_deal_begins_today_in_the_stage_and_the_currency_of_the_tenant(in_tenant, pipeline, owner):
    deal = save_deal(deal=Deal(name="Pilot order"), stage=stage(pipeline, "Engaging"), user=owner.user)

    assert (deal.pipeline, deal.status, deal.currency) == (pipeline, "open", "USD")
    assert (deal.opened_on, deal.created_by) == (timezone.localdate(), owner.user)
    assert history(deal) == []


def test_editing_the_stage_of_a_deal_is_a_move_with_its_history(pipeline, owner):
    deal = make_deal(pipeline)
    deal.name = "Larger order"

    save_deal(deal=deal, stage=stage(pipeline, "Engaging"), user=owner.user)

    assert (state(deal), deal.version) == (("Engaging", "open", False), 2)
    assert history(deal) == [("Prospecting", "Engaging")]


def test_contact_of_a_deal_belongs_to_its_customer(in_tenant, pipeline, owner):
    elsewhere = make_contact(make_customer(in_tenant))
    deal = Deal(name="Pilot order", customer=make_customer(in_tenant, name="Red Hill"), contact=elsewhere)

    with pytest.raises(ContactElsewhere):
        save_deal(deal=deal, stage=stage(pipeline, "Prospecting"), user=owner.user)


def test_move_tells_who_and_how_long_the_deal_had_stayed(pipeline, owner):
    deal = make_deal(pipeline, stage_since=timezone.now() - timedelta(days=3))

    move_deal(deal=deal, stage=stage(pipeline, "Engaging"), user=owner.user)

    change = DealStageChange.objects.get()
    assert (change.by, change.stayed_seconds // 86_400) == (owner.user, 3)
    assert state(deal) == ("Engaging", "open", False)


def test_second_of_two_who_move_a_deal_is_told_who_was_faster(pipeline, owner, colleague):
    deal = make_deal(pipeline)
    seen = deal.stage_id
    move_deal(deal=deal, stage=stage(pipeline, "Engaging"), user=owner.user, seen_in=seen)

    with pytest.raises(DealMoved) as told:
        move_deal(deal=deal, stage=stage(pipeline, "Won"), user=colleague.user, seen_in=seen)

    assert str(owner.user) in str(told.value)
    assert "“Engaging”" in str(told.value)
    assert history(deal) == [("Prospecting", "Engaging")]


def test_place_within_a_stage_is_no_change_of_the_deal(pipeline, owner):
    below, above = make_deal(pipeline), make_deal(pipeline)

    move_deal(deal=above, stage=above.stage, user=owner.user, above=below.pk)

    assert list(Deal.objects.order_by("pos")) == [below, above]
    assert Deal.objects.get(pk=above.pk).version == 1
    assert history(above) == []


def test_won_deal_lies_in_the_stage_for_won_deals_since_the_day_that_was_said(pipeline, owner):
    deal = make_deal(pipeline, amount=100)
    day = timezone.localdate() - timedelta(days=9)

    win_deal(deal=deal, user=owner.user, amount=5_000, closed_on=day)

    deal.refresh_from_db()
    assert state(deal) == ("Won", "won", True)
    assert (deal.amount, timezone.localdate(deal.closed_at)) == (5_000, day)
    with pytest.raises(NothingToDo):
        win_deal(deal=deal, user=owner.user)


def test_lost_deal_keeps_why_until_it_is_open_again(in_tenant, pipeline, owner):
    deal, reason = make_deal(pipeline, "Engaging"), make_lost_reason(in_tenant)

    lose_deal(deal=deal, reason=reason, note="4% too dear", user=owner.user)
    deal.refresh_from_db()
    lost = (state(deal), deal.lost_reason, deal.lost_note)
    reopen_deal(deal=deal, user=owner.user)
    deal.refresh_from_db()

    assert lost == (("Lost", "lost", True), reason, "4% too dear")
    assert (state(deal), deal.lost_reason, deal.lost_note) == (("Engaging", "open", False), None, "")
    assert history(deal) == [("Engaging", "Lost"), ("Lost", "Engaging")]


def test_deal_that_was_created_as_won_reopens_in_the_first_stage(pipeline, owner):
    deal = make_deal(pipeline, "Won")

    reopen_deal(deal=deal, user=owner.user)

    assert state(deal) == ("Prospecting", "open", False)
    with pytest.raises(NothingToDo):
        reopen_deal(deal=deal, user=owner.user)


def test_deal_is_not_lost_without_a_reason(pipeline, owner):
    deal = make_deal(pipeline)

    with pytest.raises(ReasonMissing):
        move_deal(deal=deal, stage=stage(pipeline, "Lost"), user=owner.user)
    with pytest.raises(ReasonMissing):
        move_deals(deals=Deal.objects.all(), stage=stage(pipeline, "Lost"), user=owner.user)

    assert state(deal) == ("Prospecting", "open", False)


def test_many_deals_move_like_one(in_tenant, pipeline, owner):
    there = make_deal(pipeline, "Engaging")
    others = [make_deal(pipeline), make_deal(pipeline, "Won")]

    moved = move_deals(deals=Deal.objects.all(), stage=stage(pipeline, "Engaging"), user=owner.user)

    assert moved == 2
    assert [state(deal) for deal in (there, *others)] == [("Engaging", "open", False)] * 3
    assert history(there) == []
    assert [history(deal) for deal in others] == [[("Prospecting", "Engaging")], [("Won", "Engaging")]]
    assert len({*Deal.objects.values_list("pos", flat=True)}) == 3


def test_move_between_stages_of_one_kind_keeps_when_and_why_it_was_closed(in_tenant, pipeline, owner):
    reason = make_lost_reason(in_tenant)
    elsewhere = make_pipeline(in_tenant, "Renewals")
    deal = make_deal(pipeline)
    lose_deal(deal=deal, reason=reason, note="4% too dear", user=owner.user, closed_on=date(2026, 3, 2))
    before = Deal.objects.values("closed_at", "lost_reason", "lost_note").get()

    move_deals(deals=Deal.objects.all(), stage=stage(elsewhere, "Lost"), user=owner.user)

    assert Deal.objects.values("closed_at", "lost_reason", "lost_note").get() == before
    assert Deal.objects.get().pipeline == elsewhere


def test_only_deals_that_change_hands_are_counted(pipeline, owner, colleague):
    make_deal(pipeline, owner=owner.user)
    make_deal(pipeline, owner=colleague.user)
    make_deal(pipeline)

    assert assign_deals(deals=Deal.objects.all(), owner=owner.user) == 2
    assert assign_deals(deals=Deal.objects.all(), owner=None) == 3
    assert assign_deals(deals=Deal.objects.all(), owner=None) == 0


def test_deleted_deal_takes_its_history_along_and_leaves_its_lead(in_tenant, pipeline, owner):
    deal = make_deal(pipeline)
    move_deal(deal=deal, stage=stage(pipeline, "Engaging"), user=owner.user)
    lead = make_lead(in_tenant, deal=deal)

    delete_deals(deals=Deal.objects.filter(pk=deal.pk))

    lead.refresh_from_db()
    assert lead.deal_id is None
    assert not DealStageChange.objects.exists()


@pytest.mark.parametrize("kind", DealStatus)
def test_status_and_closing_follow_from_the_stage_whoever_saves(pipeline, kind):
    where = pipeline.stages.filter(kind=kind).first()

    deal = make_deal(pipeline, where.name)

    assert (deal.status, deal.closed_at is not None) == (kind, kind != DealStatus.OPEN)
