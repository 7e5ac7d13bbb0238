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
            name="AnalyticsRun",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("name", models.CharField(max_length=20, verbose_name="computation")),
                ("as_of", models.DateField(null=True, verbose_name="as of")),
                ("computed_at", models.DateTimeField(null=True, verbose_name="computed")),
                ("currency", models.CharField(blank=True, max_length=3, verbose_name="currency")),
                ("customer_count", models.BigIntegerField(default=0, verbose_name="customers")),
                ("purchase_count", models.BigIntegerField(default=0, verbose_name="purchases")),
                ("foreign_count", models.BigIntegerField(default=0, verbose_name="lines in other currencies")),
                (
                    "tenant",
                    models.ForeignKey(
                        db_index=False,
                        editable=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="analytics_runs",
                        to="tenancy.tenant",
                    ),
                ),
            ],
            options={
                "verbose_name": "computation",
                "verbose_name_plural": "computations",
                "base_manager_name": "objects",
                "constraints": [
                    crm.tenancy.constraints.TenantPrimaryKey(name="analytics_analyticsrun_key"),
                    crm.tenancy.constraints.TenantPolicy(name="analytics_analyticsrun_policy"),
                    models.UniqueConstraint(fields=("tenant", "name"), name="analytics_run_once"),
                ],
            },
        ),
        migrations.CreateModel(
            name="CustomerRfm",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("currency", models.CharField(max_length=3, verbose_name="currency")),
                ("purchase_count", models.IntegerField(verbose_name="purchases")),
                ("total_amount", models.BigIntegerField(verbose_name="total")),
                ("highest_amount", models.BigIntegerField(verbose_name="highest purchase")),
                ("lowest_amount", models.BigIntegerField(verbose_name="lowest purchase")),
                ("first_on", models.DateField(verbose_name="first purchase")),
                ("last_on", models.DateField(verbose_name="last purchase")),
                ("r_score", models.PositiveSmallIntegerField(verbose_name="recency")),
                ("f_score", models.PositiveSmallIntegerField(verbose_name="frequency")),
                ("m_score", models.PositiveSmallIntegerField(verbose_name="money")),
                (
                    "segment",
                    models.CharField(
                        choices=[
                            ("champions", "Champions"),
                            ("promising", "Promising"),
                            ("slipping", "Slipping away"),
                            ("win_back", "To win back"),
                            ("loyal", "Loyal"),
                            ("newcomers", "Newcomers"),
                            ("cooling", "Cooling off"),
                            ("dormant", "Dormant"),
                        ],
                        max_length=10,
                        verbose_name="RFM segment",
                    ),
                ),
                (
                    "customer",
                    crm.tenancy.fields.TenantForeignKey(
                        cascade=True,
                        editable=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="rfm",
                        to="customers.customer",
                        verbose_name="customer",
                    ),
                ),
                (
                    "tenant",
                    models.ForeignKey(
                        db_index=False,
                        editable=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="customer_rfm",
                        to="tenancy.tenant",
                    ),
                ),
            ],
            options={
                "verbose_name": "RFM score",
                "verbose_name_plural": "RFM scores",
                "db_table": "customer_rfm",
                "base_manager_name": "objects",
                "indexes": [
                    models.Index(fields=["tenant", "total_amount", "id"], name="customer_rfm_total"),
                    models.Index(fields=["tenant", "purchase_count", "id"], name="customer_rfm_count"),
                    models.Index(fields=["tenant", "last_on", "id"], name="customer_rfm_last"),
                    models.Index(fields=["tenant", "segment", "total_amount", "id"], name="customer_rfm_segment"),
                ],
                "constraints": [
                    crm.tenancy.constraints.TenantPrimaryKey(name="analytics_customerrfm_key"),
                    crm.tenancy.constraints.TenantReference(
                        cascade=True, field="customer", name="analytics_customerrfm_customer_fk", target="id"
                    ),
                    crm.tenancy.constraints.TenantPolicy(name="analytics_customerrfm_policy"),
                    models.UniqueConstraint(fields=("tenant", "customer"), name="customer_rfm_once"),
                ],
            },
        ),
        migrations.CreateModel(
            name="RfmSummary",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                (
                    "segment",
                    models.CharField(
                        choices=[
                            ("champions", "Champions"),
                            ("promising", "Promising"),
                            ("slipping", "Slipping away"),
                            ("win_back", "To win back"),
                            ("loyal", "Loyal"),
                            ("newcomers", "Newcomers"),
                            ("cooling", "Cooling off"),
                            ("dormant", "Dormant"),
                        ],
                        max_length=10,
                        verbose_name="RFM segment",
                    ),
                ),
                ("customer_count", models.BigIntegerField(verbose_name="customers")),
                ("purchase_count", models.BigIntegerField(verbose_name="purchases")),
                ("total_amount", models.BigIntegerField(verbose_name="total")),
                ("highest_amount", models.BigIntegerField(verbose_name="highest purchase")),
                ("lowest_amount", models.BigIntegerField(verbose_name="lowest purchase")),
                ("first_on", models.DateField(verbose_name="first purchase")),
                ("last_on", models.DateField(verbose_name="last purchase")),
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
                        related_name="rfm_summaries",
                        to="tenancy.tenant",
                    ),
                ),
            ],
            options={
                "verbose_name": "sums of RFM scores",
                "verbose_name_plural": "sums of RFM scores",
                "base_manager_name": "objects",
                "constraints": [
                    crm.tenancy.constraints.TenantPrimaryKey(name="analytics_rfmsummary_key"),
                    crm.tenancy.constraints.MemberReference(
                        cascade=False, field="owner", name="analytics_rfmsummary_owner_fk", target="user_id"
                    ),
                    crm.tenancy.constraints.TenantPolicy(name="analytics_rfmsummary_policy"),
                    models.UniqueConstraint(
                        fields=("tenant", "owner", "segment"), name="rfm_summary_once", nulls_distinct=False
                    ),
                ],
            },
        ),
    ]
