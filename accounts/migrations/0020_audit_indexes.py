"""Each way of looking at the audit trail is answered in its own order."""

import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0012_second_factor"),
    ]

    operations = [
        migrations.AlterField(
            model_name="auditentry",
            name="action",
            field=models.CharField(max_length=60),
        ),
        migrations.AlterField(
            model_name="auditentry",
            name="time",
            field=models.DateTimeField(default=django.utils.timezone.now),
        ),
        migrations.AddIndex(
            model_name="auditentry",
            index=models.Index(fields=["-time", "-id"], name="audit_time"),
        ),
        migrations.AddIndex(
            model_name="auditentry",
            index=models.Index(fields=["username", "-time", "-id"], name="audit_username"),
        ),
        migrations.AddIndex(
            model_name="auditentry",
            index=models.Index(fields=["address", "-time", "-id"], name="audit_address"),
        ),
        migrations.AddIndex(
            model_name="auditentry",
            index=models.Index(fields=["action", "-time", "-id"], name="audit_action"),
        ),
        migrations.AddIndex(
            model_name="auditentry",
            index=models.Index(fields=["target", "-time", "-id"], name="audit_target"),
        ),
        migrations.AddIndex(
            model_name="auditentry",
            index=models.Index(fields=["result", "-time", "-id"], name="audit_result"),
        ),
    ]
