"""One row per piece of long work."""

import uuid
from datetime import timedelta

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils import timezone

from jobs.registry import again_of, holds_still


class Status(models.TextChoices):
    """`queued`: nobody has looked at it yet; `waiting`: the worker has, others are before it."""

    QUEUED = "queued"
    WAITING = "waiting"
    STARTING = "starting"
    RUNNING = "running"
    COMPLETE = "complete"
    FAILED = "failed"
    CANCELLED = "cancelled"
    INTERRUPTED = "interrupted"


PENDING = (Status.QUEUED, Status.WAITING)
ACTIVE = (Status.STARTING, Status.RUNNING)
UNFINISHED = (*PENDING, *ACTIVE)
ENDED = (Status.COMPLETE, Status.FAILED, Status.CANCELLED, Status.INTERRUPTED)


class Kind(models.TextChoices):
    BACKUP = "backup"
    RESTORE = "restore"
    BULK_DOWNLOAD = "bulk_download"
    REDEPLOY = "redeploy"
    VERIFY = "verify"
    REHEARSAL = "rehearsal"
    STACK_BACKUP = "stack_backup"
    STACK_RESTORE = "stack_restore"
    PRUNE = "prune"
    PUT_BACK = "put_back"
    SCAN = "scan"
    IMAGE_PULL = "image_pull"
    VOLUME_CLONE = "volume_clone"
    STACK_DEPLOY = "stack_deploy"
    STACK_REDEPLOY = "stack_redeploy"


APART = (Kind.VERIFY, Kind.REHEARSAL, Kind.PRUNE)
"""What keeps to archives, and leaves the container alone that they are backups of."""


ASKED_BY = "asked_by"
"""The argument that names what asked for a job where nobody did, as a schedule."""


class Job(models.Model):
    """A piece of long work: what, how far, what came of it, and how to put back what it changed.

    `undo` is a list of `{"key", "action", "arguments"}`, written before each act and carried out
    from its end when the job does not get through; see `jobs.undo`.
    """

    progress_id = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=20, choices=Kind.choices)
    subject = models.CharField(max_length=255)
    arguments = models.JSONField(default=dict)
    status = models.CharField(max_length=12, choices=Status.choices, default=Status.QUEUED)
    step = models.CharField(max_length=300, blank=True)
    percent = models.FloatField(null=True)
    bytes_done = models.BigIntegerField(default=0)
    bytes_total = models.BigIntegerField(null=True)
    bytes_per_second = models.FloatField(null=True)
    log = models.TextField(blank=True)
    log_length: int  # given by queries that leave the log itself out
    undo = models.JSONField(default=list)
    committed = models.BooleanField(default=False)
    result = models.JSONField(default=dict)
    error = models.TextField(blank=True)
    cancel_requested = models.BooleanField(default=False)
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField(default=timezone.now)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["status", "id"])]

    def __str__(self) -> str:
        return f"{self.kind} of {self.subject} ({self.status})"

    def get_absolute_url(self) -> str:
        return reverse("jobs:detail", args=[self.progress_id])

    @property
    def pending(self) -> bool:
        return self.status in PENDING

    @property
    def active(self) -> bool:
        return self.status in ACTIVE

    @property
    def ended(self) -> bool:
        return self.status in ENDED

    @property
    def filename(self) -> str:
        """The backup that it made or is about, where there is one."""
        return str(self.result.get("filename") or self.arguments.get("filename") or "")

    @property
    def request(self) -> str:
        """The name of the act of asking for it."""
        return f"{self.kind}.request"

    @property
    def can_run_again(self) -> bool:
        """Whether it can be asked for once more, as it was."""
        succeeded = self.status == Status.COMPLETE
        return self.ended and again_of(self.kind, succeeded=succeeded) is not None

    @property
    def held_still(self) -> list[str]:
        """The names of the containers that do not do their work until this job lets them go."""
        names = [
            entry["arguments"]["name"]
            for entry in self.undo
            if holds_still(entry["action"]) and not self.committed
        ]
        return list(dict.fromkeys(names))

    @property
    def took(self) -> timedelta | None:
        """How long it ran; None while it has not both begun and ended."""
        return self.finished_at - self.started_at if self.started_at and self.finished_at else None
