"""RFM for a whole tenant at once: how lately, how often and for how much each customer bought. docs/analytics.md

All is worked out in the database. What was found goes into a temporary table first, and from there only what differs
into the kept one: readers are not kept waiting, and a night on which little was bought writes little.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import BigIntegerField, Count, F, Max, Min, Sum
from django.db.models.functions import Cast
from django.utils import timezone

from crm.accounts.models import User
from crm.imports.batch import BatchWriter
from crm.imports.models import Import
from crm.jobs import start_job
from crm.jobs.choices import JobState
from crm.jobs.models import Job
from crm.tenancy.inserts import insert_from
from crm.tenancy.models import Tenant
from crm.tenancy.statements import TenantStatement
from sales.models import RevenueDay, Transaction

from ..choices.rfm import HIGH, SEGMENT_OF, RfmSegment
from ..models import AnalyticsRun, CustomerRfm, RfmSummary

# The kind of the job. Its function is in tasks/rfm.py.
RFM = "analytics.rfm"

FOUND = "rfm_found"
# Room to group and sort millions of lines without going to disk, for this transaction alone.
WORK_MEMORY = "256MB"

FIGURES = ("purchase_count", "total_amount", "highest_amount", "lowest_amount", "first_on", "last_on")
SCORES = ("r_score", "f_score", "m_score")

_FOUND_COLUMNS = {
    "customer_id": "bigint",
    "purchase_count": "integer",
    "total_amount": "bigint",
    "highest_amount": "bigint",
    "lowest_amount": "bigint",
    "first_on": "date",
    "last_on": "date",
    **dict.fromkeys(SCORES, "smallint"),
}

# Lines to purchases, purchases to customers, customers to ranks. Customers who are equal share the middle of their
# ranks: it is half of rank() + count() OVER the same order, because such a count reaches to the last of its equals.
# The score is ceil(5 × that rank / all), in whole numbers.
_FIND = TenantStatement("""
SELECT bought.customer_id, purchase_count, total_amount, highest_amount, lowest_amount, first_on, last_on,
    (5 * (rank() OVER by_day + count(*) OVER by_day) + 2 * count(*) OVER () - 1) / (2 * count(*) OVER ()),
    (5 * (rank() OVER by_count + count(*) OVER by_count) + 2 * count(*) OVER () - 1) / (2 * count(*) OVER ()),
    (5 * (rank() OVER by_total + count(*) OVER by_total) + 2 * count(*) OVER () - 1) / (2 * count(*) OVER ())
FROM (
    SELECT purchase.customer_id, count(*) AS purchase_count, sum(purchase.amount)::bigint AS total_amount,
        max(purchase.amount) AS highest_amount, min(purchase.amount) AS lowest_amount,
        (min(purchase.first_at) AT TIME ZONE %(zone)s)::date AS first_on,
        (max(purchase.last_at) AT TIME ZONE %(zone)s)::date AS last_on
    FROM (
        SELECT t.customer_id, sum(t.amount)::bigint AS amount, min(t.at) AS first_at, max(t.at) AS last_at
        FROM sales_transaction t
        WHERE t.tenant_id = %(tenant)s AND t.currency = %(currency)s AND t.at < %(until)s
            AND t.customer_id IS NOT NULL AND t.quantity_milli > 0 AND t.amount > 0
        GROUP BY t.customer_id, t.reference, CASE WHEN t.reference = '' THEN t.id END
    ) AS purchase
    GROUP BY purchase.customer_id
) AS bought
WINDOW by_day AS (ORDER BY last_on), by_count AS (ORDER BY purchase_count), by_total AS (ORDER BY total_amount)
""")


def _named(highs: tuple[bool, ...], segment: RfmSegment) -> str:
    asked = (f"f.{score} {'>=' if high else '<'} {HIGH}" for score, high in zip(SCORES, highs, strict=True))
    return f"WHEN {' AND '.join(asked)} THEN '{segment.value}'"


_SEGMENT = f"CASE {' '.join(_named(*one) for one in SEGMENT_OF.items())} END"

_COPIED = ("customer_id", *FIGURES, *SCORES)

# In the order of the customers, whose rows the references look at.
_KEEP = f"SELECT {', '.join(f'f.{name}' for name in _COPIED)}, {_SEGMENT}, %s FROM {FOUND} f ORDER BY f.customer_id"  # noqa: S608  # own names

_DROP_OTHERS = TenantStatement("""
DELETE FROM customer_rfm r WHERE r.tenant_id = %(tenant)s
    AND NOT EXISTS (SELECT 1 FROM rfm_found f WHERE f.customer_id = r.customer_id)
