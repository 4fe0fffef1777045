"""Whatever goes wrong in a redeploy, the old container is there again as it was."""

import time

import pytest
from docker.errors import NotFound

from jobs.models import Status
from jobs.services import cancel
from jobs.undo import Undo
from jobs.worker import recover, run_next, settle
from tests.arrange import run_in
from tests.backups.workers import kill, wait_until, worker_process
from tests.containers.redeploy.conftest import OLD, redeployed, request, state_of
from tests.waiting import wait_for

pytestmark = pytest.mark.django_db(transaction=True)


def hosts(docker) -> dict[str, tuple[str, str]]:
    return {row["Names"][0][1:]: (row["Id"], row["State"]) for row in docker.containers(all=True)}


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        (['CMD ["sh", "-c", "echo no config; exit 3"]'], "exit code 3"),
        (['CMD ["/no/such/program"]'], "no such file"),
        (
            [
                'CMD ["/bin/idle"]',
                "HEALTHCHECK --interval=200ms --timeout=30s --retries=1 CMD false",
            ],
            "unhealthy",
        ),
    ],
    ids=["ends", "cannot start", "unhealthy"],
)
def test_where_the_new_one_is_not_up_the_old_one_comes_back(
    docker, make_container, published, changes, words
):
    reference = published(OLD)
    docker.pull(reference)
    make_container("web", image=reference, host={"port_bindings": {80: 8080}}, ports=[80])
    make_container("probe", host={"network_mode": "container:web"})
    published(changes)
    before = hosts(docker)
    job = redeployed(status=Status.FAILED)
    assert words in job.error
    assert hosts(docker) == before
    assert docker.inspect_container("web")["HostConfig"]["PortBindings"]


def test_where_pulling_fails_nothing_is_touched(docker, make_container, app, registry):
    make_container("web", image=app)
    before = hosts(docker)
    started = docker.inspect_container("web")["State"]["StartedAt"]
    registry.stop()
    job = redeployed(status=Status.FAILED)
    assert job.error
    assert hosts(docker) == before
    assert docker.inspect_container("web")["State"]["StartedAt"] == started


def test_one_that_waits_can_be_cancelled(docker, make_container, app):
    make_container("web", image=app)
    before = hosts(docker)
    job = request()
    cancel(job.progress_id)
    assert not run_next()
    assert hosts(docker) == before


def test_where_it_ends_though_it_ran_before_the_old_one_comes_back(
    docker, make_container, published
):
    reference = published(OLD)
    docker.pull(reference)
    make_container("web", image=reference)
    published(['CMD ["true"]'])
    before = state_of(docker)
    assert "exit code 0" in redeployed(status=Status.FAILED).error
    assert state_of(docker) == before


def test_the_name_of_the_image_goes_back_too(docker, make_container, published):
    reference = published(OLD)
    docker.pull(reference)
    make_container("web", image=reference, host={"restart_policy": {"Name": "always"}})
    published(['CMD ["false"]'])
    before = state_of(docker)
    redeployed(status=Status.FAILED)
    assert state_of(docker) == before


def test_what_it_wrote_last_is_in_the_log_without_its_secrets(docker, make_container, published):
    reference = published(OLD)
    docker.pull(reference)
    make_container("web", image=reference, environment=["PASSWORD=hunter22"])
    published(['CMD ["sh", "-c", "echo begin; echo no entry with $PASSWORD; exit 4"]'])
    job = redeployed(status=Status.FAILED)
    assert "exit code 4: no entry with ••••••" in job.error
    assert "web wrote: begin" in job.log
    assert "hunter22" not in job.log + job.error


def test_the_last_lines_are_no_flood(docker, make_container, published):
    reference = published(OLD)
    docker.pull(reference)
    make_container("web", image=reference)
    published(['CMD ["sh", "-c", "seq 100000; exit 4"]'])
    job = redeployed(status=Status.FAILED)
    assert job.log.count("web wrote:") == 20


@pytest.mark.parametrize("state", ["paused", "exited"])
def test_the_old_one_has_its_state_again(docker, make_container, published, state):
    reference = published(OLD)
    docker.pull(reference)
    made = make_container("web", image=reference)
    docker.pause(made) if state == "paused" else docker.stop(made)
    published(['CMD ["false"]'])
    make_container("probe", host={"network_mode": "container:web"}, start=False)
    before = state_of(docker)
    if state == "paused":
        redeployed(status=Status.FAILED)
        assert state_of(docker) == before
    else:
        redeployed()
        after = docker.inspect_container("web")
        assert (after["State"]["Status"], after["Id"] == made) == ("created", False)


def test_a_tag_that_is_gone_leaves_everything_as_it_was(docker, make_container, app, registry):
    make_container("web", image=app)
    before = state_of(docker)
    for manifest in (registry.path / "manifests" / "app").iterdir():
        manifest.unlink()
    error = redeployed(status=Status.FAILED).error
    assert "could not be pulled" in error
    assert "manifest" in error.lower()
    assert state_of(docker) == before


def test_a_registry_that_denies_leaves_everything_as_it_was(docker, make_container, app, registry):
    make_container("web", image=app)
    before = state_of(docker)
    registry.deny()
    assert "could not be pulled" in redeployed(status=Status.FAILED).error
    assert state_of(docker) == before


