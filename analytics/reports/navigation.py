"""Reports in the sidebar and the palette; analytics/navigation.py registers them."""

from django.utils.translation import gettext_lazy as _

from crm.pages.navigation import Entry

from ..models import Schedule
from .registry import open_reports

ENTRIES = (
    Entry(
        "analytics:reports",
        _("Reports"),
        icon="report-analytics",
        section="analytics",
        order=30,
        needs=lambda request: bool(open_reports(request.membership)),
        words="reports pdf monthly baobiao yuebao 报表 月报 报告",
    ),
    Entry(
        "analytics:schedule_list",
        _("Schedules"),
        icon="calendar-time",
        section="analytics",
        order=32,
        needs=(Schedule, "view"),
        places=("palette",),
        words="schedule weekly mail report dingqi 定期 报表 邮件",
    ),
    Entry(
        "analytics:report_runs",
        _("Reports made"),
        icon="report-analytics",
        section="analytics",
        order=34,
        needs=lambda request: bool(open_reports(request.membership)),
        places=("palette",),
        words="runs files reports baobiao 报表 文件",
    ),
)
