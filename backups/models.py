"""One row per archive that is known to be whole."""

import uuid

from django.conf import settings
from django.db import models
from django.urls import reverse


class Kind(models.TextChoices):
    CONTAINER = "container"
    NETWORK = "network"


class Origin(models.TextChoices):
    """How an archive came here: made by a job, brought by a person, found in the directory."""

    MADE = "made"
    UPLOADED = "uploaded"
    FOUND = "found"


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
    origin = models.CharField(max_length=8, choices=Origin.choices, default=Origin.MADE)
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


class BulkDownload(models.Model):
    """Backups that somebody chose to download as one file; `entries` as in `backups.bulk.tar`.

    `read_at` is written every few seconds while they are being read.
    """

    download_id = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    entries = models.JSONField()
    is_ready = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)
    read_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return str(self.download_id)