def test_a_dependent_that_does_not_come_up_brings_all_back(docker, make_container, app):
    make_container("web", image=app)
    # It runs once, and never again.
    once = "test -e /data/ran && exit 5; touch /data/ran; exec /bin/idle"
    make_container(
        "probe",
        command=["sh", "-c", once],
        host={"network_mode": "container:web", "binds": ["marks:/data"]},
    )
    before = state_of(docker)
    job = redeployed(status=Status.FAILED)
    assert "probe ended at once with exit code 5" in job.error
    after = state_of(docker)
    assert after["containers"]["web"] == before["containers"]["web"]
    assert after["containers"].keys() == {"web", "probe"}


def test_those_that_were_wired_anew_already_are_wired_to_the_old_one_again(
    docker, make_container, app
):
    old = make_container("web", image=app)
    make_container("meter", host={"network_mode": "container:web"})
    once = "test -e /data/ran && exit 5; touch /data/ran; exec /bin/idle"
    make_container(
        "probe",
        command=["sh", "-c", once],
        # After the other, because it shares with that too.
        host={
            "network_mode": "container:web",
            "pid_mode": "container:meter",
            "binds": ["marks:/data"],
        },
    )
    job = redeployed(status=Status.FAILED)
    assert "Making meter again" in job.log
    assert "probe ended at once with exit code 5" in job.error
    seen = {name: run_in(docker, name, "cat", "/proc/net/fib_trie") for name in ("web", "meter")}
    assert seen["web"] == seen["meter"]
    for name in ("meter", "probe"):
        assert docker.inspect_container(name)["HostConfig"]["NetworkMode"] == f"container:{old}"
    assert hosts(docker).keys() == {"web", "meter", "probe"}


# Cancelled and killed


def test_a_pull_can_be_cancelled_though_the_registry_says_nothing(
    docker, make_container, app, registry
):
    make_container("web", image=app)
    before = state_of(docker)
    registry.hold()
    job = request()
    with worker_process():
        wait_until(job, lambda job: job.step.startswith("Pulling"))
        cancel(job.progress_id)
        wait_for(lambda: refreshed(job).ended, "the end")
    registry.let_go()
    assert job.status == Status.CANCELLED
    assert state_of(docker) == before


def refreshed(job):
    job.refresh_from_db()
    return job


def test_waiting_for_health_can_be_cancelled(docker, make_container, published):
    reference = published(OLD)
    docker.pull(reference)
    make_container("web", image=reference)
    published(["HEALTHCHECK --interval=600s --timeout=1s CMD true"])
    before = state_of(docker)
    job = request()
    with worker_process():
        wait_until(job, lambda job: job.step == "Starting web")
        cancel(job.progress_id)
        wait_for(lambda: refreshed(job).ended, "the end")
    assert job.status == Status.CANCELLED
    assert state_of(docker) == before


@pytest.mark.parametrize("write", range(1, 13))
def test_a_worker_killed_at_any_entry_of_its_undo_leaves_what_was_there(
    docker, make_container, app, monkeypatch, tmp_path, write
):
    """Killed where the entry is written and its act not done: so all before it are done."""
    make_container("web", image=app, host={"restart_policy": {"Name": "always"}})
    make_container("probe", host={"network_mode": "container:web"})
    docker.pause("probe")
    before = state_of(docker)
    marker, original, writes = tmp_path / "reached", Undo._save, []

    def then_stop(self, entries):
        original(self, entries)
        writes.append(entries)
        if len(writes) == write:
            stop_here(marker)

    monkeypatch.setattr(Undo, "_save", then_stop)
    job = request()
    with worker_process() as process:
        wait_for(marker.exists, f"write number {write}")
        kill(process)
    monkeypatch.undo()
    recover()
    assert refreshed(job).status == Status.INTERRUPTED
    assert job.undo == []
    assert state_of(docker) == before


def test_a_worker_killed_before_the_commit_leaves_what_was_there(
    docker, make_container, app, monkeypatch, tmp_path
):
    make_container("web", image=app)
    make_container("probe", host={"network_mode": "container:web"})
    before = state_of(docker)
    marker = tmp_path / "reached"
    monkeypatch.setattr(Undo, "commit", lambda *_: stop_here(marker))
    job = request()
    with worker_process() as process:
        wait_for(marker.exists, "the commit")
        kill(process)
    monkeypatch.undo()
    recover()
    assert refreshed(job).status == Status.INTERRUPTED
    assert state_of(docker) == before


def test_a_worker_killed_after_the_commit_has_only_to_clean_up(
    docker, make_container, app, monkeypatch, tmp_path
):
    old = make_container("web", image=app)
    marker, original = tmp_path / "reached", Undo.commit

    def then_stop(self, *arguments):
        original(self, *arguments)
        stop_here(marker)

    monkeypatch.setattr(Undo, "commit", then_stop)
    job = request()
    with worker_process() as process:
        wait_for(marker.exists, "the commit")
        kill(process)
    monkeypatch.undo()
    recover()
    assert refreshed(job).status == Status.COMPLETE
    assert hosts(docker).keys() == {"web"}
    with pytest.raises(NotFound):
        docker.inspect_container(old)


def stop_here(marker) -> None:
    """Let the test know, and wait to be killed."""
    marker.touch()
    while True:
        time.sleep(60)


def test_an_engine_that_restarts_in_the_middle_finds_the_old_one_back(
    docker, make_container, app, engine, monkeypatch
):
    make_container("web", image=app, host={"restart_policy": {"Name": "always"}})
    before = state_of(docker)

    monkeypatch.setattr("containers.swap.wait_until_up", lambda *_, **__: engine.kill())
    job = request()
    assert run_next()
    assert refreshed(job).status == Status.FAILED
    assert job.undo
    monkeypatch.undo()
    engine.start()
    settle()
    assert refreshed(job).undo == []
    assert state_of(docker) == before
