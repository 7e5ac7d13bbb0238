"""The totals of a stage are always those of its deals, whatever is done to them and by how many at once."""

from __future__ import annotations

import threading
from random import Random

import pytest
from django.db import connection, transaction
from django.db.models import Sum

from crm.access.roles import Role
from crm.rollups.comparing import differences, settle_differences
from crm.rollups.tasks import check_rollups_of_tenant
from crm.tenancy.context import tenant_atomic, use_tenant
from sales.models import Deal, DealStageStat, LostReason, Stage
from sales.operations.deals import assign_deals, delete_deals, move_deal, move_deals
from sales.rollups import STAGE_STATS
from tests.factories import make_customer, make_member, make_tenant
from tests.factories.deals import make_deal, make_lost_reason, make_pipeline, stage


def sums() -> dict[tuple, tuple[int, int]]:
    rows = DealStageStat.objects.order_by().values_list("stage__name", "owner__email", "currency")
    found = rows.annotate(n=Sum("deal_count"), total=Sum("amount"))
    return {tuple(key): (n, total) for *key, n, total in found if n or total}


@pytest.mark.django_db
class TestOneAfterAnother:
    @pytest.fixture
    def pipeline(self, in_tenant):
        return make_pipeline(in_tenant)

    def test_new_deals_count_by_stage_owner_and_currency(self, pipeline, owner):
        make_deal(pipeline, amount=100, owner=owner.user)
        make_deal(pipeline, amount=20, owner=owner.user)
        make_deal(pipeline, amount=7, currency="CNY", owner=owner.user)
        make_deal(pipeline)

        assert sums() == {
            ("Prospecting", "sales@acme.example", "USD"): (2, 120),
            ("Prospecting", "sales@acme.example", "CNY"): (1, 7),
            ("Prospecting", None, "USD"): (1, 0),
        }

    def test_what_leaves_a_stage_is_taken_off_there(self, pipeline, owner, colleague):
        deal = make_deal(pipeline, amount=100, owner=owner.user)

        move_deal(deal=deal, stage=stage(pipeline, "Engaging"), user=owner.user)
        assign_deals(deals=Deal.objects.all(), owner=colleague.user)
        Deal.objects.update(amount=150)

        assert sums() == {("Engaging", "sales2@acme.example", "USD"): (1, 150)}

    def test_deleted_deals_count_no_more_also_when_they_go_with_their_customer(self, in_tenant, pipeline):
        make_deal(pipeline, amount=1, customer=make_customer(in_tenant))
        make_deal(pipeline, amount=2)

        in_tenant.customers.all()._raw_delete(using="default")
        after_customer = sums()
        delete_deals(deals=Deal.objects.all())

        assert after_customer == {("Prospecting", None, "USD"): (1, 2)}
        assert sums() == {}

    def test_many_rows_of_one_statement_count_once_each(self, in_tenant, pipeline, django_assert_num_queries):
        where = stage(pipeline, "Engaging")
        deals = [
            Deal(name=str(n), name_sort=str(n), pipeline=pipeline, stage=where, amount=n, currency="USD")
            for n in range(300)
        ]

        with django_assert_num_queries(1):
            Deal.objects.bulk_create(deals)

        assert sums() == {("Engaging", None, "USD"): (300, sum(range(300)))}

    def test_what_was_rolled_back_never_counted(self, pipeline):
        with pytest.raises(RuntimeError), transaction.atomic():
            make_deal(pipeline, amount=5)
            raise RuntimeError

        assert sums() == {}

    def test_comparing_takes_two_statements_and_finds_nothing_where_all_is_well(
        self, pipeline, owner, django_assert_num_queries
    ):
        for where in ("Prospecting", "Won"):
            make_deal(pipeline, where, amount=3, owner=owner.user)

        with django_assert_num_queries(2):
            assert differences(STAGE_STATS) == []

    def test_totals_that_went_wrong_are_put_right_at_night(self, pipeline, owner, caplog):
        make_deal(pipeline, amount=100, owner=owner.user)
        DealStageStat.objects.update(deal_count=7, amount=0)
        make_deal(pipeline, "Engaging", amount=50)
        DealStageStat.objects.filter(stage=stage(pipeline, "Engaging")).delete()

        assert len(differences(STAGE_STATS)) == 2
        assert settle_differences(STAGE_STATS) == 2

        assert differences(STAGE_STATS) == []
        assert "put right" in caplog.text
        assert sums() == {
            ("Prospecting", "sales@acme.example", "USD"): (1, 100),
            ("Engaging", None, "USD"): (1, 50),
        }

    def test_task_compares_the_tenant_it_is_given(self, tenant, pipeline, other_tenant):
        make_deal(pipeline, amount=100)
        DealStageStat.objects.update(amount=1)

        check_rollups_of_tenant(tenant_id=other_tenant.pk)
        assert len(differences(STAGE_STATS)) == 1
        check_rollups_of_tenant(tenant_id=tenant.pk)
        assert differences(STAGE_STATS) == []


