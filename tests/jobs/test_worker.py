"""jobs.worker, one job at a time, in this process"""

from uuid import uuid4

import pytest
from django.db import OperationalError, transaction

from containermonkey.problems import NoSpace
from engine import engine as open_engine
from engine.helpers import helper
from jobs import services, worker
from jobs.models import Job, Status
from jobs.registry import REMOVE_HELPERS, handler
from jobs.running import ShutdownFlag
from tests.arrange import left_by_jobs
from tests.jobs.handlers import NEEDED, STUBBORN, diary, enqueue_files, state
from tests.waiting import wait_for

# Helpers are looked for after every job.
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("engine")]


def raising(problem):
    def fail(_):
        raise problem

    return fail


def test_an_empty_queue_costs_a_look_and_no_write(django_assert_num_queries):
    with django_assert_num_queries(1) as captured:
        assert worker.run_next() is False
    assert captured[0]["sql"].startswith("SELECT")


def test_a_job_that_gets_through(tmp_path):
    job = enqueue_files(tmp_path, "a", "b")
    assert worker.run_next() is True
    assert state(job) == Status.COMPLETE
    assert (job.percent, job.step, job.undo) == (100.0, "Complete", [])
    assert job.result == {"filename": "x.tar.gz", "size": 3}
    assert job.created_at <= job.started_at <= job.finished_at
    assert [line[9:] for line in job.log.splitlines()] == ["Made a", "Made b", "Complete"]
    assert (tmp_path / "a").exists()
    assert worker.run_next() is False


def test_first_in_first_out(tmp_path):
    jobs = [enqueue_files(tmp_path, name) for name in "abc"]
    finished = []
    while worker.run_next():
        ended = Job.objects.filter(status=Status.COMPLETE).order_by("finished_at")
        finished = [job.pk for job in ended]
    assert finished == [job.pk for job in jobs]


def test_those_behind_wait_once_one_has_begun(tmp_path):
    first, second, third = (enqueue_files(tmp_path, name) for name in "abc")
    assert (state(first), state(second)) == (Status.QUEUED, Status.QUEUED)
    claimed = worker.claim()
    assert claimed == first
    assert (state(first), state(second), state(third)) == (
        Status.STARTING,
        Status.WAITING,
        Status.WAITING,
    )


def test_a_job_is_claimed_once(tmp_path, monkeypatch):
    """Somebody else takes the job, or cancels it, between the look and the claim."""
    first, second = (enqueue_files(tmp_path, name) for name in "ab")
    whole_queue = list(Job.objects.order_by("pk"))
    services.cancel(first.progress_id)
    with monkeypatch.context() as patch:
        patch.setattr("django.db.models.QuerySet.order_by", lambda self, *fields: whole_queue)
        assert worker.claim() == second
        assert worker.claim() is None
    assert state(first) == Status.CANCELLED


@pytest.mark.parametrize(
    ("ending", "words"),
    [
        ("refuse", "There is no space left."),
        ("break down", "A defect in the program; see the server's log."),
        ("fail", "The operating system refused: No such file or directory."),
    ],
)
def test_a_job_that_fails_puts_everything_back_the_last_first(tmp_path, ending, words):
    job = enqueue_files(tmp_path, "a", "b", "c", ending=ending)
    worker.run_next()
    assert state(job) == f"failed: {words}"
    assert (job.step, job.undo) == ("Failed", [])
    assert diary(tmp_path) == ["ready", "removed c", "removed b", "removed a"]
    assert job.log.endswith(f"Failed: {words}\n")
    assert not (tmp_path / "a").exists()


def test_an_error_that_no_database_stores_ends_no_worker(tmp_path, monkeypatch):
    job = enqueue_files(tmp_path, "a")
    refusal = NoSpace("No room for \ud800.")
    monkeypatch.setattr(worker, "handler_of", lambda _: raising(refusal))
    assert worker.run_next() is True
    assert state(job) == "failed: No room for \\ud800."


def test_a_kind_that_nobody_does_fails(tmp_path):
    job = Job.objects.create(kind="test.nobody", subject="web")
    worker.run_next()
    assert state(job) == "failed: A defect in the program; see the server's log."


def test_putting_back_goes_on_after_a_failure_and_is_tried_again(tmp_path):
    room = tmp_path / "room"

    @handler("test.stubborn_job")
    def work(running):
        path = str(tmp_path / "diary")
        running.undo.write("test.note", diary=path, text="first")
        running.undo.write(STUBBORN, until=str(room), diary=path)
        running.undo.write("test.defect")
        running.undo.write("test.note", diary=path, text="last")
        raise ZeroDivisionError

    job = Job.objects.create(kind="test.stubborn_job", subject="web")
    worker.run_next()
    assert state(job).endswith(
        "Not everything could be put back yet: "
        "test.defect could not be undone; see the server's log. "
        "There is no room to put it back."
    )
    assert diary(tmp_path) == ["last", "first"]
    assert [entry["action"] for entry in job.undo] == [STUBBORN, "test.defect"]

    job.undo = job.undo[:1]
    job.save()
    worker.settle()
    assert [entry["action"] for entry in Job.objects.get().undo] == [STUBBORN]
    room.touch()
    worker.settle()
    assert state(job).endswith("Everything has been put back since then.")
    assert job.undo == []
    assert job.log.endswith("Everything has been put back now.\n")
    assert diary(tmp_path) == ["last", "first", "stubborn"]
    worker.settle()
    assert diary(tmp_path) == ["last", "first", "stubborn"]


