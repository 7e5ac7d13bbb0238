"""Queues, business calendars with their special days, and SLA policies."""

from __future__ import annotations

from typing import Any, cast

from django.utils import timezone
from django.utils.translation import gettext_lazy

from crm.pages.views import ActionPage, DeletePage, DetailPage, EditPage, ListPage, PageAction
from crm.pages.views.list import Empty

from ..filters.settings import SpecialDayFilter
from ..forms import settings as forms
from ..models import BusinessCalendar, Queue, SlaPolicy, SpecialDay
from ..operations.settings import (
    delete_special_day,
    save_calendar,
    save_policy,
    save_queue,
    save_special_day,
    settle_again,
)
from ..tables import settings as tables

_SHOWN_DAYS = 60


class QueueList(ListPage):
    model = Queue
    kind = "queues"
    table = tables.QueueTable
    empty = Empty(
        gettext_lazy("No queues yet"),
        gettext_lazy("Tickets wait in a queue for a team. Its calendar and policy say until when."),
        icon="inbox",
    )

    def get_queryset(self):
        return self.tenant.queues.all()


class QueueDetail(DetailPage):
    model = Queue
    table = tables.QueueTable
    sections = (("", ["team", "calendar", "policy", "close_after_days", "is_default"]),)
    actions = (
        PageAction("settle", gettext_lazy("Compute due times anew"), "refresh", permission="edit", is_rare=True),
    )

    def get_queryset(self):
        return self.tenant.queues.select_related("team", "calendar", "policy")


class QueueEdit(EditPage):
    model = Queue
    form = forms.QueueForm

    def save(self, form):
        return save_queue(queue=form.save(commit=False), user=self.request.user)


class QueueDelete(DeletePage):
    model = Queue


class QueueSettle(ActionPage):
    model = Queue
    form = forms.SettleForm
    permission = "edit"
    label = gettext_lazy("Compute due times anew")
    question = gettext_lazy("Due times of open tickets follow each change of rules by themselves.")

    def act(self, obj, data):
        return settle_again(queues=[obj], user=self.request.user, whole=data["whole"])


class CalendarList(ListPage):
    model = BusinessCalendar
    kind = "business_calendars"
    url_stem = "calendar"
    table = tables.CalendarTable
    empty = Empty(
        gettext_lazy("No business calendars yet"),
        gettext_lazy("A calendar says when people work: only then do the clocks of tickets run."),
        icon="calendar-time",
    )

    def get_queryset(self):
        return self.tenant.business_calendars.all()


class CalendarDetail(DetailPage):
    model = BusinessCalendar
    url_stem = "calendar"
    table = tables.CalendarTable
    template_name = "service/calendar_detail.html"
    sections = (
        ("", ["time_zone"]),
        (
            gettext_lazy("Working hours"),
            ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"],
        ),
    )

    def get_queryset(self):
        return self.tenant.business_calendars.all()

    def get_context(self, **context: Any) -> dict[str, Any]:
        calendar = cast(BusinessCalendar, self.object)
        days = calendar.special_days.filter(last_on__gte=timezone.localdate()).order_by("first_on", "pk")
        return super().get_context(
            days=list(days[:_SHOWN_DAYS]),
            may_edit=self.policy.allows(self.membership, "edit", calendar),
            **context,
        )


class CalendarEdit(EditPage):
    model = BusinessCalendar
    url_stem = "calendar"
    form = forms.CalendarForm

    def save(self, form):
        return save_calendar(calendar=form.save(commit=False), user=self.request.user)


class CalendarDelete(DeletePage):
    model = BusinessCalendar
    url_stem = "calendar"


class SpecialDayList(ListPage):
    model = SpecialDay
    kind = "special_days"
    table = tables.SpecialDayTable
    filterset = SpecialDayFilter
    empty = Empty(
        gettext_lazy("No special days yet"),
        gettext_lazy("Holidays, on which the clocks stand still, and days that are worked instead."),
        icon="calendar-event",
    )

    def get_queryset(self):
        return self.tenant.special_days.all()


class SpecialDayEdit(EditPage):
    model = SpecialDay
    form = forms.SpecialDayForm

    def get_queryset(self):
        return self.tenant.special_days.select_related("calendar")

    def save(self, form):
        return save_special_day(day=form.save(commit=False), user=self.request.user)

    def get_success_url(self, obj):
        return obj.get_absolute_url()


class SpecialDayDelete(DeletePage):
    model = SpecialDay

    def get_queryset(self):
        return self.tenant.special_days.select_related("calendar")

    def delete(self, obj):
        delete_special_day(day=obj, user=self.request.user)

    def get_success_url(self):
        return cast(SpecialDay, self.object).get_absolute_url()


class PolicyList(ListPage):
    model = SlaPolicy
    kind = "sla_policies"
    url_stem = "policy"
    table = tables.PolicyTable
    empty = Empty(
        gettext_lazy("No SLA policies yet"),
        gettext_lazy("A policy says how soon a ticket gets its first reply, and when it is to be solved."),
        icon="target-arrow",
    )

    def get_queryset(self):
        return self.tenant.sla_policies.all()


class PolicyDetail(DetailPage):
    model = SlaPolicy
    url_stem = "policy"
    table = tables.PolicyTable
    sections = (
        (
            gettext_lazy("What is promised"),
            [
                f"{urgency}_{what}"
                for what in ("first_reply", "resolve")
                for urgency in ("urgent", "high", "normal", "low")
            ],
        ),
    )


class PolicyEdit(EditPage):
    model = SlaPolicy
    url_stem = "policy"
    form = forms.PolicyForm

    def save(self, form):
        return save_policy(policy=form.save(commit=False), user=self.request.user)


class PolicyDelete(DeletePage):
    model = SlaPolicy
    url_stem = "policy"
