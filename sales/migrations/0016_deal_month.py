import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import crm.tenancy.constraints
import crm.tenancy.fields


class Migration(migrations.Migration):
    dependencies = [
        ("sales", "0015_documents_of_quotes"),
        ("tenancy", "0002_audit"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="DealMonth",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("month", models.DateField(verbose_name="month")),
                (
                    "status",
                    models.CharField(
                        choices=[("open", "Open"), ("won", "Won"), ("lost", "Lost")],
                        max_length=10,
                        verbose_name="status",
                    ),
                ),
                ("currency", models.CharField(max_length=3, verbose_name="currency")),
                ("slot", models.SmallIntegerField(default=0)),
                ("deal_count", models.BigIntegerField(default=0, verbose_name="deals")),
                ("amount", models.BigIntegerField(default=0, verbose_name="amount")),
                (
                    "owner",
                    crm.tenancy.fields.MemberForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="owner",
                    ),
                ),
                (
                    "tenant",
                    models.ForeignKey(
                        db_index=False,
                        editable=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="deal_months",
                        to="tenancy.tenant",
                    ),
                ),
            ],
            options={
                "verbose_name": "closed deals of a month",
                "verbose_name_plural": "closed deals by month",
                "base_manager_name": "objects",
                "constraints": [
                    crm.tenancy.constraints.TenantPrimaryKey(name="sales_dealmonth_key"),
                    crm.tenancy.constraints.MemberReference(
                        cascade=False, field="owner", name="sales_dealmonth_owner_fk", target="user_id"
                    ),
                    crm.tenancy.constraints.TenantPolicy(name="sales_dealmonth_policy"),
                    models.UniqueConstraint(
                        fields=("tenant", "month", "status", "owner", "currency", "slot"),
                        name="deal_month_once",
                        nulls_distinct=False,
                    ),
                ],
            },
        ),
    ]
