"""One row per archive that is known to be whole."""

from django.db import models
from django.urls import reverse


class Kind(models.TextChoices):
    CONTAINER = "container"
    NETWORK = "network"


class Backup(models.Model):
    """An archive in the backup directory; written only when the archive has been checked.

    `metadata` holds what lists and `GET /api/backups` show, so that no archive is opened for
    them. `size` in bytes, `sha256` of the whole file. `verified_at` is when the archive was last
    found sound; where it is not `verified` any more, `problem` says why. `proved_at` is when it
    was last tried out with success, `proof` what came of that; `rehearsal_problem` is why the
    newest rehearsal failed, and empty where that one succeeded.
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
    problem = models.TextField(blank=True)
    proved_at = models.DateTimeField(null=True, blank=True)
    proof = models.CharField(max_length=200, blank=True)
    rehearsal_problem = models.TextField(blank=True)
    metadata = models.JSONField(default=dict)

    class Meta:
        ordering = ["-created", "-pk"]

    def __str__(self) -> str:
        return self.filename

    def get_absolute_url(self) -> str:
        return reverse("backups:detail", args=[self.filename])
