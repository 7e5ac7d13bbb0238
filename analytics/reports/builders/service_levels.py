"""How tickets were answered: how many came in and were solved, and whether what was promised was kept."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django import forms
from django.db.models import Aggregate, Count, DurationField, ExpressionWrapper, F, Q, QuerySet
from django.db.models.functions import TruncDate
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm.access.policy import visible
from crm.access.roles import Role
from crm.charts import Format
from crm.pages import formats
from service.choices.tickets import TicketChannel, TicketPriority, TicketStatus
from service.models import Queue, Ticket

from ..asking import Asked
from ..content import Block, Column, Document, Figure, Figures, Kind, Row, Section, Table, Text, change, share
from ..parameters import PeriodField, ReportForm
from ..periods import Period
from ..pictures import good_and_bad, ranking
from ..registry import Report, register
from .purchases import people

IN_CHARTS = 12
# Up to so many days a chart has a bar for each.
MOST_BARS = 92


class ServiceLevelsForm(ReportForm):
    period = PeriodField(label=gettext_lazy("Period"))
    queue: forms.ModelChoiceField[Queue] = forms.ModelChoiceField(
        label=gettext_lazy("Queue"),
        queryset=QuerySet(Queue).none(),
        required=False,
        empty_label=gettext_lazy("All queues"),
    )


class Median(Aggregate):
    """Half of the values lie below it."""

    function = "percentile_cont"
    template = "%(function)s(0.5) WITHIN GROUP (ORDER BY %(expressions)s)"
    output_field = DurationField()


def _time_until(field: str) -> ExpressionWrapper:
    return ExpressionWrapper(F(field) - F("created_at"), output_field=DurationField())


_REPLIED = Q(first_replied_at__isnull=False)
_SOLVED = Q(solved_at__isnull=False)
_SUMS: dict[str, Any] = {
    "n": Count("pk"),
    "replied": Count("pk", filter=_REPLIED),
    "solved": Count("pk", filter=_SOLVED),
    "reply_missed": Count("pk", filter=Q(first_reply_missed=True)),
    "solution_missed": Count("pk", filter=Q(resolve_missed=True)),
    "reply_median": Median(_time_until("first_replied_at")),
    "solution_median": Median(_time_until("solved_at")),
}


@dataclass(frozen=True, slots=True)
class Level:
    """Of the tickets that came in: how many were answered and solved, and for how many a promise was missed."""

    n: int
    replied: int
    solved: int
    reply_missed: int
    solution_missed: int
    reply_median: timedelta | None
    solution_median: timedelta | None

    def cells(self) -> list:
        return [
            self.n,
            self.solved,
            share(self.n - self.reply_missed, self.n),
            share(self.n - self.solution_missed, self.n),
            hours(self.reply_median),
            hours(self.solution_median),
        ]


def build(asked: Asked) -> Document:
    period = asked.period("period")
    levels = _ServiceLevels(asked, period, asked.values["queue"])
    chapters = (levels.summary, levels.by_queue, levels.by_person, levels.by_kind)
    sections = []
    for done, chapter in enumerate(chapters):
        asked.say(done, len(chapters), str(period))
        sections.append(chapter())
    queue = asked.values["queue"]
    return Document(
        title=str(REPORT),
        subtitle=str(period),
        about=asked.about(
            Ticket,
            (_("Period"), str(period)),
            (_("Queue"), queue.name if queue else _("All queues")),
            (_("As it stands"), formats.moment(asked.now)),
        ),
        sections=[section for section in sections if section.blocks],
    )


@dataclass(frozen=True)
class _ServiceLevels:
    asked: Asked
    period: Period
    queue: Queue | None

    @property
    def seen(self) -> QuerySet[Ticket]:
        rows = visible(self.asked.membership, Ticket).order_by()
        return rows.filter(queue=self.queue) if self.queue else rows

    def opened(self, period: Period) -> QuerySet[Ticket]:
        begin, end = period.moments(self.asked.zone)
        return self.seen.filter(created_at__gte=begin, created_at__lt=end)

    def solved(self, period: Period) -> QuerySet[Ticket]:
        begin, end = period.moments(self.asked.zone)
        return self.seen.filter(solved_at__gte=begin, solved_at__lt=end)

    def _by(self, name: str) -> dict[Any, Level]:
        rows = self.opened(self.period).values(name).annotate(**_SUMS)
        return {row.pop(name): Level(**row) for row in rows}

    def summary(self) -> Section:
        now = Level(**self.opened(self.period).aggregate(**_SUMS))
        before = self.opened(self.period.before).count()
        waiting = self.seen.filter(status__lt=TicketStatus.SOLVED)
        backlog = waiting.aggregate(n=Count("pk"), late=Count("pk", filter=Q(due_at__lt=self.asked.now)))
        than = str(self.period.before)
        blocks: list[Block] = [
            Figures(
                [
                    Figure(_("Tickets that came in"), now.n, change=change(now.n, before), than=than),
                    Figure(_("Solved in the period"), self.solved(self.period).count()),
                    Figure(_("First reply in time"), share(now.n - now.reply_missed, now.n), Kind.SHARE),
                    Figure(_("Solution in time"), share(now.n - now.solution_missed, now.n), Kind.SHARE),
                    Figure(_("Hours to the first reply, median"), hours(now.reply_median)),
                    Figure(_("Hours to the solution, median"), hours(now.solution_median)),
                    Figure(_("Still open today"), backlog["n"]),
                    Figure(_("Overdue today"), backlog["late"]),
                ]
            )
        ]
        days = self.period.days
        if len(days) <= MOST_BARS and now.n:
            blocks.append(
                good_and_bad(
                    _("Tickets by the day they came in"),
                    self._by_day(),
                    _("In time"),
                    _("A promise was missed"),
                    by=Format.DAY,
                )
            )
        blocks.append(
            Text(
                [
                    _("In time: no promise of the ticket's SLA policy was missed until now."),
                    _("Hours are those of the clock, nights and holidays among them."),
                ]
            )
        )
        return Section(_("Summary"), blocks)

    def _by_day(self) -> dict:
        missed = Q(first_reply_missed=True) | Q(resolve_missed=True)
        rows = (
            self.opened(self.period)
            .annotate(day=TruncDate("created_at", tzinfo=self.asked.zone))
            .values("day")
            .annotate(n=Count("pk"), missed=Count("pk", filter=missed))
        )
        found = {row["day"]: (row["n"] - row["missed"], row["missed"]) for row in rows}
        return {day: found.get(day, (0, 0)) for day in self.period.days}

    def by_queue(self) -> Section:
        found = self._by("queue_id")
        names = dict(Queue.objects.filter(pk__in=found).values_list("pk", "name"))
        return self._section(_("By queue"), _("Queue"), [(names.get(key, ""), level) for key, level in found.items()])

    def by_person(self) -> Section:
        found = self._by("assignee_id")
        names = people(found)
        lines = [(names.get(key or 0, _("Nobody")), level) for key, level in found.items()]
        return self._section(_("By person"), _("Assignee"), lines)

    def by_kind(self) -> Section:
        priorities, channels = dict(TicketPriority.choices), dict(TicketChannel.choices)
        by_priority = [(str(priorities.get(key, key)), level) for key, level in sorted(self._by("priority").items())]
        by_channel = [(str(channels.get(key, key)), level) for key, level in self._by("channel").items()]
        if not by_priority:
            return Section(_("By kind"), [])
        return Section(
            _("By kind"),
            [
                Table(_("By priority"), level_columns(_("Priority")), _rows(by_priority[::-1])),
                Table(_("By channel"), level_columns(_("Channel")), _rows(_most_first(by_channel))),
            ],
        )

    def _section(self, title: str, what: str, lines: list[tuple[str, Level]]) -> Section:
        if not lines:
            return Section(title, [])
        lines = _most_first(lines)
        count = Column(_("Tickets"), Kind.NUMBER)
        return Section(
            title,
            [
                ranking(title, [(name, level.n) for name, level in lines[:IN_CHARTS]], count),
                Table(title, level_columns(what), _rows(lines)),
            ],
        )


def level_columns(what: str) -> list[Column]:
    return [
        Column(what),
        Column(_("Tickets that came in"), Kind.NUMBER),
        Column(_("Solved"), Kind.NUMBER),
        Column(_("First reply in time"), Kind.SHARE),
        Column(_("Solution in time"), Kind.SHARE),
        Column(_("Hours to the first reply"), Kind.NUMBER),
        Column(_("Hours to the solution"), Kind.NUMBER),
    ]


def _rows(lines: list[tuple[str, Level]]) -> list[Row]:
    return [[name, *level.cells()] for name, level in lines]


def _most_first(lines: list[tuple[str, Level]]) -> list[tuple[str, Level]]:
    return sorted(lines, key=lambda line: (-line[1].n, line[0]))


def hours(span: timedelta | None) -> float | None:
    return None if span is None else round(span / timedelta(hours=1), 1)


REPORT = register(
    Report(
        key="service_levels",
        title=gettext_lazy("Service levels"),
        text=gettext_lazy("Tickets that came in and were solved, and whether promises were kept, by queue and person."),
        icon="lifebuoy",
        form=ServiceLevelsForm,
        build=build,
        roles=frozenset({Role.ADMIN, Role.SUPPORT_LEAD, Role.SUPPORT, Role.ANALYST, Role.SALES_MANAGER}),
        needs=((Ticket, "view"), (Queue, "view")),
    )
)
