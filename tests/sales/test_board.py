"""The board: what it shows to whom, and what a move answers."""

from __future__ import annotations

import re

import pytest

from crm.tenancy.context import use_tenant
from sales import board
from sales.board import Owners, columns, more_cards
from sales.models import Deal, DealStageChange
from tests.factories import make_customer
from tests.factories.deals import make_deal, make_lost_reason, make_pipeline, stage

pytestmark = pytest.mark.django_db

BOARD_QUERIES = 12
MOVE_QUERIES = 17


@pytest.fixture
def pipeline(in_tenant):
    return make_pipeline(in_tenant)


def shown(member, asked: str = "") -> dict[str, list[str]]:
    """{stage: names of its cards, from the top}"""
    page = member.get(f"sales/board/{asked}").content.decode()
    found = {}
    for name, inside in re.findall(r'<section class="gx-stage"[^>]*aria-label="([^"]*)">(.*?)</section>', page, re.S):
        found[name] = re.findall(r'class="gx-deal-name"[^>]*>([^<]*)<', inside)
    return found


def names(deals) -> list[str]:
    return [deal.name for deal in deals]


def test_board_shows_each_stage_with_its_deals_the_latest_on_top(pipeline, admin):
    make_deal(pipeline, name="First")
    make_deal(pipeline, name="Second")
    make_deal(pipeline, "Won", name="Third")

    assert shown(admin) == {"Prospecting": ["Second", "First"], "Engaging": [], "Won": ["Third"], "Lost": []}


def test_representative_sees_own_deals_a_manager_the_teams_and_an_administrator_all(
    pipeline, owner, colleague, manager, admin, reader
):
    make_deal(pipeline, name="Mine", owner=owner.user)
    make_deal(pipeline, name="Theirs", owner=colleague.user)
    make_deal(pipeline, name="Nobody's")

    # The manager is in the same team as the owner, the colleague in another one.
    cards = {member.user.email: sorted(shown(member)["Prospecting"]) for member in (owner, colleague, manager)}
    assert cards == {
        "sales@acme.example": ["Mine"],
        "sales2@acme.example": ["Theirs"],
        "sales-manager@acme.example": ["Mine"],
    }
    assert len(shown(admin)["Prospecting"]) == len(shown(reader)["Prospecting"]) == 3


def test_sums_are_those_of_the_deals_one_sees(pipeline, owner, manager, admin, colleague):
    make_deal(pipeline, amount=100_00, owner=owner.user)
    make_deal(pipeline, amount=50_00, currency="EUR", owner=owner.user)
    make_deal(pipeline, amount=7_00, owner=colleague.user)

    def sums(member):
        (column,) = columns(pipeline, member.membership, Owners.seen_by(member.membership), of=[first.pk])
        return column.count, [(one.amount, one.currency, one.weighted) for one in column.totals]

    first = stage(pipeline, "Prospecting")
    assert sums(owner) == sums(manager) == (2, [(50_00, "EUR", 5_00), (100_00, "USD", 10_00)])
    assert sums(colleague) == (1, [(7_00, "USD", 70)])
    assert sums(admin) == (3, [(107_00, "USD", 10_70), (50_00, "EUR", 5_00)])


def test_board_of_one_person_or_of_nobody(pipeline, admin, owner, colleague):
    make_deal(pipeline, name="Mine", owner=admin.user)
    make_deal(pipeline, name="Theirs", owner=owner.user)
    make_deal(pipeline, name="Nobody's")

    assert shown(admin, "?owner=me")["Prospecting"] == ["Mine"]
    assert shown(admin, f"?owner={owner.user.pk}")["Prospecting"] == ["Theirs"]
    assert shown(admin, "?owner=nobody")["Prospecting"] == ["Nobody&#x27;s"]
    # Whoever sees only their own is shown no others by asking for them.
    assert shown(colleague, f"?owner={owner.user.pk}")["Prospecting"] == []
    assert shown(colleague, "?owner=nobody")["Prospecting"] == []


def test_another_pipeline_has_its_own_board(in_tenant, pipeline, admin):
    renewals = make_pipeline(in_tenant, "Renewals", position=1)
    make_deal(pipeline, name="New")
    make_deal(renewals, name="Again")

    assert shown(admin)["Prospecting"] == ["New"]
    assert shown(admin, f"?pipeline={renewals.pk}")["Prospecting"] == ["Again"]
    assert admin.get("sales/board/?pipeline=0").status_code == 404
    assert admin.get("sales/board/?owner=nonsense").status_code == 404


