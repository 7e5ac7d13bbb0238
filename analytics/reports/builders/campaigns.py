"""What campaigns came to: who got, opened and clicked, and which advertisements had success."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from crm.access.policy import visible
from crm.access.roles import Role
from crm.pages import formats
from marketing.choices import Result
from marketing.models import Campaign, CampaignResult

from ..asking import Asked
from ..content import Block, Column, Document, Figure, Figures, Kind, Row, Section, Table, share
from ..parameters import PeriodField, ReportForm
from ..periods import Period
from ..pictures import ranking
from ..registry import Report, register

MOST_ADS = 60
IN_CHARTS = 12

_COUNTS = ("recipient_count", "sent_count", "opened_count", "clicked_count", "unsubscribed_count", "bounced_count")


class CampaignsForm(ReportForm):
    period = PeriodField(label=gettext_lazy("Period"))


def build(asked: Asked) -> Document:
    period = asked.period("period")
    asked.say(0, 2, str(period))
    sections = [_mails(asked, period)]
    asked.say(1, 2, str(period))
    sections.append(_results(asked, period))
    return Document(
        title=str(REPORT),
        subtitle=str(period),
        about=asked.about(CampaignResult, (_("Period"), str(period)), (_("As it stands"), formats.moment(asked.now))),
        sections=[section for section in sections if section.blocks],
    )


def _mails(asked: Asked, period: Period) -> Section:
    begin, end = period.moments(asked.zone)
    sent = visible(asked.membership, Campaign).filter(started_at__gte=begin, started_at__lt=end)
    campaigns = list(sent.order_by("started_at", "pk").select_related("segment").defer("html", "text"))
    sums = {name: sum(getattr(one, name) for one in campaigns) for name in _COUNTS}
    opened = pgettext("how many", "Opened")
    blocks: list[Block] = [
        Figures(
            [
                Figure(_("Campaigns sent"), len(campaigns)),
                Figure(_("Mails sent"), sums["sent_count"]),
                Figure(_("Opened by"), share(sums["opened_count"], sums["sent_count"]), Kind.SHARE),
                Figure(_("Clicked by"), share(sums["clicked_count"], sums["sent_count"]), Kind.SHARE),
                Figure(_("Unsubscribed by"), share(sums["unsubscribed_count"], sums["sent_count"]), Kind.SHARE),
            ]
        )
    ]
    if campaigns:
        best = sorted(campaigns, key=lambda one: -(share(one.opened_count, one.sent_count) or 0))[:IN_CHARTS]
        blocks += [
            ranking(
                _("Share of those who opened the mail"),
                [(one.name, share(one.opened_count, one.sent_count)) for one in best],
                Column(opened, Kind.SHARE),
            ),
            Table(
                _("Campaigns"),
                [
                    Column(_("Campaign")),
                    Column(_("Began"), Kind.DAY),
                    Column(pgettext("how many", "Sent"), Kind.NUMBER),
                    Column(opened, Kind.SHARE),
                    Column(pgettext("how many", "Clicked"), Kind.SHARE),
                    Column(pgettext("how many", "Unsubscribed"), Kind.NUMBER),
                    Column(pgettext("how many", "Came back"), Kind.NUMBER),
                ],
                [_campaign(asked, one) for one in campaigns],
            ),
        ]
    return Section(_("Mails"), blocks)


def _campaign(asked: Asked, one: Campaign) -> Row:
    return [
        one.name,
        one.started_at.astimezone(asked.zone).date() if one.started_at else None,
        one.sent_count,
        share(one.opened_count, one.sent_count),
        share(one.clicked_count, one.sent_count),
        one.unsubscribed_count,
        one.bounced_count,
    ]


def _results(asked: Asked, period: Period) -> Section:
    seen = visible(asked.membership, CampaignResult).filter(result_on__gte=period.first, result_on__lte=period.last)
    counts: dict[str, Any] = {"n": Count("pk"), "success": Count("pk", filter=Q(result=Result.SUCCESS))}
    rows: Any = seen.order_by().values("ad").annotate(**counts)
    found = sorted(rows, key=lambda row: (-row["n"], row["ad"]))
    if not found:
        return Section(_("Advertisements"), [])
    total, success = sum(row["n"] for row in found), sum(row["success"] for row in found)
    row_of = lambda row: [row["ad"], row["n"], row["success"], share(row["success"], row["n"])]
    columns = [
        Column(_("Advertisement")),
        Column(_("Results"), Kind.NUMBER),
        Column(_("Successes"), Kind.NUMBER),
        Column(_("Rate of success"), Kind.SHARE),
    ]
    title = _("Results by advertisement")
    sums: Row = [_("In total"), total, success, share(success, total)]
    rest = found[MOST_ADS:]
    note = _("%(count)s more are in the file for Excel and in the CSV.") % {"count": formats.number(len(rest))}
    return Section(
        _("Advertisements"),
        [
            ranking(
                _("Rate of success"),
                [(row["ad"], share(row["success"], row["n"])) for row in found[:IN_CHARTS]],
                columns[-1],
            ),
            Table(
                title,
                columns,
                [row_of(row) for row in found[:MOST_ADS]],
                sums,
                note if rest else "",
                (lambda: Table(title, columns, [row_of(row) for row in found], sums)) if rest else None,
            ),
        ],
        on_next_page=True,
    )


REPORT = register(
    Report(
        key="campaigns",
        title=gettext_lazy("Campaigns"),
        text=gettext_lazy("Campaigns of a period with openings and clicks, and the success of advertisements."),
        icon="speakerphone",
        form=CampaignsForm,
        build=build,
        roles=frozenset({Role.ADMIN, Role.MARKETER, Role.SALES_MANAGER, Role.ANALYST}),
        needs=((Campaign, "view"), (CampaignResult, "view")),
    )
)
