"""What the database counts along is always what there is, whatever is done to the rows and by how many at once."""

from __future__ import annotations

import threading
from datetime import UTC, date, datetime, timedelta
from random import Random

import pytest
from django.db import connection, transaction
from django.db.models import Sum
from django.utils import timezone

from crm.access.roles import Role
from crm.rollups.comparing import Difference, differences, rollups, settle_differences
from crm.rollups.tasks import check_rollups_of_tenant
from crm.tenancy.context import tenant_atomic, use_tenant
from customers.models import Customer, CustomerMonth
from customers.operations import delete_customers
from marketing.choices import Result
from marketing.models import CampaignResult, ResultMonth
from sales.choices.pipelines import DealStatus
from sales.models import Deal, DealMonth
from service.choices.tickets import TicketStatus
from service.models import Queue, Ticket, TicketDay, TicketState
from tests.factories import make_customer, make_member, make_tenant
from tests.factories.deals import make_deal, make_lost_reason, make_pipeline, stage
from tests.factories.marketing import make_result
from tests.factories.service import make_queue, make_ticket

MARCH, APRIL = date(2026, 3, 1), date(2026, 4, 1)


def at(month: int, day: int = 10, hour: int = 12) -> datetime:
    return datetime(2026, month, day, hour, tzinfo=UTC)


def sums(model, *names: str) -> dict[tuple, tuple]:
    """{key: sums} over the slots, what is zero left out."""
    rollup = rollups()[model]
    rows = model.objects.order_by().values_list(*(names or rollup.key))
    found = rows.annotate(**{f"n{place}": Sum(name) for place, name in enumerate(rollup.sums)})
    width = len(names or rollup.key)
    return {tuple(row[:width]): tuple(row[width:]) for row in found if any(row[width:])}


def wrong() -> dict[str, list[Difference]]:
    found = {model._meta.label: differences(rollup) for model, rollup in rollups().items()}
    return {label: some for label, some in found.items() if some}


@pytest.mark.django_db
class TestOneAfterAnother:
    @pytest.fixture
    def pipeline(self, in_tenant):
        return make_pipeline(in_tenant)

    def test_new_customers_count_by_month_and_owner(self, in_tenant, owner, colleague):
        make_customer(in_tenant, owner=owner.user, created_at=at(3))
        make_customer(in_tenant, owner=owner.user, created_at=at(3, 31))
        make_customer(in_tenant, created_at=at(4))
        moved = make_customer(in_tenant, owner=owner.user, created_at=at(4))
        Customer.objects.filter(pk=moved.pk).update(owner=colleague.user)

        assert sums(CustomerMonth) == {
            (MARCH, owner.user.pk): (2,),
            (APRIL, None): (1,),
            (APRIL, colleague.user.pk): (1,),
        }
        assert wrong() == {}

    def test_month_is_the_tenants(self, in_tenant):
        in_tenant.time_zone = "Asia/Shanghai"
        in_tenant.save()
        make_customer(in_tenant, created_at=at(3, 31, 15))
        make_customer(in_tenant, created_at=at(3, 31, 17))

        assert sums(CustomerMonth) == {(MARCH, None): (1,), (APRIL, None): (1,)}
        assert wrong() == {}

    def test_deals_count_in_the_month_of_their_closing(self, pipeline, owner):
        make_deal(pipeline, amount=100, owner=owner.user)
        make_deal(pipeline, "Won", amount=100, owner=owner.user, closed_at=at(3))
        make_deal(pipeline, "Won", amount=50, owner=owner.user, closed_at=at(3))
        make_deal(pipeline, "Lost", closed_at=at(4))
        make_deal(pipeline, "Lost", amount=7, currency="EUR", closed_at=at(4))

        assert sums(DealMonth) == {
            (MARCH, "won", owner.user.pk, "USD"): (2, 150),
            (APRIL, "lost", None, "USD"): (1, 0),
            (APRIL, "lost", None, "EUR"): (1, 7),
        }
        assert wrong() == {}

    def test_deal_that_is_opened_again_counts_no_more(self, pipeline):
        deal = make_deal(pipeline, "Won", amount=100, closed_at=at(3))

        deal.stage = stage(pipeline, "Engaging")
        deal.save()

        assert sums(DealMonth) == {}
        assert wrong() == {}

    def test_tickets_count_where_they_came_in_and_where_they_were_solved(self, in_tenant):
        first, other = make_queue(), make_queue(name="Returns")
        make_ticket(queue=first, now=at(3))
        late = make_ticket(queue=first, now=at(3))
        Ticket.objects.filter(pk=late.pk).update(
            resolve_missed=True, status=TicketStatus.SOLVED, solved_at=at(4), queue=other
        )

        assert sums(TicketDay) == {
            (date(2026, 3, 10), first.pk): (1, 0, 0),
            (date(2026, 3, 10), other.pk): (1, 1, 0),
            (date(2026, 4, 10), other.pk): (0, 0, 1),
        }
        assert sums(TicketState) == {(first.pk, TicketStatus.NEW): (1,), (other.pk, TicketStatus.SOLVED): (1,)}
        assert wrong() == {}

    def test_results_count_by_month(self, in_tenant):
        customer = make_customer(in_tenant)
        make_result(customer, result_on=date(2026, 3, 31))
        changed = make_result(customer, result_on=date(2026, 4, 1))
        CampaignResult.objects.filter(pk=changed.pk).update(result=Result.FAILURE)

        assert sums(ResultMonth) == {(MARCH, "success"): (1,), (APRIL, "failure"): (1,)}
        assert wrong() == {}

    def test_customer_who_is_deleted_takes_everything_along(self, in_tenant, pipeline):
        customer = make_customer(in_tenant)
        make_deal(pipeline, "Won", customer=customer, amount=5)
        make_ticket(queue=make_queue(), customer=customer)
        make_result(customer)

        delete_customers(customers=Customer.objects.all())

        assert [sums(model) for model in rollups()] == [{}] * len(rollups())
        assert wrong() == {}

    def test_many_rows_of_one_statement_count_once_each(self, in_tenant, django_assert_num_queries):
        rows = [Customer(name=str(n), name_sort=str(n), created_at=at(3)) for n in range(300)]

        with django_assert_num_queries(1):
            Customer.objects.bulk_create(rows)

        assert sums(CustomerMonth) == {(MARCH, None): (300,)}

    def test_change_of_something_else_leaves_the_counts_alone(self, in_tenant):
        make_customer(in_tenant)
        make_ticket(queue=make_queue())
        before = [list(model.objects.values()) for model in rollups()]

        Customer.objects.update(city="Boston")
        Ticket.objects.update(subject="Other")

        assert [list(model.objects.values()) for model in rollups()] == before

    @pytest.mark.parametrize("model", [CustomerMonth, DealMonth, TicketDay, TicketState, ResultMonth])
    def test_counts_that_went_wrong_are_put_right_at_night(
        self, tenant, other_tenant, pipeline, model, django_assert_num_queries
    ):
        customer = make_customer(tenant)
        make_deal(pipeline, "Won", customer=customer, amount=5)
        make_ticket(queue=make_queue(), customer=customer)
        make_result(customer)
        right = sums(model)
        rollup = rollups()[model]
        model.objects.update(**{rollup.sums[0]: 40})

        with django_assert_num_queries(2):
            assert [one.missing[0] for one in differences(rollup)] == [-39]
        check_rollups_of_tenant(tenant_id=other_tenant.pk)
        assert differences(rollup) != []
        check_rollups_of_tenant(tenant_id=tenant.pk)

        assert sums(model) == right
        assert settle_differences(rollup) == 0

    def test_rows_of_before_are_counted_at_night(self, in_tenant):
        make_customer(in_tenant, created_at=at(3))
        CustomerMonth.objects.all()._raw_delete("default")

        check_rollups_of_tenant(tenant_id=in_tenant.pk)

        assert sums(CustomerMonth) == {(MARCH, None): (1,)}


