"""Containers that change between the request of their backup and its end."""

from collections.abc import Callable

import pytest
from docker import APIClient

from backups import consistency
from backups.archive.reader import ArchiveReader
from backups.consistency import TORN, Member, held_still, let_go, members_of
from backups.files import archive_path
from backups.options import BackupOptions
from backups.preview import container_preview
from backups.services import request_backup
from containermonkey.problems import Conflict, NotFound
from engine import engine as current_engine
from jobs.models import Job, Kind
from jobs.running import RunningJob
from tests.arrange import ContainerMaker
from tests.backups.capturing import state_of, states, while_reading
from tests.backups.steps import backed_up, failed, finished

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("engine", "data_dir")]

DATA = {"binds": ["data:/data"]}


def test_a_container_recreated_before_its_turn_is_backed_up_by_its_name(
    docker: APIClient, make_container: ContainerMaker
) -> None:
    make_container("web", host=DATA)
    job = request_backup("web", BackupOptions())
    docker.remove_container("web", force=True)
    again = make_container("web", host=DATA, environment={"NEW": "1"})

    result = finished(job).result

    with ArchiveReader(archive_path(result["filename"])) as archive:
        assert archive.read_json("backup/container.json")["Id"] == again


def test_a_container_renamed_before_its_turn_is_found_by_its_id(
    docker: APIClient, make_container: ContainerMaker
) -> None:
    make_container("web", host=DATA)
    job = request_backup("web", BackupOptions())
    docker.rename("web", "shop")

    assert finished(job).result["filename"].startswith("shop_")


def test_a_container_removed_before_its_turn_is_told(
    docker: APIClient, make_container: ContainerMaker
) -> None:
    make_container("web")
    job = request_backup("web", BackupOptions())
    docker.remove_container("web", force=True)

    assert failed(job).error == "The container web was removed before its backup began."


def test_a_name_is_never_taken_for_the_beginning_of_an_id(
    docker: APIClient, make_container: ContainerMaker
) -> None:
    bystander = make_container("bystander", start=False)
    name = bystander[:6]
    gone = make_container(name, start=False)
    job = request_backup(name, BackupOptions())
    docker.remove_container(gone)

    assert "was removed before" in failed(job).error
    let_go(gone, name, "start")
    assert state_of(docker, bystander)["Status"] == "created"


