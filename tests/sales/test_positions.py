"""Where a deal stands within its stage, whatever the numbers do."""

from random import Random

import pytest

from sales.models import Deal
from sales.operations import positions
from sales.operations.deals import move_deal
from tests.factories.deals import make_deal, make_pipeline

pytestmark = pytest.mark.django_db


@pytest.fixture
def pipeline(in_tenant):
    return make_pipeline(in_tenant)


def order() -> list[int]:
    return list(Deal.objects.order_by("pos", "id").values_list("pk", flat=True))


def put(deal: Deal, owner, above: Deal | None) -> None:
    move_deal(deal=deal, stage=deal.stage, user=owner.user, above=above.pk if above else None)


def test_new_deals_stand_on_top(pipeline):
    first, second = make_deal(pipeline), make_deal(pipeline)

    assert order() == [second.pk, first.pk]


def test_deal_is_put_on_top_below_another_or_at_the_end(pipeline, owner):
    a, b, c = (make_deal(pipeline) for _ in range(3))

    put(a, owner, None)
    on_top = order()
    put(a, owner, c)
    between = order()
    put(a, owner, b)

    assert on_top == [a.pk, c.pk, b.pk]
    assert between == [c.pk, a.pk, b.pk]
    assert order() == [c.pk, b.pk, a.pk]


def test_neighbour_that_has_left_the_stage_is_none(pipeline, owner):
    a, b = make_deal(pipeline), make_deal(pipeline)
    gone = make_deal(pipeline, "Engaging")

    put(a, owner, gone)

    assert [pk for pk in order() if pk != gone.pk] == [a.pk, b.pk]


@pytest.mark.parametrize("stretches", [(32, 256, 2_048), (2, 4, 8)], ids=str)
def test_order_is_kept_when_there_is_no_room_left(pipeline, owner, stretches, monkeypatch):
    """As a list would: whatever is put wherever, also where all numbers lie side by side."""
    monkeypatch.setattr(positions, "STRETCHES", stretches)
    random = Random(7)  # noqa: S311  # nothing secret
    deals = [make_deal(pipeline) for _ in range(12)]
    for place, deal in enumerate(deals):
        # No number between any two.
        Deal.objects.filter(pk=deal.pk).update(pos=place)
    expected = [deal.pk for deal in deals]

    for _ in range(40):
        deal = random.choice(deals)
        others = [pk for pk in expected if pk != deal.pk]
        place = random.randrange(len(others) + 1)
        above = Deal(pk=others[place - 1]) if place else None
        put(deal, owner, above)
        expected = [*others[:place], deal.pk, *others[place:]]

        assert order() == expected


def test_room_is_made_by_few_statements_however_many_deals_there_are(pipeline, owner, django_assert_max_num_queries):
    deals = [make_deal(pipeline) for _ in range(100)]
    for place, deal in enumerate(deals):
        Deal.objects.filter(pk=deal.pk).update(pos=place if place < 20 else place * 1_000_000)

    with django_assert_max_num_queries(12):
        put(deals[50], owner, deals[3])

    assert order()[3:6] == [deals[3].pk, deals[50].pk, deals[4].pk]


def test_without_any_room_deals_share_a_number(pipeline, owner, monkeypatch):
    monkeypatch.setattr(positions, "STRETCHES", (2,))
    deals = [make_deal(pipeline) for _ in range(8)]
    for place, deal in enumerate(deals):
        Deal.objects.filter(pk=deal.pk).update(pos=place)

    put(deals[7], owner, deals[0])

    assert Deal.objects.get(pk=deals[7].pk).pos == 0
