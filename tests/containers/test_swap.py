"""Another container in a container's place; at every failure the first is back as it was."""

from typing import Any

import pytest
from docker import APIClient

from containermonkey.problems import Conflict, Problem
from containers.create_body import create_body
from containers.endpoints import endpoints
from containers.errors import DidNotStart
from containers.neighbours import Neighbours
from containers.swap import Swap, create_beside, replace_container
from jobs.registry import undo_action_of
from tests.arrange import ContainerMaker, run_in
from tests.containers.bodies import SECOND, inspect, the_engine
from tests.containers.recording import Broken, Recorder
from tests.waiting import wait_for

STATES = ["running", "paused", "exited", "created"]


def bring_into(docker: APIClient, container: str, state: str) -> None:
    if state != "created":
        docker.start(container)
    if state == "paused":
        docker.pause(container)
    if state == "exited":
        docker.stop(container)


def replace(recorder: Recorder, name: str = "web", **changes: Any) -> tuple[str, Swap]:
    """Replace a container by one that is the same but for parts of its body; the new one's id."""
    old = inspect(name)
    host = changes.pop("host", {})
    body = create_body(old) | changes
    body["HostConfig"] |= host
    with the_engine() as engine:
        sharing = Neighbours(engine).depending_on(old)
        swap = Swap(engine, name, recorder, "j1", old=old, sharing=sharing)
        return replace_container(swap, body, endpoints(old)), swap


def names(docker: APIClient) -> set[str]:
    return {c["Names"][-1].lstrip("/") for c in docker.containers(all=True)}


def look(name: str) -> dict[str, Any]:
    """What has to be as it was."""
    found = inspect(name)
    settings = {key: found[key] for key in ("Config", "HostConfig", "Name")}
    mounts = sorted((m["Destination"], m["Source"]) for m in found["Mounts"])
    return settings | {"Status": found["State"]["Status"], "Mounts": mounts}


@pytest.mark.parametrize("state", STATES)
def test_the_new_one_has_the_name_the_state_and_the_data(
    docker: APIClient, make_container: ContainerMaker, state: str
) -> None:
    old = make_container("web", volumes=["/data"], start=False)
    bring_into(docker, old, state)
    before = inspect("web")
    new, _ = replace(Recorder(), Labels={"version": "2"})
    after = inspect("web")
    assert after["Id"] == new != old
    assert after["Config"]["Labels"] == {"version": "2"}
    assert after["State"]["Status"] == ("created" if state == "exited" else state)
    assert after["Mounts"][0]["Name"] == before["Mounts"][0]["Name"]
    kept = inspect("web-before-j1")
    assert kept["Id"] == old
    assert not kept["State"]["Running"]


def test_the_old_one_goes_when_all_is_well_and_its_volumes_stay(
    docker: APIClient, make_container: ContainerMaker
) -> None:
    make_container("web", volumes=["/data"])
    volume = inspect("web")["Mounts"][0]["Name"]
    _, swap = replace(Recorder())
    for entry in swap.cleanup:
        undo_action_of(entry["action"])(**entry["arguments"])
    assert names(docker) == {"web"}
    assert docker.inspect_volume(volume)


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("auto_remove", [False, True])
def test_wherever_it_fails_the_old_one_is_back(
    docker: APIClient, make_container: ContainerMaker, state: str, auto_remove: bool
) -> None:
    if auto_remove and state == "exited":
        auto_remove = False  # there is no such container
    old = make_container("web", volumes=["/data"], start=False, host={"auto_remove": auto_remove})
    bring_into(docker, old, state)
    before = look("web")
    for failure in range(1, 20):
        recorder = Recorder(fail_at=failure)
        try:
            replace(recorder)
        except Broken:
            recorder.unwind()
            assert names(docker) == {"web"}
            assert same_but_for_names_of_volumes(look("web"), before)
        else:
            assert failure > 2
            return
    pytest.fail("It never got through.")


def same_but_for_names_of_volumes(one: dict[str, Any], other: dict[str, Any]) -> bool:
    """Whether two looks are the same; one that was made again has its generated host name."""
    for each in (one, other):
        each["Config"].pop("Hostname", None)
        each["Config"]["Volumes"] = each["HostConfig"].pop("Mounts", None) and None
    return one == other


def test_one_that_does_not_start_is_taken_back(
    docker: APIClient, make_container: ContainerMaker
) -> None:
    make_container("web")
    before = look("web")
    recorder = Recorder()
    with pytest.raises(DidNotStart, match="exit code 3: no such luck"):
        replace(recorder, Cmd=["/bin/sh", "-c", "echo no such luck; exit 3"])
    recorder.unwind()
    assert names(docker) == {"web"}
    assert look("web") == before


def test_a_port_that_is_taken_is_taken_back(
    docker: APIClient, make_container: ContainerMaker
) -> None:
    make_container("other", ports=[80], host={"port_bindings": {80: 18080}})
    make_container("web", ports=[80], host={"port_bindings": {80: 18081}})
    before = look("web")
    recorder = Recorder()
    bindings = {"80/tcp": [{"HostIp": "", "HostPort": "18080"}]}
    with pytest.raises(Problem, match="18080"):
        replace(recorder, host={"PortBindings": bindings})
    recorder.unwind()
    assert names(docker) == {"web", "other"}
    assert look("web") == before


def test_what_the_engine_refuses_is_refused_before_the_old_one_is_touched(
    make_container: ContainerMaker,
) -> None:
    make_container("web")
    started = inspect("web")["State"]["StartedAt"]
    recorder = Recorder()
    with pytest.raises(Problem):
        replace(recorder, host={"Runtime": "kata"})
    recorder.unwind()
    assert inspect("web")["State"]["StartedAt"] == started


