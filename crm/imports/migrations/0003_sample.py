from django.conf import settings
from django.db import migrations, models

import crm.tenancy.constraints

COUNTS = (
    "created_count",
    "failed_count",
    "kept_count",
    "last_row",
    "removed_count",
    "restored_count",
    "row_count",
)


class Migration(migrations.Migration):
    dependencies = [
        ("files", "0002_audit"),
        ("imports", "0002_audit"),
        ("jobs", "0001_initial"),
        ("tenancy", "0002_audit"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveConstraint(model_name="import", name="imports_import_audit"),
        migrations.AddField(
            model_name="import",
            name="sample",
            field=models.JSONField(default=dict, editable=False, verbose_name="first rows"),
        ),
        # What a file holds is nothing for the trail.
        migrations.AddConstraint(
            model_name="import",
            constraint=crm.tenancy.constraints.AuditTrigger(
                name="imports_import_audit", skip=(*COUNTS, "sample", "skipped_count", "updated_count")
            ),
        ),
    ]
