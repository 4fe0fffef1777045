from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("jobs", "0005_nouns")]

    operations = [
        migrations.AlterField(
            model_name="job",
            name="kind",
            field=models.CharField(
                choices=[
                    ("backup", "Backup"),
                    ("restore", "Restore"),
                    ("bulk_download", "Bulk Download"),
                    ("redeploy", "Redeploy"),
                    ("verify", "Verify"),
                    ("rehearsal", "Rehearsal"),
                    ("stack_backup", "Stack Backup"),
                    ("stack_restore", "Stack Restore"),
                    ("prune", "Prune"),
                    ("put_back", "Put Back"),
                    ("scan", "Scan"),
                    ("image_pull", "Image Pull"),
                    ("volume_clone", "Volume Clone"),
                    ("stack_deploy", "Stack Deploy"),
                    ("stack_redeploy", "Stack Redeploy"),
                ],
                max_length=20,
            ),
        ),
    ]