def test_column_begins_with_twenty_cards_and_goes_on_behind_the_last(pipeline, admin, monkeypatch):
    monkeypatch.setattr(board, "CARDS", 3)
    deals = [make_deal(pipeline, name=str(number)) for number in range(8)]
    where = stage(pipeline, "Prospecting")
    owners = Owners.seen_by(admin.membership)

    (column,) = columns(pipeline, admin.membership, owners, of=[where.pk])
    second = more_cards(where, admin.membership, owners, after=column.last)
    third = more_cards(where, admin.membership, owners, after=second.last)

    assert (names(column.cards), column.goes_on, column.count) == (["7", "6", "5"], True, 8)
    assert (names(second.cards), second.goes_on) == (["4", "3", "2"], True)
    assert (names(third.cards), third.goes_on) == (["1", "0"], False)
    assert more_cards(where, admin.membership, owners, after=deals[0].pk).cards == []


@pytest.mark.parametrize("scope", ["own", "team", "all", "nobody"])
def test_first_cards_of_every_reach_are_the_top_ones(pipeline, owner, manager, admin, in_tenant, scope, monkeypatch):
    monkeypatch.setattr(board, "CARDS", 2)
    people = [owner.user, manager.user, None]
    for number in range(12):
        make_deal(pipeline, ("Prospecting", "Engaging")[number % 2], name=str(number), owner=people[number % 3])
    member, owners = {
        "own": (owner, Owners.seen_by(owner.membership)),
        "team": (manager, Owners.seen_by(manager.membership)),
        "all": (admin, Owners.seen_by(admin.membership)),
        "nobody": (admin, Owners.seen_by(admin.membership, unowned=True)),
    }[scope]

    found = {column.stage.name: names(column.cards) for column in columns(pipeline, member.membership, owners)}

    expected = {"Prospecting": [], "Engaging": [], "Won": [], "Lost": []}
    for deal in Deal.objects.filter(owners.condition).select_related("stage").order_by("pos", "id"):
        if len(expected[deal.stage.name]) < 2:
            expected[deal.stage.name].append(deal.name)
    assert found == expected


@pytest.mark.parametrize("rows", [1, 3])
def test_board_states_the_same_few_queries(in_tenant, pipeline, manager, rows, django_assert_num_queries):
    for number in range(rows):
        customer = make_customer(in_tenant, name=str(number), owner=manager.user)
        make_deal(pipeline, customer=customer, owner=manager.user)
        make_deal(pipeline, "Engaging", customer=customer, owner=manager.user)
    manager.get("sales/board/")

    with django_assert_num_queries(BOARD_QUERIES):
        manager.get("sales/board/")


def test_move_answers_with_the_new_sums_and_the_card(pipeline, owner, django_assert_num_queries):
    deal = make_deal(pipeline, name="Pilot", amount=500_00, owner=owner.user)
    target = stage(pipeline, "Engaging")
    data = {"stage": target.pk, "seen_in": deal.stage_id}
    owner.get("sales/board/")

    with django_assert_num_queries(MOVE_QUERIES):
        answer = owner.post(f"sales/board/{deal.pk}/move/", data).json()

    assert answer["message"] == "“Pilot” is in “Engaging” now."
    assert ">0<" in answer["heads"][str(deal.stage_id)].replace("\n", "").replace(" ", "")
    assert "$500" in answer["heads"][str(target.pk)]
    assert f'data-deal="{deal.pk}"' in answer["card"]
    assert Deal.objects.get().stage == target


def test_card_is_put_below_the_one_it_was_dropped_under(pipeline, owner):
    a, b, moving = (make_deal(pipeline, name=name, owner=owner.user) for name in "abc")
    data = {"stage": a.stage_id, "seen_in": a.stage_id, "above": b.pk}

    owner.post(f"sales/board/{moving.pk}/move/", data)

    assert shown(owner)["Prospecting"] == ["b", "c", "a"]


