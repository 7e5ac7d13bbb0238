"""The report that the demo's manager gets every Monday."""

from __future__ import annotations

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from crm.access.roles import Role
from crm.demo.registry import DemoTenant, demo

from ..models import Schedule
from ..operations.schedules import save_schedule


@demo
def fill_schedules(world: DemoTenant) -> None:
    manager = world.person(Role.SALES_MANAGER)
    with transaction.atomic(), translation.override(world.tenant.language):
        if Schedule.objects.exists():
            return
        save_schedule(
            schedule=Schedule(
                name=_("Sales of the month, every Monday"), report="monthly_sales", parameters={"month": "this"}
            ),
            recipients=[manager.pk, world.person(Role.ANALYST).pk],
            user=manager,
        )
    world.say(f"{world.tenant.slug}: a schedule for a report")
