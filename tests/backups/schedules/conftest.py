"""Schedules, and a clock that tests may turn."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from backups.models import Schedule
from backups.schedules.options import ScheduleOptions
from backups.schedules.services import create_schedule

MakeSchedule = Callable[..., Schedule]


class Clock:
    """The time as the program sees it."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def set(self, *numbers: int) -> None:
        self.now = datetime(*numbers, tzinfo=UTC)

    def forward(self, **length: float) -> None:
        self.now += timedelta(**length)


@pytest.fixture
def clock(monkeypatch) -> Clock:
    """Noon of a Monday, until the test turns it."""
    clock = Clock(datetime(2026, 6, 15, 12, tzinfo=UTC))
    monkeypatch.setattr("django.utils.timezone.now", clock)
    return clock


@pytest.fixture
def make_schedule(db) -> MakeSchedule:
    """Makes schedules; daily at 02:30 in UTC for everything unless told otherwise."""

    def make(name: str = "nightly", **options) -> Schedule:
        chosen = {"expression": "30 2 * * *", "time_zone": "UTC", **options}
        return create_schedule(ScheduleOptions(name, **chosen))

    return make
