from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("backups", "0006_schedules")]

    operations = [
        migrations.AddField(
            model_name="backup",
            name="stack",
            field=models.CharField(blank=True, db_index=True, max_length=255),
        ),
        migrations.AddField(
            model_name="backup",
            name="set_id",
            field=models.UUIDField(blank=True, db_index=True, null=True),
        ),
    ]
