"""A pull, from the queue to the image."""

import os
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection
from docker.errors import ImageNotFound

from accounts.models import AuditEntry
from containermonkey.problems import EngineRefused, Invalid
from engine.pulls import reason_of
from images.pulling.services import request_pull
from images.registries.services import SignIn, add_registry
from images.services import give_back
from jobs.models import Job, Status
from jobs.services import cancel, run_again
from jobs.worker import recover, run_next
from tests.backups.workers import (
    do_next_job,
    kill,
    process_that,
    wait_until,
    worker_process,
)
from tests.image_pulling.conftest import pulled, tags_of
from tests.waiting import wait_for

pytestmark = pytest.mark.django_db(transaction=True)


def test_an_image_is_brought(docker, publish):
    reference = publish()
    job = pulled(reference)
    image = docker.inspect_image(reference)
    assert job.result["image_id"] == image["Id"]
    assert image["RepoDigests"] == [f"127.0.0.1:5000/app@{job.result['digest']}"]
    assert job.result["newer"]
    assert job.result["report"][0] == "It was not on this host before."
    assert job.undo == []
    assert job.percent == 100.0


def test_its_page_leads_to_it_and_speaks_of_no_archive(client, publish):
    job = pulled(publish())
    page = client.get(f"/jobs/{job.progress_id}/").content.decode()
    assert "The image is here" in page
    assert job.result["digest"] in page
    assert "Size of the archive" not in page


def test_the_same_again_is_up_to_date(publish):
    reference = publish()
    pulled(reference)
    job = pulled(reference)
    assert not job.result["newer"]
    assert "up to date" in job.result["report"][0]


def test_a_newer_one_takes_the_name_and_the_old_one_stays(docker, publish):
    reference = publish("one")
    old = pulled(reference).result["image_id"]
    publish("two")
    job = pulled(reference)
    assert job.result["newer"]
    assert old.removeprefix("sha256:")[:12] in " ".join(job.result["report"])
    assert docker.inspect_image(reference)["Id"] != old
    assert docker.inspect_image(old)["RepoTags"] == []


def test_one_is_pulled_by_its_digest(docker, publish):
    digest = pulled(publish()).result["digest"]
    docker.remove_image("127.0.0.1:5000/app:1")
    job = pulled(f"127.0.0.1:5000/app@{digest}")
    assert job.result["digest"] == digest
    assert docker.inspect_image(f"127.0.0.1:5000/app@{digest}")["RepoTags"] == []


def test_bytes_are_counted_while_they_come(publish, registry):
    reference = publish(files={"large": os.urandom(16 << 20)})
    registry.slow_down()
    job = request_pull(reference)
    with worker_process():
        wait_until(job, lambda job: 0 < job.bytes_done < (job.bytes_total or 0))
        assert 0 < job.percent < 95
        assert job.step == f"Pulling {reference}"
        registry.speed_up()
        wait_for(lambda: Job.objects.get(pk=job.pk).ended, "the end")
    job.refresh_from_db()
    assert job.status == Status.COMPLETE, job.error
    assert job.bytes_done == job.bytes_total > 16 << 20


def test_cancelling_stops_the_engine_and_leaves_nothing(docker, publish, registry):
    reference = publish(files={"large": os.urandom(32 << 20)})
    before = docker.images(all=True)
    registry.slow_down()
    job = request_pull(reference)
    with worker_process():
        wait_until(job, lambda job: job.bytes_done > 0)
        cancel(job.progress_id)
        wait_for(lambda: Job.objects.get(pk=job.pk).ended, "the end")
    job.refresh_from_db()
    assert job.status == Status.CANCELLED
    wait_for(lambda: not registry.is_giving(), "the Engine to stop fetching")
    assert docker.images(all=True) == before
    assert job.undo == []


def test_a_tag_keeps_its_meaning_where_the_pull_of_a_newer_one_is_cancelled(
    docker, publish, registry
):
    reference = publish("one")
    pulled(reference)
    before = tags_of(docker)
    publish("two")
    registry.hold()
    job = request_pull(reference)
    with worker_process():
        wait_until(job, lambda job: job.step.startswith("Pulling"))
        cancel(job.progress_id)
        wait_for(lambda: Job.objects.get(pk=job.pk).ended, "the end")
    registry.stop()  # let go now, it would race with the Engine, which stops in its own time
    assert tags_of(docker) == before


