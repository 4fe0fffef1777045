"""jobs.running: what a job says of its progress"""

from collections.abc import Iterator
from types import SimpleNamespace

import pytest
from django.db import connection

from jobs import running
from jobs.models import Job, Status
from jobs.running import RunningJob

pytestmark = pytest.mark.django_db

HALF = "\ud800"
"""One half of a character that UTF-16 makes of two: no database stores it."""


class Clock:
    """Time as a test wants it."""

    now = 1000.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(running, "time", SimpleNamespace(monotonic=clock.monotonic))
    return clock


@pytest.fixture
def job() -> RunningJob:
    return RunningJob(Job.objects.create(kind="backup", subject="web", status=Status.STARTING))


@pytest.fixture
def writes() -> Iterator[list[str]]:
    """The statements that change something."""
    seen: list[str] = []

    def record(execute, sql, params, many, context):
        if not sql.startswith("SELECT"):
            seen.append(sql)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(record):
        yield seen


def stored() -> Job:
    return Job.objects.get()


def test_no_more_has_moved_than_there_is_to_move(job, clock):
    job.measure(1000)
    clock.now += 10
    job.advance(1512)
    assert (stored().bytes_done, stored().bytes_total, stored().percent) == (1512, 1512, 100.0)


def test_progress_is_written_four_times_a_second_at_most(job, clock, writes):
    job.measure(1_000_000)
    before = len(writes)
    for _ in range(1000):
        clock.now += 0.01
        job.advance(1000)
    assert 35 <= len(writes) - before <= 41
    assert stored().bytes_done >= 970_000


def test_only_what_changed_is_written(job, clock, writes):
    Job.objects.update(cancel_requested=False, log="of somebody else")
    del writes[:]
    clock.now += 1
    job.advance(5)
    assert len(writes) == 1
    assert "log" not in writes[0]
    assert "cancel_requested" not in writes[0]
    assert stored().log == "of somebody else"


def test_the_speed_is_what_moved_in_the_last_seconds(job, clock):
    job.measure(None)
    for speed in (1000, 5000):
        for _ in range(400):
            clock.now += 0.1
            job.advance(speed // 10)
        assert stored().bytes_per_second == pytest.approx(speed, rel=0.02)


def test_the_percentage_goes_through_the_span_of_the_stage(job, clock):
    job.measure(200, span=(0.0, 40.0))
    clock.now += 1
    job.advance(100)
    assert stored().percent == 20.0
    job.measure(None, span=(40.0, 80.0))
    assert stored().percent == 40.0
    job.expect(10)
    clock.now += 1
    job.advance(5)
    assert stored().percent == 60.0
    clock.now += 1
    job.advance(50)
    assert stored().percent == 80.0


def test_without_a_total_there_is_no_percentage(job, clock):
    job.measure(None)
    clock.now += 1
    job.advance(5)
    assert (stored().percent, stored().bytes_done, stored().bytes_total) == (None, 5, None)


def test_a_step_is_logged_with_its_time(job):
    job.start()
    job.step("Reading " + "x" * 400)
    job.log("Beside it")
    assert (stored().status, len(stored().step)) == (Status.RUNNING, 300)
    first, second = stored().log.splitlines()
    assert first[2::3][:2] == "::"
    assert second.endswith(" Beside it")


def test_what_no_database_stores_is_spelled_out(job):
    job.step(f"Reading {HALF}\0x")
    job.log(HALF)
    job.job.refresh_from_db()
    assert job.job.step == "Reading \\ud800\\x00x"
    assert [line[9:] for line in job.job.log.splitlines()] == ["Reading \\ud800\\x00x", "\\ud800"]