def test_nothing_is_put_back_before_what_it_needs(tmp_path):
    """A container does not run again before its data is back."""
    room, path = tmp_path / "room", str(tmp_path / "diary")

    @handler("test.held_up")
    def work(running):
        running.undo.write("test.note", diary=path, text="first")
        running.undo.write(NEEDED, until=str(room), diary=path)
        running.undo.write("test.note", diary=path, text="last")
        raise ZeroDivisionError

    job = Job.objects.create(kind="test.held_up", subject="web")
    worker.run_next()
    assert "There is no room to put it back." in state(job)
    assert diary(tmp_path) == ["last"]
    room.touch()
    worker.settle()
    assert diary(tmp_path) == ["last", "stubborn", "first"]
    assert state(job).endswith("Everything has been put back since then.")


def test_cleaning_up_waits_for_nothing(tmp_path):
    path = str(tmp_path / "diary")
    needed = {"action": NEEDED, "arguments": {"until": str(tmp_path / "room"), "diary": path}}
    note = {"action": "test.note", "arguments": {"diary": path, "text": "cleaned up"}}

    @handler("test.cleaning")
    def work(running):
        running.undo.commit({}, cleanup=[needed, note])
        return {}

    job = Job.objects.create(kind="test.cleaning", subject="web")
    worker.run_next()
    words = "complete: Not everything could be cleaned up yet: There is no room to put it back."
    assert state(job) == words
    assert diary(tmp_path) == ["cleaned up"]


def test_what_an_earlier_job_left_undone_comes_before_the_next_job(tmp_path):
    room, path = tmp_path / "room", str(tmp_path / "diary")
    left = {"key": 1, "action": STUBBORN, "arguments": {"until": str(room), "diary": path}}
    Job.objects.create(kind="backup", subject="web", status=Status.FAILED, undo=[left])
    enqueue_files(tmp_path)
    room.touch()
    worker.run_next()
    assert diary(tmp_path) == ["stubborn", "ready"]


@pytest.mark.django_db(transaction=True)
def test_a_commit_that_did_not_reach_the_database_is_none(tmp_path):
    @handler("test.rolled_back")
    def work(running):
        running.undo.write("test.note", diary=str(tmp_path / "diary"), text="back")
        with transaction.atomic():
            running.undo.commit({"filename": "x"}, cleanup=[])
            raise OperationalError("database or disk is full")

    job = Job.objects.create(kind="test.rolled_back", subject="web")
    worker.run_next()
    assert state(job).startswith("failed: The database cannot be used just now.")
    assert (job.committed, job.result) == (False, {})
    assert diary(tmp_path) == ["back"]


def test_past_its_commit_a_job_is_complete_whatever_happens(tmp_path):
    job = enqueue_files(tmp_path, "a", ending="clean up")
    worker.run_next()
    assert state(job) == Status.COMPLETE
    assert diary(tmp_path) == ["ready", "a", "b"]
    assert (tmp_path / "a").exists()
    assert job.result == {"filename": "x.tar.gz"}


def test_a_cancelled_job_puts_everything_back(tmp_path):
    @handler("test.cancelled")
    def work(running):
        running.undo.write("test.note", diary=str(tmp_path / "diary"), text="back")
        services.cancel(running.job.progress_id)
        running.step("Never")
        return {}

    job = Job.objects.create(kind="test.cancelled", subject="web")
    worker.run_next()
    assert state(job) == "cancelled: Cancelled on request."
    assert diary(tmp_path) == ["back"]
    assert "Never" not in job.log


def test_who_was_told_that_it_is_cancelled_was_told_the_truth(tmp_path):
    """A job that has been cancelled cannot get through any more."""

    @handler("test.late")
    def work(running):
        running.undo.write("test.note", diary=str(tmp_path / "diary"), text="back")
        services.cancel(running.job.progress_id)
        running.undo.commit({"filename": "x"}, cleanup=[])
        return {}

    job = Job.objects.create(kind="test.late", subject="web")
    worker.run_next()
    assert state(job) == "cancelled: Cancelled on request."
    assert (job.committed, job.result) == (False, {})
    assert diary(tmp_path) == ["back"]


def test_a_shutdown_interrupts_and_puts_everything_back(tmp_path):
    shutdown = ShutdownFlag()
    shutdown.set()
    job = enqueue_files(tmp_path, "a")
    worker.run_next(shutdown)
    assert state(job) == "interrupted: The program was shut down in the middle of it."
    assert diary(tmp_path) == ["removed a"]


