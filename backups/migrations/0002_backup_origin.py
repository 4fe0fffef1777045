from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("backups", "0001_initial")]

    operations = [
        migrations.AddField(
            model_name="backup",
            name="origin",
            field=models.CharField(
                choices=[("made", "Made"), ("uploaded", "Uploaded"), ("found", "Found")],
                default="made",
                max_length=8,
            ),
        ),
    ]
