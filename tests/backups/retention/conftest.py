"""Backups with files, and a schedule that thins them out."""

from collections.abc import Callable
from pathlib import Path

import pytest

from backups.models import Backup, Schedule
from backups.schedules.options import ScheduleOptions
from backups.schedules.services import create_schedule
from tests.backups.records import make_record

Archives = Callable[..., list[Backup]]


@pytest.fixture
def schedule(db) -> Schedule:
    """Keeps the last two of everything."""
    return create_schedule(ScheduleOptions("nightly", "30 2 * * *", "UTC", keep_last=2))


@pytest.fixture
def archives(data_dir: Path, schedule) -> Archives:
    """Makes backups of these ages in days, with a file each, by the schedule unless told."""

    def make(*ages: int, container: str = "web", **values) -> list[Backup]:
        made = []
        for age in ages:
            record = make_record(container, age, size=7, **{"schedule": schedule, **values})
            (data_dir / "backups" / record.filename).write_bytes(b"archive")
            made.append(record)
        return made

    return make
