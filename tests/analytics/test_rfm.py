"""How customers buy: who counts, what a purchase is, and how customers are scored among all."""

import csv
import gzip
import json
from collections import defaultdict
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from io import StringIO
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from analytics.choices.rfm import HIGH, SEGMENT_OF, RfmSegment
from analytics.models import AnalyticsRun, CustomerRfm, RfmSummary
from analytics.operations.rfm import RFM, begin_computing, compute_rfm
from analytics.tasks.rfm import compute_of_tenant
from crm.demo.bulk import insert, reserve_ids
from crm.imports.undo import undo_import
from crm.jobs import run_job
from crm.jobs.choices import JobState
from crm.jobs.models import Job
from crm.tenancy.context import use_tenant
from customers.models import Customer
from sales.models import Transaction
from tests.crm.imports.conftest import bring_in  # noqa: F401  # fixture of all imports
from tests.factories import make_customer
from tests.factories.sales_documents import make_transaction

pytestmark = pytest.mark.django_db

SHOP = Path(settings.BASE_DIR).parent / "shared" / "data" / "online-retail"
TODAY = date(2026, 3, 31)


@pytest.fixture
def buy(in_tenant):
    """`buy("Ann", 500, days_ago=3)`: a line of 5.00, of a customer who is made when first named."""
    known: dict[str, Customer] = {}

    def buy(name: str, amount: int, *, days_ago: int = 0, **fields) -> Transaction:
        if name not in known:
            known[name] = make_customer(in_tenant, name=name)
        at = datetime(2026, 3, 31, 12, tzinfo=UTC) - timedelta(days=days_ago)
        return make_transaction(known[name], in_tenant, **({"amount": amount, "at": at} | fields))

    return buy


def analysed(tenant, as_of: date = TODAY) -> dict[str, CustomerRfm]:
    compute_rfm(tenant=tenant, as_of=as_of)
    return {row.customer.name: row for row in CustomerRfm.objects.select_related("customer")}


# -- what is counted


def test_customer_has_total_average_highest_and_lowest_purchase(in_tenant, buy):
    for amount, days_ago in ((1_000, 30), (3_000, 20), (2_000, 10)):
        buy("Ann", amount, days_ago=days_ago)

    ann = analysed(in_tenant)["Ann"]

    assert (ann.total_amount, ann.average_amount, ann.highest_amount, ann.lowest_amount) == (6_000, 2_000, 3_000, 1_000)
    assert (ann.purchase_count, ann.first_on, ann.last_on) == (3, date(2026, 3, 1), date(2026, 3, 21))


def test_lines_of_an_invoice_are_one_purchase_and_lines_without_one_each_their_own(in_tenant, buy):
    buy("Ann", 1_000, reference="R1")
    buy("Ann", 2_500, reference="R1")
    buy("Ann", 700)
    buy("Ann", 700)

    ann = analysed(in_tenant)["Ann"]

    assert (ann.purchase_count, ann.highest_amount, ann.lowest_amount) == (3, 3_500, 700)


def test_invoices_of_two_customers_may_have_the_same_number(in_tenant, buy):
    buy("Ann", 1_000, reference="R1")
    buy("Ben", 2_000, reference="R1")

    found = analysed(in_tenant)

    assert {name: (row.purchase_count, row.total_amount) for name, row in found.items()} == {
        "Ann": (1, 1_000),
        "Ben": (1, 2_000),
    }


@pytest.mark.parametrize(
    "other",
    [
        {"amount": -400, "quantity_milli": -1_000},
        {"amount": 0},
        {"amount": 400, "quantity_milli": 0},
        {"amount": 900, "currency": "EUR"},
        {"amount": 900, "days_ago": -1},
    ],
    ids=["a return", "a gift", "nothing delivered", "another currency", "a day to come"],
)
def test_what_is_no_purchase_counts_for_nothing(in_tenant, buy, other):
    buy("Ann", 1_000, days_ago=9)
    buy("Ann", **other)
    buy("Ben", **other)

    found = analysed(in_tenant)

    assert found.keys() == {"Ann"}
    assert (found["Ann"].total_amount, found["Ann"].purchase_count, found["Ann"].last_on) == (
        1_000,
        1,
        date(2026, 3, 22),
    )


