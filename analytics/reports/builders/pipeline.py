"""What lies in a pipeline now, whose it is, when it should come in, and what waits for too long."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from django import forms
from django.db.models import Count, QuerySet, Sum
from django.db.models.functions import Coalesce, TruncMonth
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm.access.roles import Role
from crm.charts import Format
from crm.errors import NoPipeline
from crm.pages import formats
from sales.choices.pipelines import DealStatus
from sales.models import Deal, Pipeline

from ..asking import Asked
from ..content import Block, Column, Document, Figure, Figures, Kind, Row, Section, Table, Text
from ..parameters import ReportForm
from ..periods import Period, month_after
from ..pictures import bars, ranking
from ..registry import Report, register
from .deals import Deals, stage_table
from .purchases import people

MONTHS_AHEAD = 12
MOST_DEALS = 40
IN_CHARTS = 12
# So long without a change of stage, and a deal is worth a question.
WAITS_LONG = timedelta(days=60)


class PipelineForm(ReportForm):
    pipeline: forms.ModelChoiceField[Pipeline] = forms.ModelChoiceField(
        label=gettext_lazy("Pipeline"),
        queryset=QuerySet(Pipeline).none(),
        required=False,
        empty_label=gettext_lazy("The first one"),
    )


def build(asked: Asked) -> Document:
    pipeline = asked.values["pipeline"] or Pipeline.objects.active().in_order().first()
    if pipeline is None:
        raise NoPipeline
    report = _PipelineReport(asked, pipeline)
    chapters = (report.stages, report.owners, report.expected, report.deals)
    sections = []
    for done, chapter in enumerate(chapters):
        asked.say(done, len(chapters), pipeline.name)
        sections.append(chapter())
    return Document(
        title=str(REPORT),
        subtitle=f"{pipeline.name}, {formats.day(asked.today)}",
        about=asked.about(
            Deal,
            (_("Pipeline"), pipeline.name),
            (_("As it stands"), formats.moment(asked.now)),
            (_("Currency"), asked.currency),
        ),
        sections=[section for section in sections if section.blocks],
    )


@dataclass(frozen=True)
class _PipelineReport:
    asked: Asked
    chosen: Pipeline

    @property
    def found(self) -> Deals:
        return Deals(self.asked)

    @property
    def open(self) -> QuerySet[Deal]:
        return self.found.seen.filter(status=DealStatus.OPEN, pipeline=self.chosen, currency=self.asked.currency)

    def _money(self, label: str) -> Column:
        return Column(label, Kind.MONEY, self.asked.currency)

    def stages(self) -> Section:
        lines = [line for line in self.found.in_stages(self.chosen) if line.stage.is_open]
        overdue = self.open.filter(expected_close_on__lt=self.asked.today)
        late = overdue.aggregate(n=Count("pk"), total=Coalesce(Sum("amount"), 0))
        blocks: list[Block] = [
            Figures(
                [
                    Figure(_("Open deals"), sum(line.count for line in lines)),
                    Figure(_("Amount"), sum(line.amount for line in lines), Kind.MONEY, self.asked.currency),
                    Figure(
                        _("Weighted by probability"),
                        sum(line.weighted for line in lines),
                        Kind.MONEY,
                        self.asked.currency,
                    ),
                    Figure(_("Expected to close before today"), late["n"]),
                    Figure(_("Their amount"), int(late["total"]), Kind.MONEY, self.asked.currency),
                ]
            ),
            ranking(_("Amount by stage"), [(line.stage.name, line.amount) for line in lines], self._money(_("Amount"))),
            stage_table(_("By stage"), lines, self.asked.currency),
        ]
        if others := self.found.in_other_currencies(self.chosen):
            said = ", ".join(
                f"{formats.money(one.amount, one.currency)} ({formats.number(one.count)})" for one in others
            )
            blocks.append(Text([_("Not in these sums: %(others)s in other currencies.") % {"others": said}]))
        return Section(_("By stage"), blocks)

    def owners(self) -> Section:
        found = self.found.open_by_owner(self.chosen)
        if not found:
            return Section(_("By person"), [])
        names = people(found)
        lines = sorted(
            ((names.get(owner or 0, _("Nobody")), n, amount) for owner, (n, amount) in found.items()),
            key=lambda line: (-line[2], line[0]),
        )
        return Section(
            _("By person"),
            [
                ranking(
                    _("Amount by person"),
                    [(name, amount) for name, _n, amount in lines[:IN_CHARTS]],
                    self._money(_("Amount")),
                ),
                Table(
                    _("By person"),
                    [Column(_("Owner")), Column(_("Deals"), Kind.NUMBER), self._money(_("Amount"))],
                    lines,
                    total=[
                        _("In total"),
                        sum(line[1] for line in lines),
                        sum(line[2] for line in lines),
                    ],
                ),
            ],
        )

    def expected(self) -> Section:
        """By the month in which deals should close; those that are late stand before, those without a day behind."""
        this = self.asked.today.replace(day=1)
        found = self._by_month()
        if not found:
            return Section(_("Expected to close"), [])
        months = [month_after(this, number) for number in range(MONTHS_AHEAD)]
        nothing = (0, 0, 0)
        lines: list[Row] = [[_("Before this month"), *_added(found, lambda month: month < this)]]
        lines += [[str(Period(month, 1)), *found.get(month, nothing)] for month in months]
        lines.append([_("Later"), *_added(found, lambda month: month > months[-1])])
        lines.append([_("No day given"), *found.get(None, nothing)])
        return Section(
            _("Expected to close"),
            [
                bars(
                    _("Weighted amount by month"),
                    [(month, found.get(month, nothing)[2]) for month in months],
                    self._money(_("Weighted")),
                    by=Format.MONTH,
                ),
                Table(
                    _("By the month in which deals should close"),
                    [
                        Column(_("Month")),
                        Column(_("Deals"), Kind.NUMBER),
                        self._money(_("Amount")),
                        self._money(_("Weighted")),
                    ],
                    lines,
                ),
            ],
            on_next_page=True,
        )

    def _by_month(self) -> dict[date | None, tuple[int, int, int]]:
        """{first of the month: (how many, amount, weighted)}. The weights are put on here: joined to the stages, the
        deals of all stages would be read, also of those long closed."""
        chances = dict(self.chosen.stages.values_list("pk", "probability_percent"))
        rows = self.open.annotate(month=TruncMonth("expected_close_on")).values_list("month", "stage_id")
        found: dict[date | None, tuple[int, int, int]] = {}
        for month, stage_id, n, total in rows.annotate(n=Count("pk"), total=Coalesce(Sum("amount"), 0)):
            count, amount, weighted = found.get(month, (0, 0, 0))
            more = int(total) * chances.get(stage_id, 0) // 100
            found[month] = (count + n, amount + int(total), weighted + more)
        return found

    def deals(self) -> Section:
        # By amount, which has an index; by the day, the deals closed long ago would be read first.
        largest = self.open.select_related("customer", "owner", "stage").filter(amount__isnull=False)
        largest = largest.order_by("-amount", "-pk")
        late = largest.filter(expected_close_on__lt=self.asked.today)[:MOST_DEALS]
        waiting = largest.filter(stage_since__lt=self.asked.now - WAITS_LONG)[:MOST_DEALS]
        tables = [
            self._deals(_("The largest open deals"), largest[:MOST_DEALS]),
            self._deals(_("Expected to close before today"), late),
            self._deals(
                _("In their stage for more than %(days)s days") % {"days": formats.number(WAITS_LONG.days)}, waiting
            ),
        ]
        return Section(_("Deals to look at"), [table for table in tables if table.rows], on_next_page=True)

    def _deals(self, title: str, deals: QuerySet[Deal]) -> Table:
        columns = [
            Column(_("Deal")),
            Column(_("Customer")),
            Column(_("Stage")),
            Column(_("Owner")),
            Column(_("Expected to close"), Kind.DAY),
            Column(_("Days in stage"), Kind.NUMBER),
            self._money(_("Amount")),
        ]
        return Table(title, columns, [self._deal(deal) for deal in deals])

    def _deal(self, deal: Deal) -> Row:
        return [
            deal.name,
            deal.customer.name if deal.customer else "",
            deal.stage.name,
            str(deal.owner) if deal.owner else "",
            deal.expected_close_on,
            (self.asked.now - deal.stage_since).days,
            deal.amount,
        ]


def _added(found: Mapping[date | None, tuple[int, int, int]], is_in: Callable[[date], bool]) -> tuple[int, ...]:
    chosen = [sums for month, sums in found.items() if month is not None and is_in(month)]
    return tuple(map(sum, zip((0, 0, 0), *chosen, strict=True)))


REPORT = register(
    Report(
        key="pipeline",
        title=gettext_lazy("Pipeline"),
        text=gettext_lazy("Open deals by stage, person and expected month, and those that wait for too long."),
        icon="target-arrow",
        form=PipelineForm,
        build=build,
        roles=frozenset({Role.ADMIN, Role.SALES_MANAGER, Role.SALES, Role.ANALYST}),
        needs=((Deal, "view"), (Pipeline, "view")),
    )
)
