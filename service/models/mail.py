"""The doors through which customers reach the service: the portal, mailboxes, what came in by mail, and files."""

from __future__ import annotations

from typing import ClassVar

from django.core.validators import EmailValidator, MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crm.files.models import StoredFile
from crm.security.sealing import purpose_of, seal, unseal
from crm.tenancy.base import TenantForeignKey, TenantManager, TenantModel
from crm.tenancy.constraints import SettledUnique
from crm.tenancy.fields import tenant_key

from ..choices.mail import FetchProblem, ImapSecurity, InboundReason, InboundState, InboundVia
from ..querysets.mail import InboundMailQuerySet, MailboxQuerySet
from .settings import Queue
from .tickets import Ticket, TicketMessage


class PortalSettings(TenantModel):
    """The page on which anybody may write to us. One row for a tenant; without it all is as it is here."""

    tenant = tenant_key("portal_settings")
    is_open = models.BooleanField(_("open to everybody"), default=True)
    greeting = models.TextField(_("greeting"), max_length=2_000, blank=True)
    queue = TenantForeignKey(Queue, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("queue"))
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        verbose_name = _("customer portal")
        verbose_name_plural = _("customer portal")
        constraints = [models.UniqueConstraint(fields=["tenant"], name="portal_settings_once")]

    def __str__(self):
        return str(_("Customer portal"))


class Mailbox(TenantModel):
    """An address to which customers write, and (with a server) where its mail is fetched from."""

    unaudited_fields: ClassVar[tuple[str, ...]] = (
        "imap_password_sealed",
        "uid_validity",
        "last_uid",
        "fetched_at",
        "problem",
    )

    tenant = tenant_key("mailboxes")
    address = models.CharField(_("address"), max_length=254, validators=[EmailValidator()])
    queue = TenantForeignKey(Queue, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("queue"))
    is_active = models.BooleanField(_("in use"), default=True)
    # Where answers go when the ticket's queue has no mailbox of its own.
    is_default = models.BooleanField(_("takes answers of other queues"), default=False)
    confirms = models.BooleanField(_("confirms what comes in"), default=True)
    # Not every mail server delivers name+more@domain to name@domain.
    has_plus = models.BooleanField(_("answers carry the ticket in the address"), default=True)

    imap_host = models.CharField(_("IMAP server"), max_length=253, blank=True)
    imap_port = models.PositiveIntegerField(
        _("port"), default=993, validators=[MinValueValidator(1), MaxValueValidator(65_535)]
    )
    imap_security = models.CharField(_("security"), max_length=10, choices=ImapSecurity, default=ImapSecurity.TLS)
    imap_user = models.CharField(_("user name"), max_length=254, blank=True)
    imap_password_sealed = models.TextField(blank=True, editable=False)
    imap_folder = models.CharField(_("folder"), max_length=200, default="INBOX")

    # How far the folder has been read: numbers of messages count within one value of uid_validity.
    uid_validity = models.PositiveBigIntegerField(null=True, editable=False)
    last_uid = models.PositiveBigIntegerField(default=0, editable=False)
    fetched_at = models.DateTimeField(_("last fetched"), null=True, editable=False)
    problem = models.CharField(_("problem"), max_length=20, choices=FetchProblem, blank=True, editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)
    updated_at = models.DateTimeField(_("updated"), default=timezone.now, editable=False)

    objects = TenantManager.from_queryset(MailboxQuerySet)()

    class Meta:
        verbose_name = _("mailbox")
        verbose_name_plural = _("mailboxes")
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "address"],
                name="mailbox_address",
                violation_error_message=_("There is already a mailbox of this address."),
            ),
            SettledUnique(fields=["tenant"], name="mailbox_one_default", condition=Q(is_default=True)),
        ]

    def __str__(self):
        return self.address

    @property
    def is_fetched(self) -> bool:
        return bool(self.is_active and self.imap_host)

    @property
    def imap_password(self) -> str:
        """Raises CannotUnseal."""
        sealed = self.imap_password_sealed
        return unseal(sealed, purpose=purpose_of(Mailbox, "imap_password_sealed")) if sealed else ""

    @imap_password.setter
    def imap_password(self, text: str) -> None:
        purpose = purpose_of(Mailbox, "imap_password_sealed")
        self.imap_password_sealed = seal(text, purpose=purpose) if text else ""

    def get_absolute_url(self):
        return reverse("service:mailbox_detail", args=[self.pk])


