"""Revenue of the month: as a whole, over time, and by what it divides into."""

from __future__ import annotations

from collections.abc import Sequence

from babel.dates import get_day_names
from django.utils.translation import gettext as _

from crm.pages import formats

from ...content import Block, Column, Figure, Figures, Kind, Row, Section, Table, change, share
from ...periods import Period
from ...pictures import bars, ranking, trend
from ..purchases import Sums, people
from .sales import IN_CHARTS, Sales

MONTHS_BACK = 13
MOST_PRODUCTS = 60
MOST_CITIES = 60


def summary(sales: Sales) -> Section:
    before = sales.purchases.sums(sales.month.before)
    year_before = sales.purchases.sums(sales.month.year_before)
    buyers, closed = sales.purchases.buyers(), sales.deals.closed(sales.month)
    closed_before = sales.deals.closed(sales.month.before)
    currency = sales.asked.currency
    than = str(sales.month.before)
    figures = Figures(
        [
            Figure(
                _("Revenue"), sales.sums.amount, Kind.MONEY, currency, change(sales.sums.amount, before.amount), than
            ),
            Figure(
                _("Revenue, against a year ago"),
                change(sales.sums.amount, year_before.amount),
                Kind.CHANGE,
                than=str(sales.month.year_before),
            ),
            Figure(_("Purchases"), sales.sums.count, change=change(sales.sums.count, before.count), than=than),
            Figure(_("Average purchase"), sales.sums.average, Kind.MONEY, currency),
            Figure(_("Customers who bought"), buyers),
            Figure(_("Returns"), sales.sums.returned, Kind.MONEY, currency),
            Figure(_("Won deals"), closed.won, change=change(closed.won, closed_before.won), than=than),
            Figure(_("Amount of won deals"), closed.won_amount, Kind.MONEY, currency),
            Figure(_("Win rate"), closed.win_rate, Kind.SHARE),
        ]
    )
    months = sales.purchases.by_month(MONTHS_BACK)
    rows: list[Row] = []
    earlier: Sums | None = None
    for month, sums in months.items():
        rows.append(
            [
                str(Period(month, 1)),
                sums.count,
                sums.amount,
                change(sums.amount, earlier.amount) if earlier else None,
                sums.returned,
            ]
        )
        earlier = sums
    return Section(
        _("Summary"),
        [
            figures,
            trend(
                _("Revenue by month"),
                [(month, sums.amount) for month, sums in months.items()],
                sales.money(_("Revenue")),
            ),
            Table(
                _("The last 13 months"),
                [
                    Column(_("Month")),
                    Column(_("Purchases"), Kind.NUMBER),
                    sales.money(_("Revenue")),
                    Column(_("Against the month before"), Kind.CHANGE),
                    sales.money(_("Returns")),
                ],
                rows,
            ),
        ],
    )


def by_day(sales: Sales) -> Section:
    days = sales.purchases.by_day()
    weeks: dict[tuple[int, int], Sums] = {}
    weekdays: dict[int, list[Sums]] = {}
    for day, sums in days.items():
        known = weeks.get(day.isocalendar()[:2], Sums())
        weeks[day.isocalendar()[:2]] = Sums(
            known.amount + sums.amount, known.count + sums.count, known.returned + sums.returned
        )
        weekdays.setdefault(day.weekday(), []).append(sums)
    money = sales.money(_("Revenue"))
    return Section(
        _("Revenue by day"),
        [
            bars(_("Revenue by day"), [(day, sums.amount) for day, sums in days.items()], money),
            Table(
                _("Day by day"),
                [
                    Column(_("Day"), Kind.DAY),
                    Column(_("Purchases"), Kind.NUMBER),
                    money,
                    sales.money(_("Average purchase")),
                    sales.money(_("Returns")),
                ],
                [[day, sums.count, sums.amount, sums.average, sums.returned] for day, sums in days.items()],
                total=[
                    _("In total"),
                    sales.sums.count,
                    sales.sums.amount,
                    sales.sums.average,
                    sales.sums.returned,
                ],
            ),
            Table(
                _("Week by week"),
                [Column(_("Calendar week")), Column(_("Purchases"), Kind.NUMBER), money],
                [[f"{year}-W{week:02d}", sums.count, sums.amount] for (year, week), sums in weeks.items()],
                note=_("Only the days of this month are counted."),
            ),
            Table(
                _("By day of the week"),
                [Column(_("Day of the week")), Column(_("Days"), Kind.NUMBER), sales.money(_("Average of a day"))],
                [
                    [weekday_name(weekday), len(some), sum(one.amount for one in some) // len(some)]
                    for weekday, some in sorted(weekdays.items())
                ],
            ),
        ],
    )


def products(sales: Sales) -> Section:
    found = [(name or _("Without a product"), sums) for name, sums in sales.purchases.by_product()]
    return _ranked(sales, _("Products"), _("Product"), _("Revenue by product"), found, MOST_PRODUCTS)


def cities(sales: Sales) -> Section:
    found = [(name or _("Not known"), sums) for name, sums in sales.purchases.by_city()]
    return _ranked(sales, _("Cities"), _("City"), _("Revenue by city"), found, MOST_CITIES)


def _ranked(
    sales: Sales, title: str, what: str, chart_title: str, found: Sequence[tuple[str, Sums]], most: int
) -> Section:
    if not found:
        return Section(title, [])
    rest = found[most:]
    rows = [sales.line(name, sums) for name, sums in found[:most]]
    if rest:
        others = Sums(
            sum(one.amount for _name, one in rest),
            sum(one.count for _name, one in rest),
            sum(one.returned for _name, one in rest),
        )
        rows.append(sales.line(_("All others (%(count)s)") % {"count": formats.number(len(rest))}, others))
    total: Row = [
        _("In total"),
        sales.sums.count,
        sales.sums.amount,
        share(sales.sums.amount, sales.sums.amount),
    ]
    columns = sales.breakdown(what)
    whole = lambda: Table(chart_title, columns, [sales.line(name, sums) for name, sums in found], total)
    blocks: list[Block] = [
        ranking(chart_title, [(name, sums.amount) for name, sums in found[:IN_CHARTS]], sales.money(_("Revenue"))),
        Table(chart_title, columns, rows, total, in_files=whole if rest else None),
    ]
    return Section(title, blocks)


def people_of_sales(sales: Sales) -> Section:
    now, before = sales.purchases.by_owner(), sales.purchases.by_owner(sales.month.before)
    if not now:
        return Section(_("People"), [])
    names = people(now)
    ranked = sorted(now.items(), key=lambda item: -item[1].amount)
    lines = [(names.get(owner or 0, _("Nobody")), owner, sums) for owner, sums in ranked]
    money = sales.money(_("Revenue"))
    return Section(
        _("People"),
        [
            ranking(_("Revenue by person"), [(name, sums.amount) for name, _owner, sums in lines[:IN_CHARTS]], money),
            Table(
                _("Revenue by person"),
                sales.breakdown(_("Owner of the customer"), Column(_("Against the month before"), Kind.CHANGE)),
                [
                    [*sales.line(name, sums), change(sums.amount, before.get(owner, Sums()).amount)]
                    for name, owner, sums in lines
                ],
                total=[
                    _("In total"),
                    sales.sums.count,
                    sales.sums.amount,
                    share(sales.sums.amount, sales.sums.amount),
                    None,
                ],
                note=_("By whose customer it is now. Sales to somebody unknown belong to nobody."),
            ),
        ],
    )


def weekday_name(weekday: int) -> str:
    return str(get_day_names("wide", locale=formats.current_locale())[weekday])