def test_the_same_port_and_address_go_over_to_the_new_one(
    docker: APIClient, make_container: ContainerMaker
) -> None:
    docker.create_network("n", ipam={"Config": [{"Subnet": "10.70.0.0/24"}]})
    endpoint = docker.create_endpoint_config(ipv4_address="10.70.0.9", aliases=["www"])
    make_container(
        "web",
        ports=[80],
        host={"port_bindings": {80: 18080}, "network_mode": "n"},
        networking={"n": endpoint},
    )
    made, _ = replace(Recorder())
    network = inspect(made)["NetworkSettings"]
    assert network["Networks"]["n"]["IPAddress"] == "10.70.0.9"
    assert network["Ports"]["80/tcp"][0]["HostPort"] == "18080"


def test_a_stranger_with_the_passing_name_is_left_alone(
    docker: APIClient, make_container: ContainerMaker
) -> None:
    make_container("web")
    make_container("web-new-j1")
    recorder = Recorder()
    with pytest.raises(Conflict, match="web-new-j1"):
        replace(recorder)
    recorder.unwind()
    assert names(docker) == {"web", "web-new-j1"}


# Containers that remove themselves


def test_one_that_removes_itself_keeps_its_data_on_the_way_there_and_back(
    docker: APIClient, make_container: ContainerMaker
) -> None:
    make_container("web", volumes=["/data"], host={"auto_remove": True})
    run_in(docker, "web", "sh", "-c", "echo mine > /data/file")
    recorder = Recorder()
    with pytest.raises(DidNotStart):
        replace(recorder, Cmd=["/bin/false"])
    recorder.unwind()
    assert run_in(docker, "web", "cat", "/data/file") == "mine\n"
    assert inspect("web")["HostConfig"]["AutoRemove"]
    replace(Recorder())
    assert run_in(docker, "web", "cat", "/data/file") == "mine\n"


# Containers that share the network of the one that is replaced


@pytest.fixture
def sidecar(docker: APIClient, make_container: ContainerMaker) -> str:
    make_container("web")
    return make_container("sidecar", host={"network_mode": "container:web"})


def test_those_that_share_its_network_get_the_new_ones(sidecar: str) -> None:
    made, swap = replace(Recorder())
    new = inspect("sidecar")
    assert swap.dependents == {"sidecar": new["Id"]}
    assert new["Id"] != sidecar
    assert new["HostConfig"]["NetworkMode"] == f"container:{made}"
    assert new["State"]["Running"]
    assert swap.kept[:-1] == [sidecar]


@pytest.mark.usefixtures("sidecar")
@pytest.mark.parametrize("state", ["paused", "exited"])
def test_those_that_share_have_the_state_that_they_had(docker: APIClient, state: str) -> None:
    bring_into(docker, "sidecar", state)
    replace(Recorder())
    assert inspect("sidecar")["State"]["Status"] == ("created" if state == "exited" else state)


def test_one_that_shares_and_was_ill_before_is_not_waited_for(
    make_container: ContainerMaker,
) -> None:
    make_container("web")
    ill = {"test": ["CMD", "false"], "interval": SECOND // 5, "retries": 1}
    make_container("sidecar", host={"network_mode": "container:web"}, healthcheck=ill)
    wait_for(lambda: inspect("sidecar")["State"]["Health"]["Status"] == "unhealthy", "its illness")
    _, swap = replace(Recorder())
    assert inspect("sidecar")["Id"] == swap.dependents["sidecar"]


def test_those_that_are_linked_to_it_are_linked_to_the_new_one(
    docker: APIClient, make_container: ContainerMaker
) -> None:
    make_container("web")
    make_container("shop", host={"links": {"web": "www"}})
    _, swap = replace(Recorder())
    for entry in swap.cleanup:
        undo_action_of(entry["action"])(**entry["arguments"])
    docker.restart("shop", timeout=1)
    assert inspect("shop")["HostConfig"]["Links"] == ["/web:/shop/www"]


def test_who_depends_on_those_is_made_again_after_them(make_container: ContainerMaker) -> None:
    make_container("web", host={"ipc_mode": "shareable"})
    make_container("sidecar", host={"ipc_mode": "container:web"})
    make_container("debug", host={"pid_mode": "container:sidecar", "network_mode": "none"})
    _, swap = replace(Recorder())
    assert list(swap.dependents) == ["sidecar", "debug"]
    new = swap.dependents["sidecar"]
    assert inspect("debug")["HostConfig"]["PidMode"] == f"container:{new}"
    assert inspect("debug")["State"]["Running"]


@pytest.mark.usefixtures("sidecar")
def test_wherever_it_fails_those_that_share_are_back_too(docker: APIClient) -> None:
    before = look("web"), look("sidecar")
    for failure in range(1, 20):
        recorder = Recorder(fail_at=failure)
        try:
            replace(recorder)
        except Broken:
            recorder.unwind()
            assert names(docker) == {"web", "sidecar"}
            assert (look("web"), look("sidecar")) == before
        else:
            assert failure > 6
            return
    pytest.fail("It never got through.")


# Beside


def test_a_container_that_could_not_be_created_needs_no_undo(
    docker: APIClient, make_container: ContainerMaker
) -> None:
    body = create_body(inspect(make_container("web"))) | {"Image": "missing:1"}
    recorder = Recorder()
    with pytest.raises(Problem, match="missing:1"), the_engine() as engine:
        create_beside(engine, body, {}, "new", recorder=recorder)
    recorder.unwind()
    assert names(docker) == {"web"}
