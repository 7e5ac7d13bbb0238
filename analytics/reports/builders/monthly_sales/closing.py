"""Deals: what lies in the pipeline, and what was won and lost."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from analytics.facts import Months, closed_by_month
from crm.pages import formats
from sales.choices.pipelines import DealStatus
from sales.models import Deal, Pipeline

from ...content import Block, Column, Kind, Row, Section, Table
from ...pictures import good_and_bad, ranking
from ..deals import Closed, stage_table
from ..purchases import people
from .sales import IN_CHARTS, Sales

MONTHS_OF_DEALS = 12
MOST_SINGLE = 25


def pipelines(sales: Sales) -> Section:
    blocks: list[Block] = []
    for pipeline in Pipeline.objects.active().in_order():
        lines = [line for line in sales.deals.in_stages(pipeline) if line.stage.is_open]
        if not any(line.count for line in lines):
            continue
        blocks += [
            ranking(
                _("Amount by stage"),
                [(line.stage.name, line.amount) for line in lines],
                sales.money(_("Amount")),
            ),
            stage_table(
                _("Open deals of “%(pipeline)s”") % {"pipeline": pipeline.name},
                lines,
                sales.asked.currency,
                note=_("As it stands now, not at the end of the month."),
            ),
        ]
    return Section(_("Pipeline"), blocks, on_next_page=True)


def closed_deals(sales: Sales) -> Section:
    whole = sales.deals.closed(sales.month)
    if not whole.won and not whole.lost:
        return Section(_("Won and lost deals"), [])
    by_owner = sales.deals.closed_by_owner(sales.month)
    names = people(by_owner)
    ranked = sorted(by_owner.items(), key=lambda item: (-item[1].won_amount, -item[1].won))
    columns = [
        Column(_("Owner")),
        Column(pgettext("deal", "Won"), Kind.NUMBER),
        sales.money(_("Amount won")),
        Column(pgettext("deal", "Lost"), Kind.NUMBER),
        sales.money(_("Amount lost")),
        Column(_("Win rate"), Kind.SHARE),
    ]
    took = sales.deals.days_to_win(sales.month)
    months = Months.up_to(sales.month.first, MONTHS_OF_DEALS)
    by_month = closed_by_month(sales.asked.membership, months, sales.asked.currency) or []
    blocks: list[Block] = [
        good_and_bad(
            _("Won and lost deals by month"),
            {one.month: (one.won_count, one.lost_count) for one in by_month},
            pgettext("deal", "Won"),
            pgettext("deal", "Lost"),
        ),
        ranking(
            _("Amount won by person"),
            [(names.get(owner or 0, _("Nobody")), one.won_amount) for owner, one in ranked[:IN_CHARTS]],
            sales.money(_("Amount won")),
        ),
        Table(
            _("By person"),
            columns,
            [_closed_line(names.get(owner or 0, _("Nobody")), one) for owner, one in ranked],
            total=_closed_line(_("In total"), whole),
            note=_("From the first day of work to the day of winning: %(days)s days on the average.")
            % {"days": formats.number(round(took, 1))}
            if took is not None
            else "",
        ),
    ]
    reasons = sales.deals.lost_by_reason(sales.month)
    if reasons:
        blocks.append(
            Table(
                _("Why deals were lost"),
                [
                    Column(_("Reason")),
                    Column(_("Deals"), Kind.NUMBER),
                    Column(_("Share"), Kind.SHARE),
                    sales.money(_("Amount")),
                ],
                [[name or _("Not said"), n, n / whole.lost, amount] for name, n, amount in reasons],
            )
        )
    blocks += _largest_deals(sales)
    return Section(_("Won and lost deals"), blocks)


def _largest_deals(sales: Sales) -> list[Block]:
    tables: list[Block] = []
    for status, title in (
        (DealStatus.WON, _("The largest won deals")),
        (DealStatus.LOST, _("The largest lost deals")),
    ):
        found = sales.deals.largest_closed(sales.month, status, MOST_SINGLE)
        if found:
            columns = [
                Column(_("Day"), Kind.DAY),
                Column(_("Deal")),
                Column(_("Customer")),
                Column(_("Owner"), is_narrow=True),
                sales.money(_("Amount")),
            ]
            tables.append(Table(title, columns, [_deal(sales, deal) for deal in found]))
    return tables


def _deal(sales: Sales, deal: Deal) -> Row:
    closed_on = deal.closed_at.astimezone(sales.asked.zone).date() if deal.closed_at else None
    return [
        closed_on,
        deal.name,
        deal.customer.name if deal.customer else "",
        str(deal.owner) if deal.owner else "",
        deal.amount,
    ]


def _closed_line(name: str, one: Closed) -> Row:
    return [name, one.won, one.won_amount, one.lost, one.lost_amount, one.win_rate]
