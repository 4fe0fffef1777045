"""Containers are kept still while they are read, and are afterwards what they were before."""

from datetime import datetime
from pathlib import Path

import pytest
from docker import APIClient

from backups.archive.reader import ArchiveReader
from backups.consistency import Member, in_dependence_order
from backups.files import archive_path
from backups.options import BackupOptions
from backups.services import request_backup
from engine import identity
from engine.identity import SELF_LABEL
from tests.arrange import ContainerMaker, run_in
from tests.backups.capturing import state_of, states, while_reading
from tests.backups.steps import backed_up, failed
from tests.waiting import wait_for

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("engine", "data_dir")]

DATA = {"binds": ["data:/data"]}
HOLDS = ["none", "pause", "stop"]


def bring_into(docker: APIClient, container: str, state: str) -> None:
    """Bring a container that was only created into another state."""
    if state != "created":
        docker.start(container)
    if state == "paused":
        docker.pause(container)
    if state == "exited":
        docker.stop(container)


@pytest.mark.parametrize("hold", HOLDS)
@pytest.mark.parametrize("state", ["created", "exited", "running", "paused"])
def test_a_container_is_afterwards_in_the_state_it_was_in(
    docker: APIClient,
    make_container: ContainerMaker,
    monkeypatch: pytest.MonkeyPatch,
    hold: str,
    state: str,
) -> None:
    container = make_container("web", host=DATA, start=False)
    bring_into(docker, container, state)
    before = state_of(docker, container)
    seen = while_reading(monkeypatch, lambda: state_of(docker, container)["Status"])

    backed_up("web", consistency=hold)

    after = state_of(docker, container)
    assert after["Status"] == state
    held = {"none": state, "pause": "paused", "stop": "exited"}[hold]
    assert seen == [held if before["Running"] else state]
    was_restarted = after["StartedAt"] != before["StartedAt"]
    assert was_restarted == (before["Running"] and hold == "stop")


