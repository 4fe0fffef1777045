"""containers.services: start, stop, restart, delete"""

import time

import pytest
from docker.errors import NotFound as Gone

from containermonkey.problems import Conflict, Invalid, NotAllowed, NotFound
from containers import services
from engine import engine
from engine.events import past_events
from engine.times import NANOSECONDS
from jobs.models import Job, Status
from tests.backups.odd_names import ODD_NAMES
from tests.waiting import wait_for

pytestmark = pytest.mark.django_db

VERBS = [
    services.start_container,
    services.stop_container,
    services.restart_container,
    services.delete_container,
]
# As a first process without a handler it is not ended by SIGTERM.
DEAF = ["sleep", "3600"]


def status_of(docker, reference: str) -> str:
    return docker.inspect_container(reference)["State"]["Status"]


def test_starting_and_starting_again(docker, make_container):
    made = make_container("web", start=False)
    acted = services.start_container("web")
    assert (acted.changed, acted.container.status) == (True, "running")
    assert acted.container.id == made
    acted = services.start_container("web")
    assert (acted.changed, acted.container.status) == (False, "running")
    assert status_of(docker, "web") == "running"


def test_stopping_and_stopping_again(docker, make_container):
    make_container("web")
    acted = services.stop_container("web")
    assert (acted.changed, acted.container.status) == (True, "exited")
    assert services.stop_container("web").changed is False
    assert status_of(docker, "web") == "exited"


def test_restarting_is_always_a_change(docker, make_container):
    make_container("web")
    before = docker.inspect_container("web")["State"]["StartedAt"]
    assert services.restart_container("web", timeout=1).changed is True
    assert docker.inspect_container("web")["State"]["StartedAt"] > before
    services.stop_container("web")
    assert services.restart_container("web").container.status == "running"


def test_a_container_that_does_not_listen_is_killed_after_the_timeout(docker, make_container):
    make_container("deaf", command=DEAF, stop_timeout=300)
    start = time.monotonic()
    services.stop_container("deaf", timeout=1)
    assert 0.9 < time.monotonic() - start < 60
    assert docker.inspect_container("deaf")["State"]["ExitCode"] == 137


@pytest.mark.parametrize("seconds", [0, 1])
def test_the_containers_own_timeout_is_kept(make_container, seconds):
    made = make_container("deaf", command=DEAF, stop_timeout=seconds)
    services.stop_container("deaf")
    with engine() as ours:
        kills, _ = past_events(ours, container=[made], event=["kill"])
    asked, killed = (kill["timeNano"] for kill in kills)
    assert killed - asked < 8 * NANOSECONDS, "ten seconds are given by default"


@pytest.mark.parametrize("timeout", [-1, 3601, 10**12])
def test_a_timeout_is_a_length_of_time(make_container, timeout):
    make_container("web")
    with pytest.raises(Invalid) as caught:
        services.stop_container("web", timeout)
    assert "timeout" in caught.value.fields


def test_a_paused_container_can_be_stopped(docker, make_container):
    docker.pause(make_container("held"))
    assert services.stop_container("held").changed is True
    assert status_of(docker, "held") == "exited"


def test_a_paused_container_is_not_started(docker, make_container):
    docker.pause(make_container("held"))
    with pytest.raises(Conflict, match="paused"):
        services.start_container("held")
    assert status_of(docker, "held") == "paused"


def test_a_container_that_restarts_again_and_again_can_be_stopped(docker, make_container):
    make_container("again", command=["false"], host={"restart_policy": {"Name": "always"}})
    wait_for(lambda: status_of(docker, "again") == "restarting", "the restart")
    assert services.stop_container("again").changed is True
    assert status_of(docker, "again") == "exited"


def test_a_port_that_is_taken_is_a_conflict(make_container):
    make_container("first", ports=[80], host={"port_bindings": {80: 8080}})
    make_container("second", ports=[80], host={"port_bindings": {80: 8080}}, start=False)
    with pytest.raises(Conflict, match="8080"):
        services.start_container("second")


def test_a_container_that_removes_itself_is_gone_after_its_stop(docker, make_container):
    make_container("brief", host={"auto_remove": True})
    assert services.stop_container("brief").changed is True
    wait_for(lambda: not docker.containers(all=True), "the container to be gone")


def test_deleting(docker, make_container):
    make_container("web", start=False)
    services.delete_container("web")
    with pytest.raises(Gone):
        docker.inspect_container("web")


@pytest.mark.parametrize("status", ["running", "paused"])
def test_what_runs_is_deleted_only_by_force(docker, make_container, status):
    made = make_container("web")
    if status == "paused":
        docker.pause(made)
    with pytest.raises(Conflict, match=f"web is {status}"):
        services.delete_container("web")
    assert status_of(docker, "web") == status
    services.delete_container("web", force=True)
    with pytest.raises(Gone):
        docker.inspect_container("web")


@pytest.mark.parametrize("volumes", [False, True])
def test_anonymous_volumes_go_only_when_asked(docker, make_container, volumes):
    made = make_container("web", volumes=["/scratch"], host={"binds": ["kept:/data"]})
    anonymous = next(
        mount["Name"]
        for mount in docker.inspect_container(made)["Mounts"]
        if mount["Destination"] == "/scratch"
    )
    services.delete_container("web", force=True, volumes=volumes)
    left = {volume["Name"] for volume in docker.volumes()["Volumes"]}
    assert left == ({"kept"} if volumes else {"kept", anonymous})


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("label", ["containermonkey.self", "containermonkey.job"])
@pytest.mark.parametrize("shown", [False, True])
def test_this_program_and_its_helpers_are_never_touched(
    docker, make_container, settings, verb, label, shown
):
    settings.SHOW_SELF = shown
    made = make_container("monkey", labels={label: "1"})
    with pytest.raises(NotAllowed, match="monkey is Container Monkey itself"):
        verb("monkey")
    assert status_of(docker, made) == "running"
    docker.remove_container(made, force=True)


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("status", [Status.STARTING, Status.RUNNING])
def test_a_job_that_works_on_it_keeps_everybody_off(docker, make_container, verb, status):
    make_container("web")
    job = Job.objects.create(kind="backup", subject="web", status=status)
    with pytest.raises(Conflict, match="A backup of web is running") as caught:
        verb("web")
    assert caught.value.details["progress_id"] == job.progress_id
    assert status_of(docker, "web") == "running"


@pytest.mark.parametrize("status", [Status.QUEUED, Status.WAITING, Status.COMPLETE, Status.FAILED])
def test_a_job_that_waits_or_is_over_keeps_nobody_off(make_container, status):
    make_container("web", start=False)
    Job.objects.create(kind="backup", subject="web", status=status)
    Job.objects.create(kind="backup", subject="web-2", status=Status.RUNNING)
    assert services.start_container("web").changed is True


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("name", ODD_NAMES)
def test_what_cannot_exist_is_not_there(engine, verb, name):
    with pytest.raises(NotFound):
        verb(name)


@pytest.mark.parametrize("verb", VERBS)
def test_what_went_in_between_is_not_there(docker, make_container, verb, monkeypatch):
    made = make_container("web", start=False)
    refuse = services.refuse_unreachable

    def look_and_lose(inspect):
        refuse(inspect)
        docker.remove_container(made)

    monkeypatch.setattr(services, "refuse_unreachable", look_and_lose)
    with pytest.raises(NotFound):
        verb("web")
