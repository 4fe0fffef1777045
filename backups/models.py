"""One row per archive that is known to be whole, and what makes them by itself."""

import uuid
from typing import Any

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils import timezone

from containermonkey.storable import fitted


class Kind(models.TextChoices):
    CONTAINER = "container"
    NETWORK = "network"
    VOLUME = "volume"


class Origin(models.TextChoices):
    """How an archive came here: made by a job, brought by a person, found in the directory."""

    MADE = "made"
    UPLOADED = "uploaded"
    FOUND = "found"


class Schedule(models.Model):
    """What is backed up or verified by itself, when, and what is kept of it.

    What each field means is told by `backups.schedules.options.ScheduleOptions`, which has the
    same. `next_run` is when it falls due; `planned_at` is when that was worked out, by which a
    clock that was set back is noticed.
    """

    class Task(models.TextChoices):
        BACKUP = "backup", "Back up"
        VERIFY = "verify", "Verify"

    class Covers(models.TextChoices):
        EVERYTHING = "everything", "Everything"
        EXCEPT = "except", "Everything except"
        ONLY = "only", "Only these"

    name = models.CharField(max_length=100, unique=True)
    enabled = models.BooleanField(default=True)
    task = models.CharField(max_length=10, choices=Task.choices, default=Task.BACKUP)
    expression = models.CharField(max_length=200)
    time_zone = models.CharField(max_length=64)
    covers = models.CharField(max_length=10, choices=Covers.choices, default=Covers.EVERYTHING)
    names = models.JSONField(default=list, blank=True)
    labels = models.JSONField(default=list, blank=True)
    stacks = models.JSONField(default=list, blank=True)
    consistency = models.CharField(max_length=10, default="none")
    include_image = models.BooleanField(default=False)
    include_bind_mounts = models.BooleanField(default=False)
    verify_after_days = models.PositiveIntegerField(null=True, blank=True)
    keep_last = models.PositiveIntegerField(null=True, blank=True)
    keep_days = models.PositiveIntegerField(null=True, blank=True)
    keep_daily = models.PositiveIntegerField(null=True, blank=True)
    keep_weekly = models.PositiveIntegerField(null=True, blank=True)
    keep_monthly = models.PositiveIntegerField(null=True, blank=True)
    keep_yearly = models.PositiveIntegerField(null=True, blank=True)
    include_manual = models.BooleanField(default=False)
    next_run = models.DateTimeField(null=True, db_index=True, editable=False)
    planned_at = models.DateTimeField(null=True, editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        on_delete=models.SET_NULL,
        related_name="+",
        editable=False,
    )

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class ScheduleRun(models.Model):
    """One time that a schedule ran, for the time at which it was due (None: by hand).

    `entries` are `{"container", "job", "note"}`: the job's progress id, or why there is none.
    `warnings` are sentences, as on a name that no container has.
    """

    schedule = models.ForeignKey(Schedule, on_delete=models.CASCADE, related_name="runs")
    slot = models.DateTimeField(null=True)
    started = models.DateTimeField(default=timezone.now)
    entries = models.JSONField(default=list)
    warnings = models.JSONField(default=list)

    class Meta:
        ordering = ["-pk"]
        constraints = [
            # Whatever the clock does, and however many processes look: never twice for one time.
            models.UniqueConstraint(fields=["schedule", "slot"], name="one_run_for_each_slot")
        ]

    def __str__(self) -> str:
        return f"{self.schedule} at {self.slot or self.started}"


class Backup(models.Model):
    """An archive in the backup directory; written only when the archive has been checked.

    `metadata` holds what lists and `GET /api/backups` show, so that no archive is opened for
    them. `size` in bytes, `sha256` of the whole file. `verified_at` is when the archive was last
    found sound; where it is not `verified` any more, `problem` says why. `proved_at` is when it
    was last tried out with success, `proof` what came of that; `rehearsal_problem` is why the
    newest rehearsal failed, and empty where that one succeeded.

    `schedule` is the one that asked for it, which owns it; None for what was asked for by hand or
    uploaded. `usual_size` stands where its data is suspiciously small beside that of those before
    (`backups.retention.alarm`), in bytes of theirs, until somebody has `seen_smaller`.
    Backups of the same `set_id` were made of the members of one stack, at one moment.
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
    schedule = models.ForeignKey(
        Schedule, null=True, blank=True, on_delete=models.SET_NULL, related_name="backups"
    )
    usual_size = models.BigIntegerField(null=True, blank=True)
    seen_smaller = models.BooleanField(default=False)
    stack = models.CharField(max_length=255, blank=True, db_index=True)
    set_id = models.UUIDField(null=True, blank=True, db_index=True)

    class Meta:
        ordering = ["-created", "-pk"]

    def __str__(self) -> str:
        return self.filename

    def save(self, *args: Any, **options: Any) -> None:
        fitted(self)
        super().save(*args, **options)

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
