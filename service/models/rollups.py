"""How many tickets there are and come in, kept by the database (migration 0003) for whoever looks at all of them."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from crm.tenancy.base import TenantForeignKey, TenantModel
from crm.tenancy.fields import tenant_key

from ..choices.tickets import TicketStatus
from .settings import Queue


class TicketDay(TenantModel):
    """The tickets of one day of the tenant's time zone and one queue.

    `slot` keeps writers apart who change tickets at the same time; a sum over rows is right, a single row says nothing.
    """

    not_audited = "Follows from the tickets, whose changes are in the trail."

    tenant = tenant_key("ticket_days")
    day = models.DateField(_("day"))
    queue = TenantForeignKey(Queue, models.CASCADE, cascade=True, related_name="+", verbose_name=_("queue"))
    slot = models.SmallIntegerField(default=0)
    # Came in that day; of those, for how many a target was missed since; and solved that day, whenever they came in.
    opened_count = models.BigIntegerField(_("tickets that came in"), default=0)
    missed_count = models.BigIntegerField(_("missed targets"), default=0)
    solved_count = models.BigIntegerField(_("solved tickets"), default=0)

    class Meta:
        verbose_name = _("tickets of a day")
        verbose_name_plural = _("tickets by day")
        constraints = [models.UniqueConstraint(fields=["tenant", "day", "queue", "slot"], name="ticket_day_once")]

    def __str__(self):
        return f"{self.day}: {self.opened_count}"


class TicketState(TenantModel):
    """How many tickets of a queue have a status; `slot` as above."""

    not_audited = "Follows from the tickets, whose changes are in the trail."

    tenant = tenant_key("ticket_states")
    queue = TenantForeignKey(Queue, models.CASCADE, cascade=True, related_name="+", verbose_name=_("queue"))
    status = models.PositiveSmallIntegerField(_("status"), choices=TicketStatus)
    slot = models.SmallIntegerField(default=0)
    ticket_count = models.BigIntegerField(_("tickets"), default=0)

    class Meta:
        verbose_name = _("tickets of a status")
        verbose_name_plural = _("tickets by status")
        constraints = [models.UniqueConstraint(fields=["tenant", "queue", "status", "slot"], name="ticket_state_once")]

    def __str__(self):
        return f"{self.get_status_display()}: {self.ticket_count}"
