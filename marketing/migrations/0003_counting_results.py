"""Campaign results by month, kept by the database with every change of results, whoever makes it."""

from django.db import migrations

from crm.rollups.keeping import Counted, KeepRollUp


class Migration(migrations.Migration):
    dependencies = [("marketing", "0002_result_month")]

    operations = [
        KeepRollUp(
            "ResultMonth",
            of="CampaignResult",
            counted=[
                Counted(
                    key={"month": "date_trunc('month', result_on::timestamp)::date", "result": "result"},
                    sums={"result_count": "1"},
                )
            ],
        )
    ]