def test_all_that_use_a_volume_are_kept_still_and_nobody_else(
    docker: APIClient, make_container: ContainerMaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_container("web", host=DATA)
    make_container("reader", host={"binds": ["data:/elsewhere:ro"]})
    make_container("resting", host=DATA, start=False)
    make_container("paused", host=DATA)
    docker.pause("paused")
    make_container("bystander", host={"binds": ["other:/data"]})
    before = states(docker)
    seen = while_reading(monkeypatch, lambda: states(docker))

    backup = backed_up("web", consistency="pause")

    assert seen == [before | {"web": "paused", "reader": "paused"}]
    assert states(docker) == before
    with ArchiveReader(archive_path(backup.filename)) as archive:
        assert sorted(archive.manifest["held_still"]) == ["paused", "reader", "web"]


def test_who_uses_a_folder_that_holds_ours_is_kept_still_too(
    docker: APIClient,
    make_container: ContainerMaker,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    (tmp_path / "srv" / "app").mkdir(parents=True)
    make_container("app", host={"binds": [f"{tmp_path}/srv/app:/data"]})
    make_container("all", host={"binds": [f"{tmp_path}/srv:/data"]})
    make_container("next", host={"binds": [f"{tmp_path}/srv-2:/data"]})
    seen = while_reading(monkeypatch, lambda: states(docker))

    backed_up("app", consistency="pause", include_bind_mounts=True)

    assert seen == [{"app": "paused", "all": "paused", "next": "running"}]


def acts_since(docker: APIClient, began: str) -> list[tuple[str, str]]:
    """Which container was stopped or started, in order."""
    now = docker.info()["SystemTime"]
    events = docker.events(
        since=timestamp(began),
        until=timestamp(now),
        filters={"type": "container", "event": ["die", "start"]},
        decode=True,
    )
    return [(event["Action"], event["Actor"]["Attributes"]["name"]) for event in events]


def timestamp(time: str) -> str:
    return f"{datetime.fromisoformat(time).timestamp():.9f}"


def compose(service: str, *needs: str) -> dict[str, str]:
    """The labels that compose gives to a container."""
    return {
        "com.docker.compose.project": "shop",
        "com.docker.compose.service": service,
        "com.docker.compose.depends_on": ",".join(f"{n}:service_started:false" for n in needs),
    }


def test_containers_are_stopped_before_and_started_after_what_they_need(
    docker: APIClient, make_container: ContainerMaker
) -> None:
    make_container("cache", host=DATA, labels=compose("cache"))
    make_container("web", host=DATA, labels=compose("web", "app"))
    make_container("app", host=DATA, labels=compose("app", "db", "cache"))
    make_container("db", host=DATA, labels=compose("db"))
    began = docker.info()["SystemTime"]

    backed_up("db", consistency="stop")

    acts = acts_since(docker, began)
    stopped = [name for act, name in acts if act == "die"]
    started = [name for act, name in acts if act == "start"]
    assert stopped[:2] == ["web", "app"]
    assert sorted(stopped) == ["app", "cache", "db", "web"]
    assert started == stopped[::-1]


def test_what_lives_in_a_containers_network_is_stopped_with_it(
    docker: APIClient, make_container: ContainerMaker
) -> None:
    vpn = make_container("vpn", host=DATA)
    make_container("client", host={"network_mode": "container:vpn"})
    make_container("client-2", host={"pid_mode": "container:vpn"})
    began = docker.info()["SystemTime"]

    backed_up("vpn", consistency="stop")

    acts = acts_since(docker, began)
    assert sorted(acts[:2]) == [("die", "client"), ("die", "client-2")]
    assert acts[2:4] == [("die", "vpn"), ("start", "vpn")]
    assert sorted(acts[4:]) == [("start", "client"), ("start", "client-2")]
    addresses = [run_in(docker, name, "ip", "-o", "-4", "addr") for name in (vpn, "client")]
    assert "eth0" in addresses[1]
    assert addresses[0] == addresses[1]


def test_a_pause_leaves_alone_what_lives_in_a_containers_network(
    docker: APIClient, make_container: ContainerMaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_container("vpn", host=DATA)
    make_container("client", host={"network_mode": "container:vpn"})
    seen = while_reading(monkeypatch, lambda: states(docker))

    backed_up("vpn", consistency="pause")

    assert seen == [{"vpn": "paused", "client": "running"}]


def test_circles_of_dependence_come_to_an_end() -> None:
    def member(name: str, needs: str) -> Member:
        config = {"Labels": compose(name, needs)}
        inspect = {"Id": name, "Name": f"/{name}", "Config": config, "HostConfig": {}}
        return Member(name, name, inspect)

    circle = [member("a", "b"), member("b", "c"), member("c", "a")]

    assert sorted(each.name for each in in_dependence_order(circle)) == ["a", "b", "c"]


# What is refused


@pytest.mark.parametrize("who", ["web", "neighbour"])
def test_a_container_that_removes_itself_is_not_stopped_nor_is_anybody_else(
    docker: APIClient, make_container: ContainerMaker, who: str
) -> None:
    make_container("web", host={**DATA, "auto_remove": who == "web"})
    make_container("neighbour", host={**DATA, "auto_remove": who == "neighbour"})
    before = [state_of(docker, name) for name in ("web", "neighbour")]

    job = failed(request_backup("web", BackupOptions(consistency="stop")))

    assert f"{who} removes itself when it stops (--rm)" in job.error
    assert [state_of(docker, name) for name in ("web", "neighbour")] == before
    backed_up("web", consistency="pause")


def test_a_task_of_a_swarm_is_not_stopped(
    docker: APIClient, make_container: ContainerMaker
) -> None:
    make_container("web", host=DATA, labels={"com.docker.swarm.task.id": "x"})

    job = failed(request_backup("web", BackupOptions(consistency="stop")))

    assert "task of a swarm service" in job.error
    assert state_of(docker, "web")["Running"]


def test_we_are_never_stopped_with_others(
    docker: APIClient, make_container: ContainerMaker
) -> None:
    make_container("web", host=DATA)
    make_container("monkey", host=DATA, labels={SELF_LABEL: "1"})
    before = state_of(docker, "monkey")

    backed_up("web", consistency="stop")

    assert state_of(docker, "monkey") == before


def test_we_do_not_stop_what_gives_us_our_network(
    docker: APIClient, make_container: ContainerMaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_container("vpn", host=DATA)
    monkey = make_container("monkey", host={"network_mode": "container:vpn"})
    monkeypatch.setattr(identity, "candidate_id", lambda: monkey)
    before = state_of(docker, "vpn")

    job = failed(request_backup("vpn", BackupOptions(consistency="stop")))

    assert "Container Monkey itself uses the network of vpn" in job.error
    assert state_of(docker, "vpn") == before


# Containers that are not at rest


@pytest.mark.parametrize("hold", HOLDS)
def test_a_container_that_starts_over_and_over_is_reported_as_itself(
    docker: APIClient, make_container: ContainerMaker, hold: str
) -> None:
    always = {"restart_policy": {"Name": "always"}}
    make_container("crashing", command=["false"], host={**DATA, **always})
    wait_for(lambda: state_of(docker, "crashing")["Restarting"], "the container to crash")
    wait_for(lambda: docker.inspect_container("crashing")["RestartCount"] > 5, "longer pauses")

    backup = backed_up("crashing", consistency=hold)

    with ArchiveReader(archive_path(backup.filename)) as archive:
        assert archive.manifest["container"]["state"] == "restarting"
    assert state_of(docker, "crashing")["Status"] in ("restarting", "running")


@pytest.mark.parametrize("hold", HOLDS)
def test_a_container_that_takes_long_to_be_healthy_is_no_failure(
    docker: APIClient, make_container: ContainerMaker, hold: str
) -> None:
    never = {"test": ["CMD", "false"], "interval": 10**9, "start_period": 10**12}
    make_container("slow", host=DATA, healthcheck=never)
    assert state_of(docker, "slow")["Health"]["Status"] == "starting"

    backed_up("slow", consistency=hold)

    # (The Engine calls whatever was paused unhealthy until its next probe gets through.)
    assert state_of(docker, "slow")["Status"] == "running"
