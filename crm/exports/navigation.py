from django.utils.translation import gettext_lazy as _

from crm.jobs.models import Job
from crm.pages.navigation import Entry, register

register(
    Entry(
        "exports:export_list",
        _("Exports"),
        icon="download",
        section="work",
        order=75,
        needs=(Job, "view"),
        words="exports csv excel download daochu 导出 下载 表格",
    )
)
