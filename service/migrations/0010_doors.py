import django.core.validators
import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models

import crm.tenancy.constraints
import crm.tenancy.fields


class Migration(migrations.Migration):
    dependencies = [
        ("files", "0002_audit"),
        ("service", "0003_counting_tickets"),
        ("tenancy", "0002_audit"),
    ]

    operations = [
        migrations.CreateModel(
            name="Mailbox",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                (
                    "address",
                    models.CharField(
                        max_length=254, validators=[django.core.validators.EmailValidator()], verbose_name="address"
                    ),
                ),
                ("is_active", models.BooleanField(default=True, verbose_name="in use")),
                ("is_default", models.BooleanField(default=False, verbose_name="takes answers of other queues")),
                ("confirms", models.BooleanField(default=True, verbose_name="confirms what comes in")),
                ("has_plus", models.BooleanField(default=True, verbose_name="answers carry the ticket in the address")),
                ("imap_host", models.CharField(blank=True, max_length=253, verbose_name="IMAP server")),
                (
                    "imap_port",
                    models.PositiveIntegerField(
                        default=993,
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(65535),
                        ],
                        verbose_name="port",
                    ),
                ),
                (
                    "imap_security",
                    models.CharField(
                        choices=[("tls", "TLS (port 993)"), ("starttls", "STARTTLS (port 143)")],
                        default="tls",
                        max_length=10,
                        verbose_name="security",
                    ),
                ),
                ("imap_user", models.CharField(blank=True, max_length=254, verbose_name="user name")),
                ("imap_password_sealed", models.TextField(blank=True, editable=False)),
                ("imap_folder", models.CharField(default="INBOX", max_length=200, verbose_name="folder")),
                ("uid_validity", models.PositiveBigIntegerField(editable=False, null=True)),
                ("last_uid", models.PositiveBigIntegerField(default=0, editable=False)),
                ("fetched_at", models.DateTimeField(editable=False, null=True, verbose_name="last fetched")),
                (
                    "problem",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("unreachable", "The mail server does not answer. Check its name and port."),
                            ("certificate", "The mail server's certificate is not valid for its name."),
                            ("refused", "The mail server refused the user name or password."),
                            ("folder", "The mail server has no folder of this name."),
                            (
                                "private",
                                "This server's name leads into a private network, which is not permitted here.",
                            ),
                            ("sealed", "The password can no longer be read. Enter it again."),
                            ("protocol", "The mail server answered something that is not understood."),
                        ],
                        editable=False,
                        max_length=20,
                        verbose_name="problem",
                    ),
                ),
                ("version", models.PositiveIntegerField(default=1, editable=False)),
                (
                    "created_at",
                    models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name="created"),
                ),
                (
                    "updated_at",
                    models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name="updated"),
                ),
                (
                    "queue",
                    crm.tenancy.fields.TenantForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="service.queue",
                        verbose_name="queue",
                    ),
                ),
                (
                    "tenant",
                    models.ForeignKey(
                        db_index=False,
                        editable=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="mailboxes",
                        to="tenancy.tenant",
                    ),
                ),
            ],
            options={
                "verbose_name": "mailbox",
                "verbose_name_plural": "mailboxes",
                "base_manager_name": "objects",
            },
        ),
        migrations.CreateModel(
            name="InboundMail",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                (
                    "received_at",
                    models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name="received"),
                ),
                (
                    "via",
                    models.CharField(
                        choices=[("command", "Handed over by the mail server"), ("imap", "Fetched from the mailbox")],
                        editable=False,
                        max_length=10,
                        verbose_name="came by",
                    ),
                ),
                (
                    "envelope_to",
                    models.CharField(blank=True, editable=False, max_length=254, verbose_name="delivered to"),
                ),
                ("raw", models.BinaryField()),
                ("size", models.PositiveBigIntegerField(editable=False, verbose_name="size")),
                ("is_cut", models.BooleanField(default=False, editable=False)),
                ("sha256", models.CharField(editable=False, max_length=64, verbose_name="checksum")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "Waits to be read"),
                            ("opened", "Opened a ticket"),
                            ("added", "Added to a ticket"),
                            ("quarantine", "In quarantine"),
                            ("aside", "Set aside"),
                            ("bounce", "Delivery report"),
                            ("duplicate", "Came twice"),
                            ("discarded", "Discarded"),
                        ],
                        default="waiting",
                        editable=False,
                        max_length=10,
                        verbose_name="state",
                    ),
                ),
                (
                    "reason",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("machine", "Written by a machine"),
                            ("bulk", "Mass mail"),
                            ("complaint", "Complaint of a mail provider"),
                            ("spam", "Marked as spam by the mail server"),
                            ("loop", "Came from an address of our own"),
                            ("too_many", "Too many from this sender"),
                            ("no_sender", "Nobody to answer to"),
                            ("unreadable", "Could not be read"),
                            ("too_large", "Too large: only its beginning is kept"),
                        ],
                        editable=False,
                        max_length=10,
                        verbose_name="why",
                    ),
                ),
                ("fault", models.CharField(blank=True, editable=False, max_length=200)),
                ("tries", models.PositiveSmallIntegerField(default=0, editable=False)),
                ("begun_at", models.DateTimeField(editable=False, null=True)),
                ("taken_at", models.DateTimeField(editable=False, null=True, verbose_name="read")),
                (
                    "message_id",
                    models.CharField(blank=True, editable=False, max_length=255, verbose_name="number of the mail"),
                ),
                ("sender_name", models.CharField(blank=True, editable=False, max_length=200, verbose_name="sender")),
                (
                    "sender_email",
                    models.CharField(blank=True, editable=False, max_length=254, verbose_name="sender's e-mail"),
                ),
                ("subject", models.CharField(blank=True, editable=False, max_length=200, verbose_name="subject")),
                (
                    "tenant",
                    models.ForeignKey(
                        db_index=False,
                        editable=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="inbound_mails",
                        to="tenancy.tenant",
                    ),
                ),
                (
                    "ticket_message",
                    crm.tenancy.fields.TenantForeignKey(
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="inbound_mails",
                        to="service.ticketmessage",
                        verbose_name="message",
                    ),
                ),
                (
                    "mailbox",
                    crm.tenancy.fields.TenantForeignKey(
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="service.mailbox",
                        verbose_name="mailbox",
                    ),
                ),
            ],
            options={
                "verbose_name": "incoming mail",
                "verbose_name_plural": "incoming mail",
                "base_manager_name": "objects",
            },
        ),
        migrations.CreateModel(
            name="PortalSettings",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("is_open", models.BooleanField(default=True, verbose_name="open to everybody")),
                ("greeting", models.TextField(blank=True, max_length=2000, verbose_name="greeting")),
                ("version", models.PositiveIntegerField(default=1, editable=False)),
                (
                    "queue",
                    crm.tenancy.fields.TenantForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="service.queue",
                        verbose_name="queue",
                    ),
                ),
                (
                    "tenant",
                    models.ForeignKey(
                        db_index=False,
                        editable=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="portal_settings",
                        to="tenancy.tenant",
                    ),
                ),
            ],
            options={
                "verbose_name": "customer portal",
                "verbose_name_plural": "customer portal",
                "base_manager_name": "objects",
            },
        ),
        migrations.CreateModel(
            name="TicketAttachment",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                (
                    "file",
                    crm.tenancy.fields.TenantForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="files.storedfile",
                        verbose_name="file",
                    ),
                ),
                (
                    "message",
                    crm.tenancy.fields.TenantForeignKey(
                        cascade=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="attachments",
                        to="service.ticketmessage",
                        verbose_name="message",
                    ),
                ),
                (
                    "tenant",
                    models.ForeignKey(
                        db_index=False,
                        editable=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="ticket_attachments",
                        to="tenancy.tenant",
                    ),
                ),
                (
                    "ticket",
                    crm.tenancy.fields.TenantForeignKey(
                        cascade=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="attachments",
                        to="service.ticket",
                        verbose_name="ticket",
                    ),
                ),
            ],
            options={
                "verbose_name": "attachment",
                "verbose_name_plural": "attachments",
                "base_manager_name": "objects",
            },
        ),
        migrations.AddConstraint(
            model_name="mailbox",
            constraint=crm.tenancy.constraints.TenantPrimaryKey(name="service_mailbox_key"),
        ),
        migrations.AddConstraint(
            model_name="mailbox",
            constraint=crm.tenancy.constraints.TenantReference(
                cascade=False, field="queue", name="service_mailbox_queue_fk", target="id"
            ),
        ),
        migrations.AddConstraint(
            model_name="mailbox",
            constraint=crm.tenancy.constraints.TenantPolicy(name="service_mailbox_policy"),
        ),
        migrations.AddConstraint(
            model_name="mailbox",
            constraint=crm.tenancy.constraints.AuditTrigger(
                name="service_mailbox_audit",
                skip=("fetched_at", "imap_password_sealed", "last_uid", "problem", "uid_validity"),
            ),
        ),
        migrations.AddConstraint(
            model_name="mailbox",
            constraint=models.UniqueConstraint(
                fields=("tenant", "address"),
                name="mailbox_address",
                violation_error_message="There is already a mailbox of this address.",
            ),
        ),
        migrations.AddConstraint(
            model_name="mailbox",
            constraint=crm.tenancy.constraints.SettledUnique(
                condition=models.Q(("is_default", True)), fields=("tenant",), name="mailbox_one_default"
            ),
        ),
        migrations.AddIndex(
            model_name="inboundmail",
            index=models.Index(
                models.F("tenant"),
                models.OrderBy(models.F("received_at"), descending=True),
                models.OrderBy(models.F("id"), descending=True),
                name="inbound_mail_recent",
            ),
        ),
        migrations.AddIndex(
            model_name="inboundmail",
            index=models.Index(
                models.F("tenant"),
                models.F("state"),
                models.OrderBy(models.F("received_at"), descending=True),
                models.OrderBy(models.F("id"), descending=True),
                name="inbound_mail_state",
            ),
        ),
        migrations.AddIndex(
            model_name="inboundmail",
            index=models.Index(
                condition=models.Q(("state", "waiting")), fields=["tenant", "id"], name="inbound_mail_waiting"
            ),
        ),
        migrations.AddIndex(
            model_name="inboundmail",
            index=models.Index(fields=["tenant", "sender_email", "received_at"], name="inbound_mail_sender"),
        ),
        migrations.AddIndex(
            model_name="inboundmail",
            index=models.Index(
                condition=models.Q(("message_id", ""), _negated=True),
                fields=["tenant", "message_id"],
                name="inbound_mail_number",
            ),
        ),
        migrations.AddIndex(
            model_name="inboundmail",
            index=models.Index(
                condition=models.Q(("ticket_message__isnull", False)),
                fields=["tenant", "ticket_message"],
                name="inbound_mail_message",
            ),
        ),
        migrations.AddConstraint(
            model_name="inboundmail",
            constraint=crm.tenancy.constraints.TenantPrimaryKey(name="service_inboundmail_key"),
        ),
        migrations.AddConstraint(
            model_name="inboundmail",
            constraint=crm.tenancy.constraints.TenantReference(
                cascade=False, field="mailbox", name="service_inboundmail_mailbox_fk", target="id"
            ),
        ),
        migrations.AddConstraint(
            model_name="inboundmail",
            constraint=crm.tenancy.constraints.TenantReference(
                cascade=False, field="ticket_message", name="service_inboundmail_ticket_message_fk", target="id"
            ),
        ),
        migrations.AddConstraint(
            model_name="inboundmail",
            constraint=crm.tenancy.constraints.TenantPolicy(name="service_inboundmail_policy"),
        ),
        migrations.AddConstraint(
            model_name="inboundmail",
            constraint=models.UniqueConstraint(fields=("tenant", "sha256"), name="inbound_mail_once"),
        ),
        migrations.AddConstraint(
            model_name="portalsettings",
            constraint=crm.tenancy.constraints.TenantPrimaryKey(name="service_portalsettings_key"),
        ),
        migrations.AddConstraint(
            model_name="portalsettings",
            constraint=crm.tenancy.constraints.TenantReference(
                cascade=False, field="queue", name="service_portalsettings_queue_fk", target="id"
            ),
        ),
        migrations.AddConstraint(
            model_name="portalsettings",
            constraint=crm.tenancy.constraints.TenantPolicy(name="service_portalsettings_policy"),
        ),
        migrations.AddConstraint(
            model_name="portalsettings",
            constraint=crm.tenancy.constraints.AuditTrigger(name="service_portalsettings_audit", skip=()),
        ),
        migrations.AddConstraint(
            model_name="portalsettings",
            constraint=models.UniqueConstraint(fields=("tenant",), name="portal_settings_once"),
        ),
        migrations.AddIndex(
            model_name="ticketattachment",
            index=models.Index(fields=["tenant", "ticket", "id"], name="ticket_attachment_ticket"),
        ),
        migrations.AddIndex(
            model_name="ticketattachment",
            index=models.Index(fields=["tenant", "message"], name="ticket_attachment_message"),
        ),
        migrations.AddConstraint(
            model_name="ticketattachment",
            constraint=crm.tenancy.constraints.TenantPrimaryKey(name="service_ticketattachment_key"),
        ),
        migrations.AddConstraint(
            model_name="ticketattachment",
            constraint=crm.tenancy.constraints.TenantReference(
                cascade=True, field="ticket", name="service_ticketattachment_ticket_fk", target="id"
            ),
        ),
        migrations.AddConstraint(
            model_name="ticketattachment",
            constraint=crm.tenancy.constraints.TenantReference(
                cascade=True, field="message", name="service_ticketattachment_message_fk", target="id"
            ),
        ),
        migrations.AddConstraint(
            model_name="ticketattachment",
            constraint=crm.tenancy.constraints.TenantReference(
                cascade=False, field="file", name="service_ticketattachment_file_fk", target="id"
            ),
        ),
        migrations.AddConstraint(
            model_name="ticketattachment",
            constraint=crm.tenancy.constraints.TenantPolicy(name="service_ticketattachment_policy"),
        ),
        migrations.AddConstraint(
            model_name="ticketattachment",
            constraint=crm.tenancy.constraints.AuditTrigger(name="service_ticketattachment_audit", skip=()),
        ),
    ]