def test_a_worker_killed_after_the_pull_gives_the_name_back(docker, publish, monkeypatch, tmp_path):
    reference = publish("one")
    pulled(reference)
    before, count = tags_of(docker), len(docker.images(all=True))
    publish("two")
    marker = tmp_path / "reached"

    def stand_still(*_):
        marker.touch()
        while True:
            os.read(os.pipe()[0], 1)

    monkeypatch.setattr("images.pulling.job.result_of", stand_still)
    job = request_pull(reference)
    with worker_process() as process:
        wait_for(marker.exists, "the pull to be over")
        assert tags_of(docker) != before
        kill(process)
    recover()
    job.refresh_from_db()
    assert (job.status, job.undo) == (Status.INTERRUPTED, [])
    assert tags_of(docker) == before
    assert len(docker.images(all=True)) == count


def test_an_engine_that_notices_too_late_to_stop_moves_no_tag(
    docker, publish, registry, monkeypatch
):
    reference = publish("one")
    pulled(reference)
    before, count = tags_of(docker), len(docker.images(all=True))
    publish("two", files={"large": os.urandom(8 << 20)})
    registry.slow_down()
    monkeypatch.setattr("engine.pulls.hang_up", lambda response: None)

    def work_and_stay():
        do_next_job()
        os.read(os.pipe()[0], 1)

    job = request_pull(reference)
    with process_that(work_and_stay):
        wait_until(job, lambda job: job.bytes_done > 0)
        cancel(job.progress_id)
        wait_for(lambda: Job.objects.get(pk=job.pk).ended, "the end")
        registry.speed_up()
        wait_for(lambda: len(docker.images(all=True)) > count, "the Engine to get through")
    assert Job.objects.get(pk=job.pk).status == Status.CANCELLED
    assert tags_of(docker) == before


def test_what_was_pulled_and_had_not_got_its_name_is_removed(docker, publish, monkeypatch):
    reference = publish("one")
    pulled(reference)
    before, count = tags_of(docker), len(docker.images(all=True))
    publish("two")

    def fail(*_):
        raise EngineRefused("The disk is read only.")

    with monkeypatch.context() as patch:
        patch.setattr("engine.client.Docker.tag_as", fail)
        job = pulled(reference, status=Status.FAILED)
    assert job.undo == []
    assert (tags_of(docker), len(docker.images(all=True))) == (before, count)


def test_a_newer_one_is_what_docker_pull_leaves(docker, publish):
    reference = publish("one")
    pulled(reference)
    publish("two")
    pulled(reference)
    ours = {name: docker.inspect_image(reference)[name] for name in ("Id", "RepoTags")}
    digests = docker.inspect_image(reference)["RepoDigests"]
    docker.remove_image(reference)
    docker.pull(reference)
    theirs = docker.inspect_image(reference)
    assert ours == {name: theirs[name] for name in ours}
    assert digests == theirs["RepoDigests"]


def test_where_no_digest_can_be_had_it_is_pulled_by_the_tag(docker, publish, monkeypatch):
    reference = publish("one")
    pulled(reference)

    def in_containerd(_):
        return {"DriverStatus": [["driver-type", "io.containerd.snapshotter.v1"]]}

    def away(*_):
        raise EngineRefused("The registry did not answer in time.")

    for place, answer in (
        ("engine.client.Docker.info", in_containerd),
        ("engine.distribution.digest_in_registry", away),
    ):
        publish(place)
        with monkeypatch.context() as patch:
            patch.setattr(place, answer)
            job = pulled(reference)
        assert job.result["newer"]
        assert docker.inspect_image(reference)["Config"]["Labels"] == {"version": place}


def test_what_had_no_name_before_stays_where_a_pull_is_undone(docker, publish):
    reference = publish("one")
    old = pulled(reference).result["image_id"]
    publish("two")
    new = pulled(reference).result["image_id"]
    docker.tag(old, *reference.rsplit(":", 1), force=True)
    give_back(reference, old, [new])
    assert docker.inspect_image(new)["RepoTags"] == []
    docker.tag(new, *reference.rsplit(":", 1), force=True)
    give_back(reference, old, [new])
    assert docker.inspect_image(reference)["Id"] == old
    assert docker.inspect_image(new)["RepoTags"] == []
    docker.tag(new, *reference.rsplit(":", 1), force=True)
    give_back(reference, old, [])
    with pytest.raises(ImageNotFound):
        docker.inspect_image(new)
    give_back(reference, old, [])
    assert docker.inspect_image(reference)["Id"] == old