def test_a_container_recreated_while_it_was_stopped_is_started_by_its_name(
    docker: APIClient, make_container: ContainerMaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    def recreate() -> None:
        docker.remove_container("web")
        make_container("web", host=DATA, start=False)

    make_container("web", host=DATA)
    while_reading(monkeypatch, recreate)

    backed_up("web", consistency="stop")

    assert state_of(docker, "web")["Running"]


def test_a_container_removed_while_it_was_paused_leaves_nothing_to_do(
    docker: APIClient, make_container: ContainerMaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_container("web", host=DATA)
    while_reading(monkeypatch, lambda: docker.remove_container("web", force=True))

    backed_up("web", consistency="pause")

    assert states(docker) == {}


def test_a_container_that_cannot_be_started_again_is_told(
    docker: APIClient, make_container: ContainerMaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    docker.create_network("front")
    front = {"front": docker.create_endpoint_config()}
    make_container("web", host={**DATA, "network_mode": "front"}, networking=front)
    while_reading(monkeypatch, lambda: docker.remove_network("front"))

    job = failed(request_backup("web", BackupOptions(consistency="stop")))

    assert "The container web could not be started again. Network" in job.error
    assert "could be put back" in job.error
    with pytest.raises(NotFound, match="Network"):
        let_go(docker.inspect_container("web")["Id"], "web", "start")
    Job.objects.update(undo=[])


@pytest.mark.parametrize("hold", ["pause", "stop"])
def test_a_container_that_ended_by_itself_is_not_started(
    docker: APIClient, make_container: ContainerMaker, hold: str
) -> None:
    container = make_container("once")
    member = Member.of(docker.inspect_container(container))
    docker.stop("once")
    running = RunningJob(Job.objects.create(kind=Kind.BACKUP, subject="once"))

    with held_still(running, [member], hold, pytest.fail):
        assert running.job.undo == []

    assert state_of(docker, "once")["Status"] == "exited"


def test_one_that_ends_between_the_look_and_its_pause_is_no_failure(
    docker: APIClient, make_container: ContainerMaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_container("once", host=DATA)
    before_its_pause(monkeypatch, lambda: docker.stop("once"))
    seen = while_reading(monkeypatch, lambda: states(docker))

    backed_up("once", consistency="pause")

    assert seen == [{"once": "exited"}]
    assert state_of(docker, "once")["Status"] == "exited"


def test_one_that_crashes_between_the_look_and_its_pause_is_stopped_instead(
    docker: APIClient, make_container: ContainerMaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    def pause(container: str) -> None:
        docker.restart(container)  # one that is killed by a call does not begin anew by itself
        raise Conflict("It is restarting, wait until it is running.")

    make_container("crashing", host=DATA)
    monkeypatch.setattr(consistency, "pause_container", pause)
    seen = while_reading(monkeypatch, lambda: states(docker))

    backed_up("crashing", consistency="pause")

    assert seen == [{"crashing": "exited"}]
    assert state_of(docker, "crashing")["Status"] == "running"


def test_a_pause_that_the_engine_refuses_stops_nobody(
    docker: APIClient, make_container: ContainerMaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    def pause(container: str) -> None:
        raise Conflict("Nothing is paused here.")

    make_container("web", host=DATA)
    before = state_of(docker, "web")
    monkeypatch.setattr(consistency, "pause_container", pause)

    job = failed(request_backup("web", BackupOptions(consistency="pause")))

    assert job.error == "Nothing is paused here."
    assert state_of(docker, "web") == before


def before_its_pause(monkeypatch: pytest.MonkeyPatch, act: Callable[[], object]) -> None:
    """Have something done after the look at a container that is to be paused."""
    pause = consistency.pause_container

    def after_act(container: str) -> None:
        act()
        pause(container)

    monkeypatch.setattr(consistency, "pause_container", after_act)


@pytest.mark.parametrize(("hold", "act"), [("pause", "unpause"), ("stop", "start")])
def test_one_that_somebody_lets_go_in_the_middle_is_no_failure_and_is_said(
    docker: APIClient,
    make_container: ContainerMaker,
    monkeypatch: pytest.MonkeyPatch,
    hold: str,
    act: str,
) -> None:
    make_container("web", host=DATA)
    while_reading(monkeypatch, lambda: getattr(docker, act)("web"))

    backup = backed_up("web", consistency=hold)

    assert state_of(docker, "web")["Status"] == "running"
    expected = f"web was let go by somebody else while the data was read. {TORN}"
    assert container_preview(backup.filename).warnings == [expected]


def test_what_happens_is_said_in_words(docker: APIClient, make_container: ContainerMaker) -> None:
    make_container("web", host=DATA)
    job = finished(request_backup("web", BackupOptions(consistency="stop")))

    lines = [line.split(" ", 1)[1] for line in job.log.splitlines()]
    assert lines == [
        "Looking at the container",
        "Stopping web",
        "Reading the volume data",
        "Starting web again",
        "Finishing the archive",
        "Checking the archive",
        "Complete",
    ]


def test_a_restarting_container_is_refused_where_its_stop_would_lose_it(
    docker: APIClient, make_container: ContainerMaker
) -> None:
    inspect = docker.inspect_container(make_container("web", host=DATA))
    inspect["State"]["Restarting"] = True
    inspect["Config"]["Labels"] = {"com.docker.swarm.task.id": "x"}

    with pytest.raises(Conflict, match="swarm"), current_engine() as client:
        members_of(client, [inspect], [], "pause")
