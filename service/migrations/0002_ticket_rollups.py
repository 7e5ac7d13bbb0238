import django.db.models.deletion
from django.db import migrations, models

import crm.tenancy.constraints
import crm.tenancy.fields


class Migration(migrations.Migration):
    dependencies = [("service", "0001_initial"), ("tenancy", "0002_audit")]

    operations = [
        migrations.CreateModel(
            name="TicketDay",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("day", models.DateField(verbose_name="day")),
                ("slot", models.SmallIntegerField(default=0)),
                ("opened_count", models.BigIntegerField(default=0, verbose_name="tickets that came in")),
                ("missed_count", models.BigIntegerField(default=0, verbose_name="missed targets")),
                ("solved_count", models.BigIntegerField(default=0, verbose_name="solved tickets")),
                (
                    "queue",
                    crm.tenancy.fields.TenantForeignKey(
                        cascade=True,
                        on_delete=django.db.models.deletion.CASCADE,
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
                        related_name="ticket_days",
                        to="tenancy.tenant",
                    ),
                ),
            ],
            options={
                "verbose_name": "tickets of a day",
                "verbose_name_plural": "tickets by day",
                "base_manager_name": "objects",
                "constraints": [
                    crm.tenancy.constraints.TenantPrimaryKey(name="service_ticketday_key"),
                    crm.tenancy.constraints.TenantReference(
                        cascade=True, field="queue", name="service_ticketday_queue_fk", target="id"
                    ),
                    crm.tenancy.constraints.TenantPolicy(name="service_ticketday_policy"),
                    models.UniqueConstraint(fields=("tenant", "day", "queue", "slot"), name="ticket_day_once"),
                ],
            },
        ),
        migrations.CreateModel(
            name="TicketState",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                (
                    "status",
                    models.PositiveSmallIntegerField(
                        choices=[
                            (0, "New"),
                            (1, "Open"),
                            (2, "Waiting for the customer"),
                            (3, "Solved"),
                            (4, "Closed"),
                        ],
                        verbose_name="status",
                    ),
                ),
                ("slot", models.SmallIntegerField(default=0)),
                ("ticket_count", models.BigIntegerField(default=0, verbose_name="tickets")),
                (
                    "queue",
                    crm.tenancy.fields.TenantForeignKey(
                        cascade=True,
                        on_delete=django.db.models.deletion.CASCADE,
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
                        related_name="ticket_states",
                        to="tenancy.tenant",
                    ),
                ),
            ],
            options={
                "verbose_name": "tickets of a status",
                "verbose_name_plural": "tickets by status",
                "base_manager_name": "objects",
                "constraints": [
                    crm.tenancy.constraints.TenantPrimaryKey(name="service_ticketstate_key"),
                    crm.tenancy.constraints.TenantReference(
                        cascade=True, field="queue", name="service_ticketstate_queue_fk", target="id"
                    ),
                    crm.tenancy.constraints.TenantPolicy(name="service_ticketstate_policy"),
                    models.UniqueConstraint(fields=("tenant", "queue", "status", "slot"), name="ticket_state_once"),
                ],
            },
        ),
    ]