# What goes wrong


def test_what_the_registry_does_not_have(registry, docker):
    error = pulled("127.0.0.1:5000/nothing:1", status=Status.FAILED).error
    assert "127.0.0.1:5000/nothing:1 could not be pulled: its registry has no such" in error


def test_a_registry_that_denies(publish, registry):
    reference = publish()
    registry.require("otto", "secret")
    error = pulled(reference, status=Status.FAILED).error
    assert "its registry let us not have it" in error


def test_a_registry_that_is_away(publish, registry):
    reference = publish()
    registry.stop()
    error = pulled(reference, status=Status.FAILED).error
    assert "the Docker host cannot reach its registry" in error


def test_an_engine_that_is_away(publish, engine):
    reference = publish()
    job = request_pull(reference)
    engine.kill()
    assert run_next()
    job.refresh_from_db()
    assert job.status == Status.FAILED
    assert "cannot be reached" in job.error


def test_another_platform_than_there_is(publish):
    reference = publish()
    error = pulled(reference, platform="windows/amd64", status=Status.FAILED).error
    assert error.startswith(f"{reference} could not be pulled")


@pytest.mark.parametrize(
    "words",
    [
        "no matching manifest for linux/s390x in the manifest list entries",
        "no match for platform in manifest: not found",
    ],
)
def test_what_engines_say_of_a_platform_that_is_lacking(words):
    reason = reason_of(EngineRefused(words))
    assert reason.startswith("its registry has it for other platforms only.")


@pytest.mark.parametrize("platform", ["linux", "linux/", "linux/arm64/v8/x", "a b/c", "x" * 80])
def test_a_platform_that_is_none(db, platform):
    with pytest.raises(Invalid) as caught:
        request_pull("nginx", platform=platform)
    assert "platform" in caught.value.fields
    assert not Job.objects.exists()


def test_the_same_is_not_queued_twice(db):
    job = request_pull("nginx")
    assert request_pull("nginx:latest") == job
    Job.objects.update(status=Status.RUNNING)
    assert request_pull("nginx:latest") == job
    request_pull("nginx", platform="linux/arm64")
    assert Job.objects.count() == 2


def test_it_can_be_run_again(publish, admin):
    job = pulled(publish())
    again = run_again(job.progress_id, admin)
    assert again.arguments == job.arguments
    assert again.requested_by == admin
    assert run_next()
    again.refresh_from_db()
    assert not again.result["newer"]


# Who is let in


def test_the_sign_in_goes_along(docker, publish, registry):
    reference = publish()
    registry.require("otto", "a-secret-word")
    add_registry(SignIn("127.0.0.1:5000", "otto", "a-secret-word"))
    job = pulled(reference)
    assert docker.inspect_image(reference)
    written = f"{job.arguments} {job.log} {job.error} {job.result} {job.undo}"
    trail = list(AuditEntry.objects.values_list("target", "problem", "details"))
    assert "a-secret-word" not in written + str(trail)


def test_a_sign_in_that_can_no_longer_be_read_is_told(publish, registry, settings):
    reference = publish()
    registry.require("otto", "secret")
    add_registry(SignIn("127.0.0.1:5000", "otto", "secret"))
    settings.ENCRYPTION_KEY = "another" * 10
    error = pulled(reference, status=Status.FAILED).error
    assert "can no longer be read" in error
    assert "Enter it again" in error


def test_it_is_in_the_audit_trail(publish, admin):
    job = request_pull(publish(), user=admin)
    run_next()
    assert set(AuditEntry.objects.values_list("action", "target", "result")) == {
        ("image_pull.request", job.subject, "done"),
        ("image_pull", job.subject, "done"),
    }


@pytest.mark.django_db(transaction=True)
def test_several_who_ask_for_one_image_at_once_have_one_job() -> None:
    ready = threading.Barrier(4)

    def ask(_: int) -> int:
        ready.wait(30)
        try:
            return request_pull("shop:1").pk
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as people:
        assert len({*people.map(ask, range(4))}) == 1

    assert Job.objects.count() == 1