""")


@transaction.atomic
def compute_rfm(
    *, tenant: Tenant, as_of: date | None = None, say: Callable[[int, int], None] = lambda done, total: None
) -> AnalyticsRun:
    """Score every customer who bought until the end of the day `as_of` (today, when left out). Says the steps done.

    Only lines with a customer, of positive quantity and amount and in the tenant's currency count. A purchase is an
    invoice with all its lines of the customer, or a line without an invoice number.
    """
    writer = BatchWriter()
    zone = ZoneInfo(tenant.time_zone)
    day = as_of or timezone.localdate(timezone=zone)
    run = _locked_run()
    writer.execute(f"SET LOCAL work_mem = '{WORK_MEMORY}'")
    writer.stage(FOUND, _FOUND_COLUMNS)
    until = datetime.combine(day + timedelta(days=1), time.min, zone)
    writer.insert(FOUND, [*_FOUND_COLUMNS], *_FIND.bound(zone=zone.key, currency=tenant.currency, until=until))
    writer.execute(f"ANALYZE {FOUND}")
    say(1, 3)
    writer.upsert(CustomerRfm, [*_COPIED, "segment", "currency"], _KEEP, [tenant.currency], key="customer_id")
    _DROP_OTHERS.execute()
    writer.execute(f"DROP TABLE {FOUND}")
    say(2, 3)
    _sum_up()
    _settle(run, tenant, day)
    say(3, 3)
    return run


def _locked_run() -> AnalyticsRun:
    """The row about the last run. Its lock comes first: two at once would sum up twice."""
    AnalyticsRun.objects.get_or_create(name=AnalyticsRun.RFM)
    return AnalyticsRun.objects.select_for_update().get(name=AnalyticsRun.RFM)


def _sum_up() -> None:
    RfmSummary.objects.all().delete()
    groups = CustomerRfm.objects.order_by().values("customer__owner", "segment")
    figures = {
        "customer_count": Count("pk"),
        "purchase_count": Sum("purchase_count"),
        "total_amount": Cast(Sum("total_amount"), BigIntegerField()),
        "highest_amount": Max("highest_amount"),
        "lowest_amount": Min("lowest_amount"),
        "first_on": Min("first_on"),
        "last_on": Max("last_on"),
    }
    insert_from(RfmSummary, {"owner": F("customer__owner"), "segment": F("segment"), **figures}, groups)


def _settle(run: AnalyticsRun, tenant: Tenant, day: date) -> None:
    found = RfmSummary.objects.aggregate(customers=Sum("customer_count"), purchases=Sum("purchase_count"))
    foreign = RevenueDay.objects.filter(day__lte=day).exclude(currency=tenant.currency)
    run.as_of, run.computed_at, run.currency = day, timezone.now(), tenant.currency
    run.customer_count, run.purchase_count = int(found["customers"] or 0), int(found["purchases"] or 0)
    run.foreign_count = int(foreign.aggregate(lines=Sum("transaction_count"))["lines"] or 0)
    run.save()


def begin_computing(*, tenant: Tenant, user: User | None = None, anew: bool = False) -> tuple[Job, bool]:
    """The job that computes, and whether it is a new one: one at a time is enough.

    `anew`: one that runs already does not do, for it may have looked before what was just written.
    """
    jobs = Job.objects.filter(state=JobState.QUEUED) if anew else Job.objects.unfinished()
    under_way = jobs.filter(kind=RFM).order_by("pk").first()
    if under_way is not None:
        return under_way, False
    return start_job(RFM, tenant=tenant, user=user), True


def has_something_to_compute() -> bool:
    """Whether anything was bought, or is kept of what has been deleted since."""
    return Transaction.objects.exists() or CustomerRfm.objects.exists()


def purchases_imported(sender: type[Import], run: Import, **kwargs: Any) -> None:
    """A file of purchases came in, or was taken back: nobody should have to wait for the night."""
    if run.kind == "transactions" and run.created_count + run.updated_count:
        begin_computing(tenant=run.tenant, anew=True)