def test_helpers_are_removed_whatever_happens(docker, busybox):
    @handler("test.helper")
    def work(running):
        with open_engine() as client:
            context = helper(client, [], running.label)
            context.__enter__()
        assert len(left_by_jobs(docker)) == 1
        raise ZeroDivisionError

    Job.objects.create(kind="test.helper", subject="web")
    worker.run_next()
    assert left_by_jobs(docker) == []


def test_the_undo_stands_before_the_act(tmp_path):
    @handler("test.order")
    def work(running):
        running.undo.write("test.note", diary=str(tmp_path / "diary"), text="x")
        stored = Job.objects.get(pk=running.job.pk).undo
        assert [entry["action"] for entry in stored] == [REMOVE_HELPERS, "test.note"]
        running.undo.update(stored[1]["key"], text="y")
        assert Job.objects.get(pk=running.job.pk).undo[1]["arguments"]["text"] == "y"
        running.undo.drop(stored[1]["key"])
        assert len(Job.objects.get(pk=running.job.pk).undo) == 1
        return {}

    job = Job.objects.create(kind="test.order", subject="web")
    worker.run_next()
    assert state(job) == Status.COMPLETE


def test_an_act_that_nobody_can_undo_is_not_begun(tmp_path):
    @handler("test.unknown_undo")
    def work(running):
        running.undo.write("test.no_such_action")
        (tmp_path / "begun").touch()
        return {}

    Job.objects.create(kind="test.unknown_undo", subject="web")
    worker.run_next()
    assert not (tmp_path / "begun").exists()


def test_what_is_undone_afterwards_is_undone_at_once_or_in_its_turn(tmp_path):
    path = str(tmp_path / "diary")

    @handler("test.afterwards")
    def work(running):
        with running.undo.afterwards("test.note", diary=path, text="at once"):
            pass
        assert diary(tmp_path) == ["at once"]
        running.undo.write("test.note", diary=path, text="first")
        with running.undo.afterwards("test.note", diary=path, text="second"):
            raise ZeroDivisionError

    Job.objects.create(kind="test.afterwards", subject="web")
    worker.run_next()
    assert diary(tmp_path) == ["at once", "second", "first"]


@pytest.mark.django_db(transaction=True)
def test_the_loop_ends_when_it_is_told_to(tmp_path):
    shutdown = ShutdownFlag()

    @handler("test.last")
    def work(running):
        shutdown.set()
        return {}

    job = Job.objects.create(kind="test.last", subject="web")
    behind = enqueue_files(tmp_path, "a")
    worker.work(shutdown)
    assert state(job) == Status.COMPLETE
    assert state(behind) == Status.WAITING


def test_what_an_earlier_worker_left_is_put_back_when_the_next_begins(tmp_path, docker, busybox):
    diary_path = str(tmp_path / "diary")
    left = [{"key": 1, "action": "test.note", "arguments": {"diary": diary_path, "text": "back"}}]
    orphans = [
        Job.objects.create(kind="backup", subject="web", status=status, undo=left)
        for status in (Status.STARTING, Status.RUNNING)
    ]
    done = Job.objects.create(
        kind="backup", subject="web", status=Status.RUNNING, committed=True, undo=left
    )
    helpers = {"left": str(done.progress_id), "of-another-installation": str(uuid4())}
    for name, job in helpers.items():
        docker.create_container(busybox, labels={"containermonkey.job": job}, name=name)
    docker.create_container(busybox, name="foreign")

    worker.recover()

    for orphan in orphans:
        assert state(orphan) == "interrupted: The worker ended in the middle of it."
        assert orphan.finished_at
    assert state(done) == Status.COMPLETE
    assert diary(tmp_path) == ["back", "back", "back"]
    names = {name for c in docker.containers(all=True) for name in c["Names"]}
    assert names == {"/foreign", "/of-another-installation"}
    docker.remove_container("of-another-installation")


def test_the_helper_of_a_plan_that_nobody_makes_any_more_is_removed(
    docker, busybox, monkeypatch: pytest.MonkeyPatch
):
    docker.create_container(busybox, labels={"containermonkey.job": "plan"}, name="planning")
    worker.recover()
    assert docker.containers(all=True)
    monkeypatch.setattr(worker, "LONGEST_PLAN", -1.0)
    worker.recover()
    assert not docker.containers(all=True)


def test_an_engine_that_is_away_does_not_keep_the_worker_from_beginning(tmp_path, engine):
    engine.kill()
    shutdown = ShutdownFlag()
    job = enqueue_files(tmp_path, "a")
    worker.recover()
    worker.run_next(shutdown)
    assert state(job).startswith("complete: Not everything could be cleaned up yet")
    engine.start()
    wait_for(lambda: worker.settle() or not Job.objects.get().undo, "the helpers to be looked for")