def test_sale_to_somebody_unknown_belongs_to_nobody(in_tenant):
    make_transaction(None, in_tenant, amount=1_000)

    assert analysed(in_tenant) == {}


def test_lines_in_other_currencies_are_told_of(in_tenant, buy):
    buy("Ann", 1_000)
    buy("Ann", 900, currency="EUR")

    run = compute_rfm(tenant=in_tenant, as_of=TODAY)

    assert (run.currency, run.purchase_count, run.foreign_count) == ("USD", 1, 1)


def test_days_are_those_of_the_tenants_time_zone(other_tenant):
    with use_tenant(other_tenant):
        late = make_transaction(
            make_customer(other_tenant, name="张三"), other_tenant, at=datetime(2026, 3, 2, 16, 30, tzinfo=UTC)
        )

        compute_rfm(tenant=other_tenant, as_of=date(2026, 3, 2))
        assert not CustomerRfm.objects.exists(), "in Shanghai it is the third already"
        compute_rfm(tenant=other_tenant, as_of=date(2026, 3, 3))
        assert CustomerRfm.objects.get(customer=late.customer_id).last_on == date(2026, 3, 3)


# -- scores


def test_customers_are_scored_by_fifths_and_equals_share_their_rank(in_tenant, buy):
    for name, purchases in (("A", 1), ("B", 1), ("C", 1), ("D", 2), ("E", 5)):
        for _time in range(purchases):
            buy(name, 100)

    found = analysed(in_tenant)

    # The middle of ranks 1, 2 and 3 is 2: two fifths of five.
    assert {name: row.f_score for name, row in found.items()} == {"A": 2, "B": 2, "C": 2, "D": 4, "E": 5}
    assert {row.r_score for row in found.values()} == {3}


def test_who_bought_last_has_the_highest_recency(in_tenant, buy):
    for place, name in enumerate("ABCDE"):
        buy(name, 100 * (place + 1), days_ago=place)

    found = analysed(in_tenant)

    assert [found[name].r_score for name in "ABCDE"] == [5, 4, 3, 2, 1]
    assert [found[name].m_score for name in "ABCDE"] == [1, 2, 3, 4, 5]


def test_only_buyer_is_the_best_one(in_tenant, buy):
    buy("Ann", 100)

    ann = analysed(in_tenant)["Ann"]

    assert (ann.scores, ann.segment) == ("5-5-5", RfmSegment.CHAMPIONS)


def test_every_segment_is_named_by_what_is_high(in_tenant, buy):
    """Twenty customers whose days, counts and sums are shuffled against each other."""
    for place in range(20):
        for _time in range(1 + place * 7 % 20):
            buy(f"{place:02d}", 100 + place * 13 % 20 * 1_000, days_ago=place)

    found = analysed(in_tenant).values()

    assert len(found) == 20
    for row in found:
        assert row.segment == SEGMENT_OF[row.r_score >= HIGH, row.f_score >= HIGH, row.m_score >= HIGH]
    assert len({row.segment for row in found}) > 4


# -- again and again


def test_computed_again_it_follows_what_changed(in_tenant, buy):
    buy("Ann", 1_000, days_ago=9)
    gone = buy("Ben", 500)
    before = analysed(in_tenant)
    gone.delete()
    buy("Ann", 2_000)

    after = analysed(in_tenant)

    assert after.keys() == {"Ann"}
    assert after["Ann"].pk == before["Ann"].pk
    assert (after["Ann"].total_amount, after["Ann"].last_on) == (3_000, TODAY)
    assert AnalyticsRun.objects.get().customer_count == 1


def test_sums_are_kept_by_owner_and_segment(in_tenant, buy, owner):
    buy("Ann", 1_000).customer.owner = owner.user
    Customer.objects.update(owner=owner.user)
    buy("Ben", 500, days_ago=40)
    buy("Cas", 200, days_ago=50)

    compute_rfm(tenant=in_tenant, as_of=TODAY)

    rows = RfmSummary.objects.values_list("owner__email", "customer_count", "total_amount")
    by_owner: dict = defaultdict(lambda: (0, 0))
    for email, count, total in rows:
        by_owner[email] = (by_owner[email][0] + count, by_owner[email][1] + total)
    assert by_owner == {"sales@acme.example": (1, 1_000), None: (2, 700)}


