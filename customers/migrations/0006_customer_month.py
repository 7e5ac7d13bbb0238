import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import crm.tenancy.constraints
import crm.tenancy.fields


class Migration(migrations.Migration):
    dependencies = [
        ("customers", "0005_segments"),
        ("tenancy", "0002_audit"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="CustomerMonth",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("month", models.DateField(verbose_name="month")),
                ("slot", models.SmallIntegerField(default=0)),
                ("customer_count", models.BigIntegerField(default=0, verbose_name="new customers")),
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
                        related_name="customer_months",
                        to="tenancy.tenant",
                    ),
                ),
            ],
            options={
                "verbose_name": "new customers of a month",
                "verbose_name_plural": "new customers by month",
                "base_manager_name": "objects",
                "constraints": [
                    crm.tenancy.constraints.TenantPrimaryKey(name="customers_customermonth_key"),
                    crm.tenancy.constraints.MemberReference(
                        cascade=False, field="owner", name="customers_customermonth_owner_fk", target="user_id"
                    ),
                    crm.tenancy.constraints.TenantPolicy(name="customers_customermonth_policy"),
                    models.UniqueConstraint(
                        fields=("tenant", "month", "owner", "slot"), name="customer_month_once", nulls_distinct=False
                    ),
                ],
            },
        ),
    ]
