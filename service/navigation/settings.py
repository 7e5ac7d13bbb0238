"""What a support lead sets, in the sidebar."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from crm.pages.navigation import Entry, register

from ..models import BusinessCalendar, Queue, SlaPolicy, SpecialDay

register(
    Entry(
        "service:queue_list",
        _("Queues"),
        icon="inbox",
        section="administration",
        order=70,
        needs=(Queue, "create"),
        words="queues teams duilie 队列",
    ),
    Entry(
        "service:policy_list",
        _("SLA policies"),
        icon="target-arrow",
        section="administration",
        order=71,
        needs=(SlaPolicy, "create"),
        words="service level sla targets promise fuwu 服务承诺 响应时限",
    ),
    Entry(
        "service:calendar_list",
        _("Business calendars"),
        icon="calendar-time",
        section="administration",
        order=72,
        needs=(BusinessCalendar, "create"),
        words="business hours working time gongzuo rili 工作日历 工作时间",
    ),
    Entry(
        "service:specialday_list",
        _("Special days"),
        icon="calendar-event",
        section="administration",
        order=73,
        needs=(SpecialDay, "create"),
        places=("palette",),
        words="holidays jiejiari tiaoxiu 节假日 调休",
    ),
)
