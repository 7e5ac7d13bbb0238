from django.utils.translation import gettext_lazy as _

from crm.pages.navigation import Entry, register

from .models import Job

register(
    Entry(
        "jobs:job_list",
        _("Jobs"),
        icon="progress",
        section="work",
        order=80,
        needs=(Job, "view"),
        words="jobs tasks progress renwu 任务 后台 进度",
    )
)
