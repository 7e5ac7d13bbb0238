from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crm.i18n.labels import labelled
from crm.search.index import SearchEntry, entry_constraints, entry_indexes, entry_key
from crm.tenancy.base import MemberForeignKey, TenantForeignKey, TenantManager, TenantModel
from crm.tenancy.constraints import TenantView
from crm.tenancy.fields import tenant_key
from customers.models import Contact, Customer

from ..choices.tickets import (
    RUNNING,
    EventKind,
    MessageKind,
    TicketChannel,
    TicketPriority,
    TicketStatus,
)
from ..querysets.tickets import TicketQuerySet
from .settings import Queue

# Condition of the partial indexes: what is still to be done. A query has to say the same to be served by them.
UNSOLVED = Q(status__lt=TicketStatus.SOLVED)


class Ticket(TenantModel):
    """Something a customer wants from us, and what became of it.

    What the clock says (`due_at` and its neighbours) follows from the ticket's events, its queue's policy and calendar:
    service/sla.py computes it, operations store it for lists, and it can be computed anew at any time.
    """

    unaudited_fields: ClassVar[tuple[str, ...]] = (
        "due_at",
        "first_reply_due_at",
        "resolve_due_at",
        "next_miss_at",
        "first_reply_missed",
        "resolve_missed",
    )

    settled_fields: ClassVar[tuple[str, ...]] = ("status", "priority", "queue", "assignee")

    # Counted in each tenant. Empty only until the statement after the one by which an import brings it in.
    number = models.PositiveBigIntegerField(_("number"), null=True, editable=False)
    subject = models.CharField(_("subject"), max_length=200)
    customer = TenantForeignKey(
        Customer,
        models.CASCADE,
        cascade=True,
        null=True,
        blank=True,
        related_name="tickets",
        verbose_name=_("customer"),
    )
    contact = TenantForeignKey(
        Contact, models.SET_NULL, null=True, blank=True, related_name="tickets", verbose_name=_("contact")
    )
    # Who wrote, when that is nobody we know yet; and where answers go.
    sender_name = models.CharField(_("sender"), max_length=200, blank=True)
    sender_email = models.CharField(_("sender's e-mail"), max_length=254, blank=True)
    queue = TenantForeignKey(Queue, models.PROTECT, related_name="tickets", verbose_name=_("queue"))
    assignee = MemberForeignKey(verbose_name=_("assignee"), null=True, blank=True, related_name="+")
    status = models.PositiveSmallIntegerField(_("status"), choices=TicketStatus, default=TicketStatus.NEW)
    priority = models.PositiveSmallIntegerField(_("priority"), choices=TicketPriority, default=TicketPriority.NORMAL)
    channel = models.CharField(_("channel"), max_length=10, choices=TicketChannel, default=TicketChannel.PHONE)
    external_id = models.CharField(_("external number"), max_length=64, blank=True)

    first_replied_at = models.DateTimeField(_("first reply"), null=True, editable=False)
    solved_at = models.DateTimeField(_("solved"), null=True, editable=False)
    closed_at = models.DateTimeField(_("closed"), null=True, editable=False)

    # When the next target that is still open falls due; empty while the clock stands still, or nothing is promised.
    due_at = models.DateTimeField(_("due"), null=True, editable=False)
    first_reply_due_at = models.DateTimeField(_("first reply due"), null=True, editable=False)
    resolve_due_at = models.DateTimeField(_("solution due"), null=True, editable=False)
    # When the next target will be missed that is not yet marked so: what the clock's tick looks for.
    next_miss_at = models.DateTimeField(null=True, editable=False)
    first_reply_missed = models.BooleanField(_("first reply missed"), default=False, editable=False)
    resolve_missed = models.BooleanField(_("solution missed"), default=False, editable=False)

    created_by = MemberForeignKey(verbose_name=_("created by"), null=True, editable=False, related_name="+")
    version = models.PositiveIntegerField(default=1, editable=False)
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)
    updated_at = models.DateTimeField(_("updated"), default=timezone.now, editable=False)

    objects = TenantManager.from_queryset(TicketQuerySet)()

    class Meta:
        verbose_name = _("ticket")
        verbose_name_plural = _("tickets")
        indexes = [
            # What is to be done, by when: everybody's, one person's, nobody's, one queue's.
            models.Index(fields=["tenant", "due_at", "id"], name="ticket_due", condition=UNSOLVED),
            models.Index(fields=["tenant", "assignee", "due_at", "id"], name="ticket_assignee_due", condition=UNSOLVED),
            # `assignee IS NULL` is not a constant to the planner, which would sort what it found.
            models.Index(
                fields=["tenant", "due_at", "id"],
                name="ticket_unassigned_due",
                condition=UNSOLVED & Q(assignee__isnull=True),
            ),
            models.Index(fields=["tenant", "queue", "due_at", "id"], name="ticket_queue_due", condition=UNSOLVED),
            models.Index(
                fields=["tenant", "next_miss_at", "id"], name="ticket_miss", condition=Q(next_miss_at__isnull=False)
            ),
            models.Index(fields=["tenant", "contact"], name="ticket_contact", condition=Q(contact__isnull=False)),
            models.Index(
                fields=["tenant", "solved_at", "id"],
                name="ticket_to_close",
                condition=Q(status=TicketStatus.SOLVED),
            ),
            models.Index("tenant", F("updated_at").desc(), F("id").desc(), name="ticket_recent"),
            models.Index("tenant", "customer", F("created_at").desc(), F("id").desc(), name="ticket_customer"),
            models.Index(fields=["tenant", "created_at", "id"], name="ticket_created"),
            models.Index(fields=["tenant", "sender_email"], name="ticket_sender", condition=~Q(sender_email="")),
            models.Index(fields=["tenant", "solved_at"], name="ticket_solved", condition=Q(solved_at__isnull=False)),
        ]
        constraints = [
            TenantView(name="service_ticket_v"),
            models.UniqueConstraint(fields=["tenant", "number"], name="ticket_number"),
            models.UniqueConstraint(
                fields=["tenant", "external_id"],
                name="ticket_external_id",
                condition=~Q(external_id=""),
                violation_error_message=_("Another ticket already has this external number."),
            ),
        ]

    def __str__(self):
        return f"#{self.number} {self.subject}"

    @property
    def is_unsolved(self) -> bool:
        return self.status < TicketStatus.SOLVED

    @property
    def is_running(self) -> bool:
        return self.status in RUNNING

    @property
    def is_missed(self) -> bool:
        return self.first_reply_missed or self.resolve_missed

    def get_absolute_url(self):
        return reverse("service:ticket_detail", args=[self.pk])


