from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("mail", "0002_attachments"),
    ]

    operations = [
        migrations.AddField(
            model_name="outgoingmail",
            name="headers",
            field=models.JSONField(default=dict),
        ),
    ]
