"""Who bought, who is new, and the purchases that stand out."""

from __future__ import annotations

from django.db.models import Count
from django.db.models.functions import TruncDate
from django.utils.translation import gettext as _

from crm.access.policy import visible
from crm.pages import formats
from customers.choices import CustomerSource
from customers.models import Customer
from sales.models import Transaction

from ...content import Block, Column, Kind, Row, Section, Table, Text, share
from ...pictures import bars
from ..purchases import people
from .sales import Sales

MOST_CUSTOMERS = 100
MOST_SINGLE = 25


def customers(sales: Sales) -> Section:
    found = sales.purchases.by_customer(MOST_CUSTOMERS)
    if not found:
        return Section(_("Customers"), [])
    known = {
        customer.pk: customer
        for customer in Customer.objects.filter(pk__in=[row["customer_id"] for row in found]).only(
            "tenant", "name", "city"
        )
    }
    rows = [
        [
            known[row["customer_id"]].name,
            known[row["customer_id"]].city,
            row["sums"].count,
            row["sums"].amount,
            share(row["sums"].amount, sales.sums.amount),
            row["last_at"].astimezone(sales.asked.zone).date(),
        ]
        for row in found
        if row["customer_id"] in known
    ]
    top = sum(row["sums"].amount for row in found[:10])
    blocks: list[Block] = [
        Table(
            _("The customers who bought for most"),
            [
                Column(_("Customer")),
                Column(_("City"), is_narrow=True),
                Column(_("Purchases"), Kind.NUMBER),
                sales.money(_("Revenue")),
                Column(_("Share"), Kind.SHARE),
                Column(_("Last purchase"), Kind.DAY),
            ],
            rows,
        )
    ]
    if sales.sums.amount > 0:
        said = _("The first ten customers make up %(share)s of the revenue.")
        blocks.insert(0, Text([said % {"share": formats.rate(round(top / sales.sums.amount * 1_000) * 10)}]))
    return Section(_("Customers"), blocks)


def new_customers(sales: Sales) -> Section:
    begin, end = sales.month.moments(sales.asked.zone)
    new = visible(sales.asked.membership, Customer).filter(created_at__gte=begin, created_at__lt=end).order_by()
    by_day = dict(
        new.annotate(day=TruncDate("created_at", tzinfo=sales.asked.zone)).values_list("day").annotate(n=Count("pk"))
    )
    total = sum(by_day.values())
    if not total:
        return Section(_("New customers"), [])
    count = Column(_("New customers"), Kind.NUMBER)
    sources = sorted(new.values_list("source").annotate(n=Count("pk")), key=lambda pair: (-pair[1], pair[0]))
    words = dict(CustomerSource.choices)
    owners = sorted(new.values_list("owner_id").annotate(n=Count("pk")), key=lambda pair: -pair[1])
    names = people(owner for owner, _n in owners)
    return Section(
        _("New customers"),
        [
            bars(_("New customers by day"), [(day, by_day.get(day, 0)) for day in sales.month.days], count),
            Table(
                _("By source"),
                [Column(_("Source")), count, Column(_("Share"), Kind.SHARE)],
                [[str(words.get(source) or _("Not known")), n, n / total] for source, n in sources],
                total=[_("In total"), total, 1.0],
            ),
            Table(
                _("By person"),
                [Column(_("Owner")), count, Column(_("Share"), Kind.SHARE)],
                [[names.get(owner or 0, _("Nobody")), n, n / total] for owner, n in owners],
            ),
        ],
    )


def single_purchases(sales: Sales) -> Section:
    columns = [
        Column(_("Day"), Kind.DAY),
        Column(_("Customer")),
        Column(_("What was bought")),
        Column(_("Invoice number"), is_narrow=True),
        sales.money(_("Amount")),
    ]
    largest, returns = sales.purchases.largest(MOST_SINGLE), sales.purchases.largest_returns(MOST_SINGLE)
    blocks: list[Block] = []
    if largest:
        blocks.append(Table(_("The largest purchases"), columns, [_single(sales, one) for one in largest]))
    if returns:
        blocks.append(Table(_("The largest returns"), columns, [_single(sales, one) for one in returns]))
    return Section(_("Single purchases"), blocks)


def _single(sales: Sales, one: Transaction) -> Row:
    what = one.product.name if one.product else one.name
    customer = one.customer.name if one.customer else ""
    return [one.at.astimezone(sales.asked.zone).date(), customer, what, one.reference, one.amount]
