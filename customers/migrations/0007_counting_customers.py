"""New customers by month, kept by the database with every change of customers, whoever makes it."""

from django.db import migrations

from crm.rollups.keeping import Counted, KeepRollUp


class Migration(migrations.Migration):
    dependencies = [("customers", "0006_customer_month")]

    operations = [
        KeepRollUp(
            "CustomerMonth",
            of="Customer",
            counted=[
                Counted(
                    key={"month": "date_trunc('month', created_at AT TIME ZONE zone)::date", "owner_id": "owner_id"},
                    sums={"customer_count": "1"},
                )
            ],
        )
    ]