WORKERS, STEPS = 4, 20


def test_counts_are_right_after_whatever_several_people_did_at_once(committed_db):
    """Random operations on the same rows, each in its own transaction, some rolled back; then everything recounted."""
    tenant = make_tenant("acme")
    people = [make_member(tenant, f"{n}@acme.example", Role.SALES).user for n in range(2)]
    with tenant_atomic(tenant):
        pipeline = make_pipeline(tenant)
        make_lost_reason(tenant)
        queues = [make_queue(), make_queue(name="Returns")]
        for number in range(8):
            customer = make_customer(tenant, name=str(number), owner=people[number % 2])
            make_deal(pipeline, ("Won", "Lost")[number % 2], amount=number, customer=customer)
            make_ticket(queue=queues[number % 2], customer=customer)
            make_result(customer)
    together = threading.Barrier(WORKERS, timeout=30)
    faults: list[BaseException] = []

    def work(number: int) -> None:
        random = Random(f"rollups {number}")  # noqa: S311  # nothing secret
        try:
            with use_tenant(tenant, people[0]):
                together.wait()
                for _ in range(STEPS):
                    _one_step(random, people, queues)
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
        assert Customer.objects.exists() and Ticket.objects.exists()
        assert wrong() == {}


class _ThinkAgain(Exception):
    pass


def _one_step(random: Random, people, queues: list[Queue]) -> None:
    try:
        with transaction.atomic():
            model = random.choice((Customer, Deal, Ticket, CampaignResult))
            ids = list(model.objects.order_by("pk").values_list("pk", flat=True))
            rows = model.objects.filter(pk__in=sorted(random.sample(ids, min(len(ids), 3))))
            # As bulk actions do, so that nobody waits in a circle.
            list(rows.order_by("pk").select_for_update(of=("self",)).values_list("pk", flat=True))
            _act(random, model, rows, people, queues)
            if random.random() < 0.2:
                raise _ThinkAgain
    except _ThinkAgain:
        pass


def _act(random: Random, model, rows, people, queues: list[Queue]) -> None:
    when = timezone.now() - timedelta(days=random.randrange(90))
    if model is Customer:
        rows.update(owner=random.choice((None, *people)), created_at=when)
    elif model is Deal:
        status = random.choice((DealStatus.WON, DealStatus.LOST, DealStatus.OPEN))
        rows.update(status=status, closed_at=when, amount=random.choice((None, random.randrange(9_000))))
    elif model is Ticket:
        rows.update(
            status=random.choice(TicketStatus.values),
            queue=random.choice(queues),
            solved_at=random.choice((None, when)),
            resolve_missed=random.random() < 0.5,
        )
    else:
        rows.update(result=random.choice(Result.values), result_on=when.date())
