"""Lines to look for."""

from datetime import UTC, datetime, timedelta
from typing import Any

from accounts.models import AuditEntry

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def add_line(minutes: float = 0, **fields: Any) -> AuditEntry:
    """A line of so many minutes after noon."""
    known = {"username": "ada", "action": "container.start", "target": "web", "result": "done"}
    return AuditEntry.objects.create(**{**known, **fields}, time=NOON + timedelta(minutes=minutes))


def add_many(count: int, **fields: Any) -> None:
    """So many lines, a second apart, of ten users, acts, targets and addresses by turns."""
    acts = [f"{noun}.{verb}" for noun in ("container", "backup") for verb in "abcde"]
    AuditEntry.objects.bulk_create(
        (
            AuditEntry(
                time=NOON + timedelta(seconds=number),
                username=fields.get("username", f"user{number % 10}"),
                address=f"192.0.2.{number % 10}",
                action=acts[number % 10],
                target=f"thing{number % 10}",
                result="done",
            )
            for number in range(count)
        ),
        batch_size=1000,
    )