class InboundMail(TenantModel):
    """A mail as it came in, byte by byte, kept before anybody has looked into it; and what became of it."""

    not_audited = "Is itself the record of what came in; what was made of it is in the ticket's trail."

    tenant = tenant_key("inbound_mails")
    received_at = models.DateTimeField(_("received"), default=timezone.now, editable=False)
    via = models.CharField(_("came by"), max_length=10, choices=InboundVia, editable=False)
    mailbox = TenantForeignKey(
        Mailbox, models.SET_NULL, null=True, related_name="+", editable=False, verbose_name=_("mailbox")
    )
    # Whom the mail server was asked to deliver it to, which need not stand in the mail.
    envelope_to = models.CharField(_("delivered to"), max_length=254, blank=True, editable=False)
    raw = models.BinaryField()
    # As it came, also when only its beginning is kept.
    size = models.PositiveBigIntegerField(_("size"), editable=False)
    is_cut = models.BooleanField(default=False, editable=False)
    sha256 = models.CharField(_("checksum"), max_length=64, editable=False)

    state = models.CharField(
        _("state"), max_length=10, choices=InboundState, default=InboundState.WAITING, editable=False
    )
    reason = models.CharField(_("why"), max_length=10, choices=InboundReason, blank=True, editable=False)
    # What went wrong, for the operator: the type of an error and its place, never its words.
    fault = models.CharField(max_length=200, blank=True, editable=False)
    tries = models.PositiveSmallIntegerField(default=0, editable=False)
    begun_at = models.DateTimeField(null=True, editable=False)
    taken_at = models.DateTimeField(_("read"), null=True, editable=False)

    # As the mail says.
    message_id = models.CharField(_("number of the mail"), max_length=255, blank=True, editable=False)
    sender_name = models.CharField(_("sender"), max_length=200, blank=True, editable=False)
    sender_email = models.CharField(_("sender's e-mail"), max_length=254, blank=True, editable=False)
    subject = models.CharField(_("subject"), max_length=200, blank=True, editable=False)
    # What was made of it: the ticket's message, or of a delivery report the note about it.
    ticket_message = TenantForeignKey(
        TicketMessage,
        models.SET_NULL,
        null=True,
        related_name="inbound_mails",
        editable=False,
        verbose_name=_("message"),
    )

    objects = TenantManager.from_queryset(InboundMailQuerySet)()

    class Meta:
        verbose_name = _("incoming mail")
        verbose_name_plural = _("incoming mail")
        indexes = [
            models.Index("tenant", F("received_at").desc(), F("id").desc(), name="inbound_mail_recent"),
            models.Index("tenant", "state", F("received_at").desc(), F("id").desc(), name="inbound_mail_state"),
            models.Index(fields=["tenant", "id"], name="inbound_mail_waiting", condition=Q(state=InboundState.WAITING)),
            models.Index(fields=["tenant", "sender_email", "received_at"], name="inbound_mail_sender"),
            models.Index(fields=["tenant", "message_id"], name="inbound_mail_number", condition=~Q(message_id="")),
            models.Index(
                fields=["tenant", "ticket_message"],
                name="inbound_mail_message",
                condition=Q(ticket_message__isnull=False),
            ),
        ]
        constraints = [
            # Delivered again, as mail servers do when they got no answer, it is the same mail.
            models.UniqueConstraint(fields=["tenant", "sha256"], name="inbound_mail_once"),
        ]

    def __str__(self):
        return self.subject or self.sender_email or str(_("(no subject)"))

    @property
    def ticket(self) -> Ticket | None:
        return self.ticket_message.ticket if self.ticket_message else None

    def get_absolute_url(self):
        return reverse("service:inboundmail_detail", args=[self.pk])


class TicketAttachment(TenantModel):
    """A file that came or left with a message. The file goes with the ticket (crm/files: what nobody names)."""

    settled_fields: ClassVar[tuple[str, ...]] = ("ticket", "message", "file")

    tenant = tenant_key("ticket_attachments")
    ticket = TenantForeignKey(
        Ticket, models.CASCADE, cascade=True, related_name="attachments", verbose_name=_("ticket")
    )
    message = TenantForeignKey(
        TicketMessage, models.CASCADE, cascade=True, related_name="attachments", verbose_name=_("message")
    )
    file = TenantForeignKey(StoredFile, models.PROTECT, related_name="+", verbose_name=_("file"))

    class Meta:
        verbose_name = _("attachment")
        verbose_name_plural = _("attachments")
        indexes = [
            models.Index(fields=["tenant", "ticket", "id"], name="ticket_attachment_ticket"),
            # For the database, which takes along what a message has.
            models.Index(fields=["tenant", "message"], name="ticket_attachment_message"),
        ]

    def __str__(self):
        return self.file.name

    def get_absolute_url(self):
        return reverse("service:ticketattachment_download", args=[self.pk])
