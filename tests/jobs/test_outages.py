"""jobs.outages: a database that goes away in the middle of a job, and comes back or does not"""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import OperationalError, connection, transaction

from jobs import outages, running, worker
from jobs.models import Job, Status
from jobs.registry import handler, undo_action
from jobs.running import RunningJob, ShutdownFlag
from tests.jobs.handlers import NOTE, diary, enqueue_files, state

# Helpers are looked for after every job.
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("engine")]

KIND = "test.outage"
HELD = "test.held"

let_go: list[str] = []


@undo_action(HELD, holds_still=True)
def held(name: str) -> None:
    let_go.append(f"{name}, {'away' if outage.goes_on else 'there'}")


class Outage:
    """Refuses every question while it goes on, which may be a number of questions."""

    def __init__(self) -> None:
        self.left = 0.0

    @property
    def goes_on(self) -> bool:
        return self.left > 0

    def __call__(self, execute: Callable[..., Any], sql: str, *arguments: Any) -> Any:
        # What is set by PRAGMA is nothing that a server would be asked for.
        if self.goes_on and not sql.startswith("PRAGMA"):
            self.left -= 1
            raise OperationalError("the connection is closed")
        return execute(sql, *arguments)


outage = Outage()


@pytest.fixture(autouse=True)
def _an_outage_can_come(monkeypatch, settings):
    outage.left = 0
    let_go.clear()
    monkeypatch.setattr(outages, "ASKED_AGAIN", 0.01)
    monkeypatch.setattr(outages, "is_away", lambda error: isinstance(error, OperationalError))
    monkeypatch.setattr("jobs.failures.problem_of", lambda error: error)
    with connection.execute_wrapper(outage):
        yield


def done_by(work: Callable[[RunningJob], Any], shutdown: ShutdownFlag | None = None) -> Job:
    """A job that does this work, when it is over."""

    def do(job: RunningJob) -> dict[str, Any]:
        return work(job) or {}

    handler(KIND)(do)
    job = Job.objects.create(kind=KIND, subject="web")
    assert worker.run_next(shutdown)
    job.refresh_from_db()
    return job


@pytest.mark.parametrize("asked_again", [0.0, 0.01, 60.0])
def test_what_is_told_meanwhile_is_owed_and_nothing_waits(asked_again, monkeypatch):
    # However slow the machine is, it is asked anew at each of them, or at none.
    monkeypatch.setattr(outages, "ASKED_AGAIN", asked_again)

    def work(job: RunningJob) -> None:
        job.step("before")
        # It has an end, or a failure in it would be waited out for ever.
        outage.left = 2000
        job.start()
        job.step("one")
        job.measure(100)
        job.advance(40)
        job.check()
        assert outage.goes_on
        outage.left = 0
        job.step("two")

    job = done_by(work)
    assert state(job) == Status.COMPLETE
    said = [line[9:] for line in job.log.splitlines()]
    assert said == ["before", "one", "two", "Complete"]
    assert job.bytes_done == 40


def test_what_has_to_be_written_first_waits(tmp_path):
    def work(job: RunningJob) -> None:
        outage.left = 3
        key = job.undo.write(NOTE, diary=str(tmp_path / "diary"), text="undone")
        assert not outage.goes_on
        assert Job.objects.get(pk=job.job.pk).undo[-1]["key"] == key
        job.undo.drop(key)

    assert state(done_by(work)) == Status.COMPLETE
    assert diary(tmp_path) == []


def test_a_container_is_let_go_without_the_database_and_only_once(monkeypatch):
    monkeypatch.setattr(running, "LONGEST_OUTAGE", 0.0)

    def work(job: RunningJob) -> None:
        job.undo.write(HELD, name="web")
        outage.left = 6
        job.undo.write(HELD, name="db")

    job = done_by(work)
    assert state(job) == "failed: the connection is closed"
    assert let_go == ["db, away", "web, away"]
    assert job.undo == []
    assert "Failed" in job.log


def test_where_it_may_be_done_already_nothing_is_put_back_before_that_is_known():
    def work(job: RunningJob) -> None:
        job.undo.write(HELD, name="web")
        with transaction.atomic():
            job.undo.commit({"filename": "x.tar.gz"}, cleanup=[])
        outage.left = 4
        Job.objects.count()

    job = done_by(work)
    assert (state(job), job.result["filename"]) == (Status.COMPLETE, "x.tar.gz")
    assert let_go == []


def test_whoever_is_told_to_end_waits_no_more_and_the_next_puts_back():
    shutdown = ShutdownFlag()

    def work(job: RunningJob) -> None:
        job.undo.write(HELD, name="web")
        # It has an end, or a failure in it would be waited out for ever.
        outage.left = 2000
        shutdown.set()
        job.undo.write(HELD, name="db")

    with pytest.raises(OperationalError):
        done_by(work, shutdown)
    outage.left = 0
    let_go.clear()
    worker.recover()
    assert state(Job.objects.get()) == "interrupted: The worker ended in the middle of it."
    assert let_go == ["web, there"]


def test_the_worker_goes_on_and_ends_what_was_left_in_the_middle(tmp_path, caplog):
    rounds = worker.Rounds(ShutdownFlag())
    assert rounds.next() is False
    left = Job.objects.create(kind=KIND, subject="web", status=Status.RUNNING)
    job = enqueue_files(tmp_path, "a")
    outage.left = 2
    assert [rounds.next(), rounds.next()] == [False, False]
    assert rounds.next() is True
    assert state(job) == Status.COMPLETE
    assert state(left) == "interrupted: The worker ended in the middle of it."
    told = [record.message for record in caplog.records if "The database is" in record.message]
    assert told == [
        "The database is away, and is waited for: the connection is closed",
        "The database is back.",
    ]


def test_a_fault_that_is_no_outage_is_not_waited_for(monkeypatch):
    monkeypatch.setattr(outages, "is_away", lambda error: False)

    def work(job: RunningJob) -> None:
        outage.left = 1
        job.undo.write(HELD, name="web")

    job = done_by(work)
    assert state(job) == "failed: the connection is closed"
    outage.left = 1
    with pytest.raises(OperationalError):
        worker.Rounds(ShutdownFlag()).next()
