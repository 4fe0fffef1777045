"""How long lines are kept. This is the only place that removes any."""

import time
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import QuerySet
from django.utils import timezone

from accounts.audit import Actor, acting, record
from accounts.models import AuditEntry
from containermonkey.figures import counted

BATCH = 5000
DAY = 24 * 3600.0
PATIENCE = 2.0
"""Seconds that the worker spends on it at a time: jobs wait meanwhile."""

WORKER = "the worker"
"""Who does it every day; no user can be called so."""


class Daily:
    """Has the lines past their time removed once a day, a few seconds at a time."""

    def __init__(self) -> None:
        self.next_at = 0.0

    def look(self) -> None:
        if not settings.AUDIT_DAYS or time.monotonic() < self.next_at:
            return
        with acting(lambda: Actor(username=WORKER)):
            prune(settings.AUDIT_DAYS, patience=PATIENCE)
        if not lines_past(limit_of(settings.AUDIT_DAYS)).exists():
            self.next_at = time.monotonic() + DAY


daily = Daily()


def limit_of(days: int) -> datetime:
    return timezone.now() - timedelta(days=days)


def lines_past(limit: datetime) -> QuerySet[AuditEntry]:
    # Not the model's own manager, which refuses to delete.
    return QuerySet(AuditEntry).filter(time__lt=limit)


def count_past(days: int) -> int:
    """How many lines are older than so many days."""
    return lines_past(limit_of(days)).count()


def prune(days: int, *, patience: float | None = None) -> int:
    """Remove the lines older than so many days, and write down that it was done; how many.

    With `patience` it ends after so many seconds, perhaps before it is through.
    """
    limit, begun, removed = limit_of(days), time.monotonic(), 0
    while count := remove_oldest(limit):
        removed += count
        if patience is not None and time.monotonic() - begun > patience:
            break
    if removed:
        words = f"lines older than {counted(days, 'day')}"
        record("audit.prune", words, removed=removed, before=limit.isoformat())
    return removed


def remove_oldest(limit: datetime) -> int:
    """Remove a batch of the oldest lines before `limit`: others can write in between."""
    past = lines_past(limit)
    oldest = past.order_by("time", "pk").values_list("time", flat=True)
    edge = next(iter(oldest[BATCH - 1 : BATCH]), None)
    going = past.filter(time__lte=edge) if edge else past
    return int(going._raw_delete(going.db))