def test_another_tenants_purchases_are_nobodys_here(in_tenant, buy, other_tenant):
    buy("Ann", 1_000)
    with use_tenant(other_tenant):
        make_transaction(make_customer(other_tenant), other_tenant, currency="USD", amount=99_000)

    assert {name: row.total_amount for name, row in analysed(in_tenant).items()} == {"Ann": 1_000}
    with use_tenant(other_tenant):
        assert not CustomerRfm.objects.exists()


# -- jobs and the command


def test_job_computes_for_its_tenant(in_tenant, buy):
    buy("Ann", 1_000)

    job, is_new = begin_computing(tenant=in_tenant)
    ended = run_job(job)

    assert (is_new, ended.state, ended.percent) == (True, JobState.SUCCEEDED, 100)
    assert CustomerRfm.objects.count() == 1


def test_job_that_waits_or_runs_is_not_begun_twice(in_tenant, buy):
    buy("Ann", 1_000)

    first, _is_new = begin_computing(tenant=in_tenant)
    second, is_new = begin_computing(tenant=in_tenant)

    assert (second.pk, is_new) == (first.pk, False)


def test_purchases_out_of_a_file_are_analysed_at_once(in_tenant, bring_in):  # noqa: F811
    make_customer(in_tenant, name="Ann")

    run = bring_in("name,date,amount\nAnn,2026-03-01,10\n", "transactions")
    for job in Job.objects.filter(kind=RFM):
        run_job(job)
    assert CustomerRfm.objects.get().total_amount == 1_000

    undo_import(run)
    run_job(Job.objects.filter(kind=RFM).latest("pk"))
    assert not CustomerRfm.objects.exists()


def test_file_of_something_else_begins_no_analysis(in_tenant, bring_in):  # noqa: F811
    bring_in("name,phone\nAnn,13800000000\n")

    assert not Job.objects.filter(kind=RFM).exists()


def test_what_came_in_while_a_job_runs_is_left_to_the_next_one(in_tenant, buy):
    buy("Ann", 1_000)
    first, _is_new = begin_computing(tenant=in_tenant)
    Job.objects.update(state=JobState.RUNNING)

    second, is_new = begin_computing(tenant=in_tenant, anew=True)
    third, is_third = begin_computing(tenant=in_tenant, anew=True)

    assert (is_new, second.pk != first.pk, third.pk, is_third) == (True, True, second.pk, False)


def test_night_begins_a_job_where_something_was_bought(in_tenant, buy, other_tenant):
    buy("Ann", 1_000)

    for tenant in (in_tenant, other_tenant):
        compute_of_tenant(tenant_id=tenant.pk)

    assert Job.objects.filter(kind=RFM).count() == 1
    with use_tenant(other_tenant):
        assert not Job.objects.exists()


@pytest.mark.parametrize("job", ["rfm", "all"])
def test_command_prints_one_json_object(in_tenant, buy, job):
    buy("Ann", 1_000)
    buy("Ben", 500, days_ago=400)
    out = StringIO()

    call_command("run_analytics", job, tenant="acme", as_of=TODAY, stdout=out)

    said = json.loads(out.getvalue())
    assert (said["tenant"], said["job"]) == ("acme", job)
    assert said["rfm"] == {
        "as_of": "2026-03-31",
        "customers": 2,
        "purchases": 2,
        "lines_in_other_currencies": 0,
        # Ann bought last and most; both as often, which is in the middle, and the middle of two is the fourth fifth.
        "segments": {"champions": 1, "cooling": 1},
    }


def test_command_refuses_a_tenant_that_is_not_there(db):
    with pytest.raises(CommandError, match="There is no tenant"):
        call_command("run_analytics", "rfm", tenant="nobody")


# -- the reference file


HAS_SHOP = pytest.mark.skipif(not SHOP.is_dir(), reason="../shared/data/online-retail is not on this machine")


@pytest.fixture
def british(in_tenant):
    in_tenant.currency = "GBP"
    in_tenant.save()
    return in_tenant


