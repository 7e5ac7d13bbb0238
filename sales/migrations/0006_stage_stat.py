"""What lies in each stage, kept by the database with every change of deals, whoever makes it."""

from django.db import migrations

from crm.rollups.keeping import Counted, KeepRollUp


class Migration(migrations.Migration):
    dependencies = [("sales", "0005_search")]

    operations = [
        KeepRollUp(
            "DealStageStat",
            of="Deal",
            counted=[
                Counted(
                    key={name: name for name in ("pipeline_id", "stage_id", "owner_id", "currency")},
                    sums={"deal_count": "1", "amount": "coalesce(amount, 0)"},
                )
            ],
        )
    ]
