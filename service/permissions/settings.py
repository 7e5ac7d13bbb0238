from __future__ import annotations

from crm.access.policy import TenantWidePolicy
from crm.access.roles import Role

from ..models import BusinessCalendar, Queue, SlaPolicy, SpecialDay

LEADING = {Role.ADMIN, Role.SUPPORT_LEAD}


class SettingsPolicy(TenantWidePolicy):
    """Everybody may know what is promised; those who lead the service set it."""

    grants = {"view": Role, "create": LEADING, "edit": LEADING, "delete": LEADING, "export": LEADING}


class QueuePolicy(SettingsPolicy):
    kind = "queues"
    model = Queue


class BusinessCalendarPolicy(SettingsPolicy):
    kind = "business_calendars"
    model = BusinessCalendar


class SpecialDayPolicy(SettingsPolicy):
    kind = "special_days"
    model = SpecialDay


class SlaPolicyPolicy(SettingsPolicy):
    kind = "sla_policies"
    model = SlaPolicy