WORKERS, STEPS = 4, 25


@pytest.mark.parametrize("seed", [1, 2])
def test_totals_are_right_after_whatever_several_people_did_at_once(committed_db, seed):
    """Random operations on the same deals, each in its own transaction, some rolled back; then everything recounted."""
    tenant = make_tenant("acme")
    people = [make_member(tenant, f"{n}@acme.example", Role.SALES).user for n in range(2)]
    with tenant_atomic(tenant):
        pipeline = make_pipeline(tenant)
        reason = make_lost_reason(tenant)
        for number in range(12):
            make_deal(pipeline, amount=number * 100, owner=people[number % 2])
        stages = list(Stage.objects.all())
    together = threading.Barrier(WORKERS, timeout=30)
    faults: list[BaseException] = []

    def work(number: int) -> None:
        random = Random(f"{seed} {number}")  # noqa: S311  # nothing secret
        try:
            with use_tenant(tenant, people[0]):
                together.wait()
                for _ in range(STEPS):
                    _one_operation(random, pipeline, stages, reason, people)
        except BaseException as fault:
            faults.append(fault)
        finally:
            connection.close()

    threads = [threading.Thread(target=work, args=[number]) for number in range(WORKERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=120)

    assert faults == []
    with tenant_atomic(tenant):
        assert Deal.objects.exists()
        assert differences(STAGE_STATS) == []


class _ThinkAgain(Exception):
    pass


def _one_operation(random: Random, pipeline, stages: list[Stage], reason: LostReason, people) -> None:
    try:
        with transaction.atomic():
            ids = list(Deal.objects.order_by("pk").values_list("pk", flat=True))
            chosen = sorted(random.sample(ids, min(len(ids), random.randrange(1, 5))))
            rows = Deal.objects.filter(pk__in=chosen)
            # As bulk actions do, so that nobody waits in a circle.
            list(rows.order_by("pk").select_for_update(of=("self",)).values_list("pk", flat=True))
            _act(random, rows, pipeline, stages, reason, people)
            if random.random() < 0.2:
                raise _ThinkAgain
    except _ThinkAgain:
        pass


def _act(random: Random, rows, pipeline, stages, reason, people) -> None:
    verb = random.choice(("create", "move", "move", "drag", "assign", "price", "delete"))
    if verb == "create":
        make_deal(pipeline, amount=random.randrange(1_000), owner=random.choice((None, *people)))
    elif verb == "move":
        move_deals(deals=rows, stage=random.choice(stages), user=people[0], lost_reason=reason)
    elif verb == "drag":
        for deal in rows[:1]:
            move_deal(deal=deal, stage=random.choice(stages), user=people[1], lost_reason=reason)
    elif verb == "assign":
        assign_deals(deals=rows, owner=random.choice((None, *people)))
    elif verb == "price":
        rows.update(amount=random.choice((None, random.randrange(10_000))))
    elif Deal.objects.count() > 6:
        delete_deals(deals=rows)


def test_a_move_does_not_wait_for_somebody_who_changes_many_deals(committed_db):
    """An import holds its totals until its chunk is through; a card is dropped meanwhile."""
    tenant = make_tenant("acme")
    person = make_member(tenant, "sales@acme.example", Role.SALES).user
    with tenant_atomic(tenant):
        pipeline = make_pipeline(tenant)
        mine = make_deal(pipeline, amount=1, owner=person)
        make_deal(pipeline, amount=1, owner=person)
        engaging = stage(pipeline, "Engaging")
    changed, moved = threading.Event(), threading.Event()

    def change_many() -> None:
        try:
            with tenant_atomic(tenant):
                move_deals(deals=Deal.objects.exclude(pk=mine.pk), stage=engaging, user=person)
                changed.set()
                assert moved.wait(timeout=20)
        finally:
            connection.close()

    other = threading.Thread(target=change_many)
    other.start()
    assert changed.wait(timeout=20)
    with tenant_atomic(tenant):
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL lock_timeout = '3s'")
        move_deal(deal=mine, stage=engaging, user=person)
    moved.set()
    other.join(timeout=20)

    with tenant_atomic(tenant):
        assert differences(STAGE_STATS) == []
        assert sums() == {("Engaging", "sales@acme.example", "USD"): (2, 2)}
