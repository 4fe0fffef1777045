"""One row per archive that is known to be whole."""

from django.db import models


class Kind(models.TextChoices):
    CONTAINER = "container"
    NETWORK = "network"


class Backup(models.Model):
    """An archive in the backup directory; written only when the archive has been checked.

    `metadata` holds what lists and `GET /api/backups` show, so that no archive is opened for
    them. `size` in bytes, `sha256` of the whole file. Backups of the same `set_id` were made of
    the members of one stack, at one moment.
    """

    filename = models.CharField(max_length=255, unique=True)
    kind = models.CharField(max_length=10, choices=Kind.choices, default=Kind.CONTAINER)
    container_name = models.CharField(max_length=255, db_index=True)
    container_id = models.CharField(max_length=64, blank=True)
    image = models.CharField(max_length=500, blank=True)
    size = models.BigIntegerField()
    created = models.DateTimeField(db_index=True)
    sha256 = models.CharField(max_length=64)
    verified = models.BooleanField(default=False)
    verified_at = models.DateTimeField(null=True)
    metadata = models.JSONField(default=dict)
    stack = models.CharField(max_length=255, blank=True, db_index=True)
    set_id = models.UUIDField(null=True, blank=True, db_index=True)

    class Meta:
        ordering = ["-created", "-pk"]

    def __str__(self) -> str:
        return self.filename
