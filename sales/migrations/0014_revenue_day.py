"""The revenue of each day, kept by the database with every change of purchases, whoever makes it."""

from django.db import migrations

from crm.rollups.keeping import Counted, KeepRollUp


class Migration(migrations.Migration):
    dependencies = [("sales", "0013_search_of_documents")]

    operations = [
        KeepRollUp(
            "RevenueDay",
            of="Transaction",
            counted=[
                Counted(
                    key={"day": "(at AT TIME ZONE zone)::date", "currency": "currency"},
                    sums={"transaction_count": "1", "amount": "amount", "returned_amount": "least(amount, 0)"},
                )
            ],
        )
    ]
