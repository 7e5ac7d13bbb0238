"""How the figures were counted, so that whoever doubts them can count again."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from crm.pages import formats

from ...content import Column, Row, Section, Table, Text
from .sales import Sales


def method(sales: Sales) -> Section:
    first, last = sales.purchases.first_and_last()
    rows: list[Row] = [
        [_("Purchases counted"), formats.number(sales.sums.count)],
        [_("Their sum"), formats.money(sales.sums.amount, sales.asked.currency)],
        [_("First and last purchase"), f"{formats.moment(first)} – {formats.moment(last)}" if first else ""],
        [_("Time zone of the days"), sales.asked.tenant.time_zone],
        [_("Read at"), formats.moment(sales.asked.now)],
    ]
    others = sales.purchases.other_currencies()
    if others:
        said = ", ".join(
            f"{formats.money(one.amount, currency)} ({formats.number(one.count)})" for currency, one in others
        )
        rows.append([_("Not in these sums: other currencies"), said])
    return Section(
        _("How this was counted"),
        [
            Text(
                [
                    _("Revenue is the sum of all purchases of the month, returns taken off."),
                    _("A deal counts in the month in which it was won or lost, with its amount as it is today."),
                    _("All figures were read at the same moment, so they add up."),
                ]
            ),
            Table(_("For checking"), [Column(_("What")), Column(pgettext("a figure", "Value"))], rows),
        ],
        on_next_page=False,
    )