@HAS_SHOP
def test_scores_of_the_reference_shop_agree_digit_for_digit(british):
    numbers = _bring_in_the_shop()

    compute_rfm(tenant=british, as_of=date(2011, 9, 1))

    found = _found(numbers)
    assert found == _expected()
    scores = [row[3:] for row in found.values()]
    assert (len(found), len(set(scores)), scores.count((5, 5, 5)), scores.count((1, 1, 1))) == (3_317, 94, 267, 0)


@HAS_SHOP
@pytest.mark.slow
def test_file_of_the_reference_shop_is_imported_and_agrees(british, bring_in):  # noqa: F811
    """All 320,705 lines, as they are. Two cost a tenth of a penny, which no amount holds: they are refused."""
    with gzip.open(next(SHOP.glob("online_retail_*.csv.gz")), "rb") as file:
        text = file.read()
    known = {row["CustomerID"] for row in csv.DictReader(text.decode().splitlines())} - {""}
    numbers = _make_customers(sorted(known))

    run = bring_in(text, "transactions", chunk_rows=20_000)
    compute_rfm(tenant=british, as_of=date(2011, 9, 1))

    assert (run.row_count, run.failed_count) == (320_705, 2)
    assert _found({pk: number for number, pk in numbers.items()}) == _expected()


def _expected() -> dict[str, tuple[int, ...]]:
    with gzip.open(SHOP / "expected_rfm_2011-09-01.csv.gz", "rt") as file:
        return {
            row["customer_id"]: (
                int(row["recency_days"]),
                int(row["frequency"]),
                int(Decimal(row["monetary"]) * 100),
                *(int(row[name]) for name in ("r_score", "f_score", "m_score")),
            )
            for row in csv.DictReader(file)
        }


def _found(numbers: dict[int, str]) -> dict[str, tuple[int, ...]]:
    return {
        numbers[row.customer_id]: (
            (row.as_of - row.last_on).days,
            row.purchase_count,
            row.total_amount,
            row.r_score,
            row.f_score,
            row.m_score,
        )
        for row in CustomerRfm.objects.all().with_day()
    }


def _bring_in_the_shop() -> dict[int, str]:
    """{customer: its number}. Lines of an invoice with the same sign are one line here, of their sum: all 320,000 would
    take a minute and say nothing more."""
    folded: dict[tuple, Decimal] = defaultdict(Decimal)
    with gzip.open(next(SHOP.glob("online_retail_*.csv.gz")), "rt") as file:
        for row in csv.DictReader(file):
            if row["CustomerID"]:
                quantity, price = int(row["Quantity"]), Decimal(row["UnitPrice"])
                key = (row["CustomerID"], row["InvoiceNo"], row["InvoiceDate"], quantity > 0, price > 0)
                folded[key] += quantity * price
    ids = _make_customers(sorted({number for number, *_others in folded}))
    columns = ["customer_id", "name", "at", "reference", "quantity_milli", "amount", "currency", "city", "country"]
    columns += ["external_id", "version", "created_at", "updated_at"]
    now = datetime(2011, 9, 1, tzinfo=UTC)
    insert(
        Transaction,
        columns,
        (
            (
                ids[number],
                "",
                f"{moment}+00",
                invoice,
                1_000 if sold else -1_000,
                _pence(amount),
                "GBP",
                "",
                "",
                "",
                1,
                now,
                now,
            )
            for (number, invoice, moment, sold, _priced), amount in folded.items()
        ),
    )
    return {pk: number for number, pk in ids.items()}


def _pence(amount: Decimal) -> int:
    return int((amount * 100).to_integral_value())


def _make_customers(numbers: list[str]) -> dict[str, int]:
    ids = dict(zip(numbers, reserve_ids(Customer, len(numbers)), strict=True))
    columns = ["id", "name", "name_sort", "external_id", "kind", "stage", "level", "source", "industry", "website"]
    columns += ["city", "address", "phone", "email", "note", "version", "created_at", "updated_at"]
    now = datetime(2011, 9, 1, tzinfo=UTC)
    rows = ((pk, number, number, number, "company", "active", *[""] * 9, 1, now, now) for number, pk in ids.items())
    insert(Customer, columns, rows)
    return ids
