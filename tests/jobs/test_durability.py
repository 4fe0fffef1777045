"""How soon a job's writes are on the disk: its undo at once, its figures with what comes next."""

import pytest
from django.db import connection

from jobs.models import Job
from jobs.running import RunningJob

pytestmark = pytest.mark.django_db(transaction=True)

FULL = 2
LATER = 1 if connection.vendor == "sqlite" else FULL
"""SQLite's own numbers; another database brings everything to its disk at once."""


def level() -> int:
    if connection.vendor != "sqlite":
        return FULL
    with connection.cursor() as cursor:
        return cursor.execute("PRAGMA synchronous").fetchone()[0]


@pytest.fixture
def levels(monkeypatch) -> list[int]:
    """The levels at which a job's row is written, one for each write."""
    seen, own = [], Job.save

    def save(self: Job, *arguments, **fields) -> None:
        seen.append(level())
        own(self, *arguments, **fields)

    monkeypatch.setattr(Job, "save", save)
    return seen


def test_figures_wait_for_the_next_write_and_nothing_else_does(levels):
    running = RunningJob(Job.objects.create(kind="backup", subject="web"))
    levels.clear()
    running.measure(100)
    running.undo.write("jobs.remove_helpers", job="x")
    running.advance(10)
    running.log("a line")
    assert levels == [LATER, FULL, LATER, FULL]
