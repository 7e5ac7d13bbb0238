import django.db.models.deletion
from django.db import migrations, models

import crm.tenancy.constraints


class Migration(migrations.Migration):
    dependencies = [
        ("marketing", "0001_initial"),
        ("tenancy", "0002_audit"),
    ]

    operations = [
        migrations.CreateModel(
            name="ResultMonth",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("month", models.DateField(verbose_name="month")),
                (
                    "result",
                    models.CharField(
                        choices=[("success", "Success"), ("failure", "Failure")], max_length=10, verbose_name="result"
                    ),
                ),
                ("slot", models.SmallIntegerField(default=0)),
                ("result_count", models.BigIntegerField(default=0, verbose_name="results")),
                (
                    "tenant",
                    models.ForeignKey(
                        db_index=False,
                        editable=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="result_months",
                        to="tenancy.tenant",
                    ),
                ),
            ],
            options={
                "verbose_name": "campaign results of a month",
                "verbose_name_plural": "campaign results by month",
                "base_manager_name": "objects",
                "constraints": [
                    crm.tenancy.constraints.TenantPrimaryKey(name="marketing_resultmonth_key"),
                    crm.tenancy.constraints.TenantPolicy(name="marketing_resultmonth_policy"),
                    models.UniqueConstraint(fields=("tenant", "month", "result", "slot"), name="result_month_once"),
                ],
            },
        ),
    ]
