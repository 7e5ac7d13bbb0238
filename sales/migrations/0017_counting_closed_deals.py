"""Won and lost deals by month, kept by the database with every change of deals, whoever makes it."""

from django.db import migrations

from crm.rollups.keeping import Counted, KeepRollUp


class Migration(migrations.Migration):
    dependencies = [("sales", "0016_deal_month")]

    operations = [
        KeepRollUp(
            "DealMonth",
            of="Deal",
            counted=[
                Counted(
                    key={
                        "month": "date_trunc('month', closed_at AT TIME ZONE zone)::date",
                        "status": "status",
                        "owner_id": "owner_id",
                        "currency": "currency",
                    },
                    sums={"deal_count": "1", "amount": "coalesce(amount, 0)"},
                    where="status IN ('won', 'lost') AND closed_at IS NOT NULL",
                )
            ],
        )
    ]
