"""jobs.services"""

from uuid import UUID

import pytest
from django.contrib.auth.models import AnonymousUser

from containermonkey.problems import Conflict, NotFound
from jobs import services
from jobs.models import ACTIVE, ENDED, PENDING, Job, Status

pytestmark = pytest.mark.django_db


def test_a_job_goes_to_the_end_of_the_queue(make_job, operator):
    make_job(Status.RUNNING)
    make_job(Status.WAITING)
    job = services.enqueue("backup", "db", {"x": 1}, operator)
    assert (job.status, job.requested_by) == (Status.QUEUED, operator)
    assert services.progress_of(job).queue_position == 2
    assert services.enqueue("backup", "db", {}, AnonymousUser()).requested_by is None


def test_what_waits_already_is_not_queued_a_second_time(make_job, operator):
    job = services.enqueue_once("backup", "db", {"x": [1]}, operator)
    assert services.enqueue_once("backup", "db", {"x": [1]}) == job
    assert services.enqueue_once("backup", "db", {"x": [2]}) != job
    assert services.enqueue_once("restore", "db", {"x": [1]}) != job
    Job.objects.filter(pk=job.pk).update(status=Status.RUNNING)
    assert services.enqueue_once("backup", "db", {"x": [1]}) != job


def test_a_job_that_is_being_cancelled_stands_for_no_other(operator):
    going_on = {"statuses": (*PENDING, *ACTIVE)}
    job = services.enqueue_once("backup", "db", {}, operator)
    Job.objects.filter(pk=job.pk).update(status=Status.RUNNING)
    assert services.enqueue_once("backup", "db", {}, **going_on) == job
    services.cancel(job.progress_id)
    assert services.enqueue_once("backup", "db", {}, **going_on) != job


def test_the_queue_is_told_in_its_order(make_job):
    assert services.queue_status() == services.QueueStatus(0, None, [])
    jobs = [make_job(status) for status in (Status.RUNNING, Status.WAITING, Status.QUEUED)]
    make_job(Status.COMPLETE)
    status = services.queue_status()
    assert status.queue_size == 2
    assert status.running.progress_id == jobs[0].progress_id
    assert [progress.progress_id for progress in status.queued] == [
        job.progress_id for job in jobs[1:]
    ]
    assert [progress.queue_position for progress in status.queued] == [1, 2]
    assert status.running.queue_position is None


def test_the_cost_of_the_queue_is_constant(make_job, django_assert_num_queries):
    for _ in range(3):
        make_job()
        with django_assert_num_queries(2):
            services.queue_status()


@pytest.mark.parametrize("status", Status.values)
def test_every_status_is_one_of_the_api(make_job, status):
    job = make_job(status)
    expected = "failed" if status == Status.INTERRUPTED else status
    assert services.progress_of(job).status == expected


def test_what_came_of_it_is_part_of_the_progress(make_job):
    job = make_job(Status.COMPLETE, result={"filename": "x.tar.gz", "size": 5, "report": []})
    progress = services.progress_of(job)
    assert (progress.filename, progress.size, progress.error) == ("x.tar.gz", 5, None)


@pytest.mark.parametrize("status", [Status.QUEUED, Status.WAITING])
def test_who_waits_is_cancelled_at_once(make_job, status):
    job = services.cancel(make_job(status).progress_id)
    assert (job.status, job.step) == (Status.CANCELLED, "Cancelled before it began")
    assert job.finished_at
    assert services.cancel(job.progress_id).status == Status.CANCELLED


@pytest.mark.parametrize("status", [Status.STARTING, Status.RUNNING])
def test_who_runs_is_asked_to_end(make_job, status):
    job = services.cancel(make_job(status).progress_id)
    assert (job.status, job.cancel_requested) == (status, True)
    assert services.cancel(job.progress_id).cancel_requested


@pytest.mark.parametrize("status", sorted(set(ENDED) - {Status.CANCELLED}))
def test_what_is_over_is_not_cancelled(make_job, status):
    job = make_job(status)
    with pytest.raises(Conflict, match="over"):
        services.cancel(job.progress_id)
    assert Job.objects.get().cancel_requested is False


def test_past_its_commit_a_job_is_not_cancelled(make_job):
    with pytest.raises(Conflict):
        services.cancel(make_job(Status.RUNNING, committed=True).progress_id)


@pytest.mark.parametrize("progress_id", [UUID(int=7), "x", "", "1", "a\nb"])
def test_a_job_that_is_not_there_is_said_so(progress_id):
    for act in (services.find_job, services.cancel):
        with pytest.raises(NotFound, match="no job"):
            act(progress_id)


def test_the_active_job_is_found_by_its_whole_name(make_job):
    make_job(Status.RUNNING, "web-1")
    make_job(Status.WAITING, "web")
    make_job(Status.COMPLETE, "web")
    assert services.active_job_for("web") is None
    job = make_job(Status.STARTING, "web")
    assert services.active_job_for("web") == job


def test_those_that_a_job_has_stopped_along_with_its_own_container_are_being_worked_on(make_job):
    job = make_job(Status.RUNNING, "web")
    job.undo = [{"key": 1, "action": "backups.let_go", "arguments": {"name": "db"}}]
    job.save()
    assert services.active_job_for("db") == job
    assert services.active_job_for("cache") is None


@pytest.mark.parametrize("kind", ["verify", "rehearsal", "prune"])
def test_what_keeps_to_archives_works_on_no_container(make_job, kind):
    make_job(Status.RUNNING, "web", kind=kind)
    assert services.active_job_for("web") is None
