"""The demo's manager gets a report every Monday; loading the demo again adds no second one."""

from __future__ import annotations

import pytest
from django.utils import timezone

from analytics.demo.schedules import fill_schedules
from analytics.models import Schedule
from crm.access.roles import Role
from crm.demo.registry import DemoTenant
from tests.factories import make_member

pytestmark = pytest.mark.django_db


def test_demo_has_one_schedule_however_often_it_is_loaded(in_tenant):
    people = {
        name: make_member(in_tenant, f"{name}@acme.example", role).user
        for name, role in (("sales-manager", Role.SALES_MANAGER), ("analyst", Role.ANALYST))
    }
    world = DemoTenant(in_tenant, people, timezone.now(), 10, lambda words: None)

    fill_schedules(world)
    fill_schedules(world)

    schedule = Schedule.objects.get()
    assert schedule.next_at is not None
    assert {one.user_id for one in schedule.recipients.all()} == {user.pk for user in people.values()}