class TicketMessage(TenantModel):
    """What was said: to the customer, by the customer, or among ourselves. Never changed once it is written."""

    settled_fields: ClassVar[tuple[str, ...]] = (
        "ticket",
        "kind",
        "sender_name",
        "sender_email",
        "text",
        "channel",
        "at",
    )

    tenant = tenant_key("ticket_messages")
    ticket = TenantForeignKey(Ticket, models.CASCADE, cascade=True, related_name="messages", verbose_name=_("ticket"))
    kind = models.CharField(_("kind"), max_length=10, choices=MessageKind)
    # A reply and a note have an author; what comes from outside has a sender.
    author = MemberForeignKey(verbose_name=_("author"), null=True, related_name="+", editable=False)
    sender_name = models.CharField(_("sender"), max_length=200, blank=True)
    sender_email = models.CharField(_("sender's e-mail"), max_length=254, blank=True)
    text = models.TextField(_("text"), max_length=100_000)
    # Cleaned by crm.html before it was stored; empty when there is only text.
    html = models.TextField(_("text as HTML"), blank=True, editable=False)
    channel = models.CharField(_("channel"), max_length=10, choices=TicketChannel, blank=True)
    # The Message-ID of the mail that it came with or left with: how answers find their ticket.
    message_id = models.CharField(_("number of the mail"), max_length=255, blank=True, editable=False)
    at = models.DateTimeField(_("when"), default=timezone.now)

    class Meta:
        verbose_name = _("message")
        verbose_name_plural = _("messages")
        indexes = [
            models.Index(fields=["tenant", "ticket", "at", "id"], name="ticket_message_thread"),
            models.Index(fields=["tenant", "message_id"], name="ticket_message_mail", condition=~Q(message_id="")),
        ]

    def __str__(self):
        return labelled(self.get_kind_display(), self.text[:60])


class TicketEvent(TenantModel):
    """One line of what happened to a ticket. The clock is a function of these lines, so they are only ever added."""

    not_audited = "Is itself the record of what happened to a ticket, and is never changed."

    tenant = tenant_key("ticket_events")
    ticket = TenantForeignKey(Ticket, models.CASCADE, cascade=True, related_name="events", verbose_name=_("ticket"))
    kind = models.CharField(_("kind"), max_length=10, choices=EventKind)
    at = models.DateTimeField(_("when"), default=timezone.now)
    actor = MemberForeignKey(verbose_name=_("done by"), null=True, related_name="+", editable=False)
    # By kind: status or priority as a number, queue or person as an id, a missed target by name. "": nothing, nobody.
    before = models.CharField(max_length=20, blank=True, editable=False)
    after = models.CharField(max_length=20, blank=True, editable=False)
    message = TenantForeignKey(
        TicketMessage, models.CASCADE, cascade=True, null=True, related_name="+", verbose_name=_("message")
    )

    class Meta:
        verbose_name = _("event of a ticket")
        verbose_name_plural = _("events of tickets")
        indexes = [
            models.Index(fields=["tenant", "ticket", "at", "id"], name="ticket_event_log"),
            # Whoever deletes a ticket, and its messages with it, would read all events of the tenant otherwise.
            models.Index(fields=["tenant", "message"], name="ticket_event_message", condition=Q(message__isnull=False)),
        ]

    def __str__(self):
        return labelled(self.get_kind_display(), f"{self.before} → {self.after}")


class TicketCounter(TenantModel):
    """The tenant's last ticket number. One row, changed under its lock (SCALE_OUT.md rule 1)."""

    not_audited = "Only counts; the tickets are in the trail."

    tenant = tenant_key("ticket_counters")
    last_number = models.PositiveBigIntegerField(default=0, editable=False)

    class Meta:
        verbose_name = _("counter of tickets")
        verbose_name_plural = _("counters of tickets")
        constraints = [models.UniqueConstraint(fields=["tenant"], name="ticket_counter_once")]

    def __str__(self):
        return str(self.last_number)


class TicketSearch(SearchEntry):
    """The words a ticket is found by: its subject and its customer's name; written by service.search and by import."""

    tenant = tenant_key("ticket_search")
    id = entry_key("ticket")

    class Meta:
        db_table = "ticket_search"
        verbose_name = verbose_name_plural = _("words of tickets")
        indexes = entry_indexes("ticket_search")
        constraints = entry_constraints("ticket_search", of="service.Ticket")