def test_whoever_is_slower_is_told_and_moves_nothing(pipeline, owner, manager):
    deal = make_deal(pipeline, name="Pilot", owner=owner.user)
    seen = deal.stage_id
    owner.post(f"sales/board/{deal.pk}/move/", {"stage": stage(pipeline, "Engaging").pk, "seen_in": seen})

    late = manager.post(f"sales/board/{deal.pk}/move/", {"stage": stage(pipeline, "Won").pk, "seen_in": seen})

    assert late.status_code == 409
    assert late.json() == {
        "message": "sales@acme.example has moved “Pilot” to “Engaging” meanwhile. It was left there.",
        "stage": stage(pipeline, "Engaging").pk,
    }
    assert DealStageChange.objects.count() == 1


def test_card_is_not_lost_without_a_reason(in_tenant, pipeline, owner):
    deal = make_deal(pipeline, owner=owner.user)
    data = {"stage": stage(pipeline, "Lost").pk, "seen_in": deal.stage_id}

    refused = owner.post(f"sales/board/{deal.pk}/move/", data)
    accepted = owner.post(f"sales/board/{deal.pk}/move/", data | {"lost_reason": make_lost_reason(in_tenant).pk})

    assert (refused.status_code, refused.json()["message"]) == (422, "Say why the deal was lost.")
    assert accepted.status_code == 200
    assert Deal.objects.get().lost_reason.name == "Price too high"


def test_deal_out_of_sight_or_of_another_tenant_is_not_moved(
    pipeline, owner, colleague, reader, other_tenant, stranger
):
    deal = make_deal(pipeline, owner=owner.user)
    data = {"stage": stage(pipeline, "Engaging").pk}
    with use_tenant(other_tenant):
        elsewhere = make_pipeline(other_tenant)
        theirs = {"stage": stage(elsewhere, "Engaging").pk}

    assert colleague.post(f"sales/board/{deal.pk}/move/", data).status_code == 404
    assert stranger.post(f"sales/board/{deal.pk}/move/", theirs).status_code == 404
    assert reader.post(f"sales/board/{deal.pk}/move/", data).status_code == 403
    assert owner.post(f"sales/board/{deal.pk}/move/", theirs).status_code == 422
    assert not DealStageChange.objects.exists()


def test_parts_of_the_board_are_read_alone(pipeline, owner, colleague):
    deals = [make_deal(pipeline, name=f"Deal {number}", owner=owner.user) for number in range(3)]
    where = deals[0].stage_id

    column = owner.get(f"sales/board/stages/{where}/").content.decode()
    behind = owner.get(f"sales/board/stages/{where}/?after={deals[2].pk}").content.decode()

    assert re.findall(r"Deal \d(?=<)", column) == ["Deal 2", "Deal 1", "Deal 0"]
    assert column.strip().startswith("<section")
    assert re.findall(r"Deal \d(?=<)", behind) == ["Deal 1", "Deal 0"]
    assert "Deal" not in colleague.get(f"sales/board/stages/{where}/?after={deals[2].pk}").content.decode()
    assert owner.get("sales/board/stages/0/").status_code == 404


def test_retired_stage_shows_as_long_as_deals_wait_in_it(pipeline, admin):
    deal = make_deal(pipeline, "Engaging", name="Waiting")
    pipeline.stages.filter(name="Engaging").update(is_active=False)
    waiting = shown(admin)

    Deal.objects.filter(pk=deal.pk).update(stage=stage(pipeline, "Prospecting"))

    assert waiting["Engaging"] == ["Waiting"]
    assert "Engaging" not in shown(admin)


def test_reader_gets_a_board_that_nothing_can_be_moved_on(pipeline, reader):
    make_deal(pipeline, name="Pilot")

    page = reader.get("sales/board/").content.decode()

    assert "Pilot" in page
    assert "board.js" not in page
    assert "data-move" not in page


def test_without_a_pipeline_the_board_says_what_is_missing(admin):
    assert "No pipeline yet" in admin.get("sales/board/").content.decode()


def test_names_on_cards_are_text(pipeline, admin, in_tenant):
    make_deal(pipeline, name="<b>x</b>", customer=make_customer(in_tenant, name="<i>y</i>"))

    page = admin.get("sales/board/").content.decode()

    assert "&lt;b&gt;x&lt;/b&gt;" in page
    assert "<i>y" not in page


def test_short_addresses_lead_on(admin):
    assert admin.get("board/?owner=me").headers["Location"] == "/t/acme/sales/board/?owner=me"
    assert admin.get("deals/").headers["Location"] == "/t/acme/sales/deals/"
    assert admin.get("leads/").headers["Location"] == "/t/acme/sales/leads/"
