"""The same container again: every line of what other programs lose on the way."""

from copy import deepcopy
from typing import Any

import pytest
from docker import APIClient

from containermonkey.problems import Invalid
from containers.changes import Changes, referenced_containers
from containers.create_body import create_body
from containers.endpoints import endpoints
from tests.arrange import ContainerMaker
from tests.containers.bodies import everything, inspect, make, make_again
from tests.images import build

GENERATED = {"Hostname"}


@pytest.fixture
def front(docker: APIClient) -> None:
    docker.create_network("front")


def differing(old: dict[str, Any], new: dict[str, Any], part: str) -> dict[str, Any]:
    """The settings of `Config` or `HostConfig` in which two inspects are not equal."""
    names = {*old[part], *new[part]}
    return {
        name: (old[part].get(name), new[part].get(name))
        for name in names
        if old[part].get(name) != new[part].get(name)
    }


def places(inspected: dict[str, Any]) -> set[tuple[Any, ...]]:
    """What is mounted where, and how."""
    return {
        (m["Type"], m.get("Name"), m["Source"], m["Destination"], m["RW"], m["Propagation"])
        for m in inspected["Mounts"]
    }


# Everything


@pytest.mark.usefixtures("busybox", "front")
def test_every_setting_comes_back() -> None:
    old = make("old", everything())
    new = make_again(old, "new")
    assert differing(old, new, "Config") == {}
    # What had no name has the one that the Engine gave it, and nothing else is different.
    assert differing(old, new, "HostConfig").keys() == {"Binds", "Mounts"}
    assert places(old) == places(new)
    again = make_again(new, "again")
    assert differing(new, again, "HostConfig") == {}
    assert differing(new, again, "Config") == {}


@pytest.mark.usefixtures("busybox")
@pytest.mark.parametrize(
    "host",
    [
        {"Privileged": True},
        {"MaskedPaths": [], "ReadonlyPaths": []},
        {"Init": False, "PidsLimit": -1, "MemorySwap": -1},
        {"NanoCpus": 500_000_000, "Memory": 64 << 20, "CpuRealtimePeriod": 0},
        {"IpcMode": "none", "UTSMode": "host", "CgroupnsMode": "host"},
        {"RestartPolicy": {"Name": "unless-stopped"}, "LogConfig": {"Type": "none"}},
        {"AutoRemove": True},
        {"Isolation": "default", "OomKillDisable": False, "ConsoleSize": [24, 80]},
        {"NetworkMode": "none"},
        {"NetworkMode": "host", "PortBindings": {"80/tcp": [{"HostPort": "18090"}]}},
    ],
    ids=str,
)
def test_settings_that_exclude_each_other_come_back_too(host: dict[str, Any]) -> None:
    old = make("old", {"HostConfig": host})
    new = make_again(old, "new")
    assert differing(old, new, "HostConfig") == {}
    assert differing(old, new, "Config").keys() <= GENERATED


@pytest.mark.usefixtures("busybox")
def test_a_setting_of_an_engine_to_come_goes_through() -> None:
    old = make("old", {})
    old["Config"]["FutureSetting"] = {"a": [1]}
    old["HostConfig"]["FutureLimit"] = 7
    old["NetworkSettings"]["Networks"]["bridge"]["FuturePriority"] = 3
    body = create_body(old)
    assert body["FutureSetting"] == {"a": [1]}
    assert body["HostConfig"]["FutureLimit"] == 7
    assert endpoints(old)["bridge"]["FuturePriority"] == 3


@pytest.mark.usefixtures("busybox", "front")
def test_what_is_given_is_not_changed() -> None:
    old = make("old", everything())
    before = deepcopy(old)
    changes = Changes(port_overrides={"80/tcp": 18099}, volume_names={"named": "other"})
    body = create_body(old, changes=changes)
    body["Labels"]["new"] = "label"
    body["HostConfig"]["Mounts"][0]["Target"] = "/elsewhere"
    endpoints(old)["front"]["IPAMConfig"] = {}
    assert old == before


@pytest.mark.parametrize(
    "broken",
    [
        {},
        {"Config": None, "HostConfig": None},
        {"Id": "x", "Config": {"Image": "i"}, "HostConfig": {"Mounts": [{"Target": 3}]}},
        {"Id": "x", "Config": {"Image": "i"}, "HostConfig": {"Links": "text", "Binds": 5}},
        {"Id": "x", "Config": [], "HostConfig": {}},
    ],
)
def test_what_docker_did_not_write_is_refused(broken: dict[str, Any]) -> None:
    with pytest.raises(Invalid, match="not one that Docker writes"):
        create_body(broken)


# The host name


@pytest.mark.usefixtures("busybox")
def test_a_generated_host_name_is_left_to_the_engine() -> None:
    new = make_again(make("old", {}), "new")
    assert new["Config"]["Hostname"] == new["Id"][:12]


@pytest.mark.usefixtures("busybox")
def test_a_host_name_that_was_chosen_stays() -> None:
    assert make_again(make("old", {"Hostname": "web"}), "new")["Config"]["Hostname"] == "web"


def test_the_docker_hosts_own_name_is_not_carried_to_another(
    docker: APIClient, make_container: ContainerMaker
) -> None:
    name = docker.info()["Name"]
    old = inspect(make_container(host={"network_mode": "host"}))
    assert old["Config"]["Hostname"] == name
    assert create_body(old, changes=Changes(host_name=name))["Hostname"] == ""
    assert create_body(old, changes=Changes(host_name="another"))["Hostname"] == name


# The command


def test_an_entrypoint_that_was_taken_away_stays_away(docker: APIClient) -> None:
    build(docker, "entry:1", ['ENTRYPOINT ["/bin/echo"]', 'CMD ["from the image"]'])
    old = make("old", {"Image": "entry:1", "Entrypoint": [""], "Cmd": ["/bin/idle"]})
    new = make_again(old, "new")
    assert (new["Path"], new["Args"]) == (old["Path"], old["Args"]) == ("/bin/idle", [])


def test_a_command_that_an_entrypoint_took_away_stays_away(docker: APIClient) -> None:
    build(docker, "entry:1", ['ENTRYPOINT ["/bin/echo"]', 'CMD ["from the image"]'])
    old = make("old", {"Image": "entry:1", "Entrypoint": ["/bin/idle"]})
    new = make_again(old, "new")
    assert (new["Path"], new["Args"]) == (old["Path"], old["Args"]) == ("/bin/idle", [])


def test_a_healthcheck_that_was_switched_off_stays_off(docker: APIClient) -> None:
    build(docker, "checked:1", ["HEALTHCHECK CMD /bin/false"])
    old = make("old", {"Image": "checked:1", "Healthcheck": {"Test": ["NONE"]}})
    assert make_again(old, "new")["Config"]["Healthcheck"] == {"Test": ["NONE"]}


# Other containers


def test_sharing_a_network_is_asked_for_without_what_the_engine_refuses(
    docker: APIClient, make_container: ContainerMaker
) -> None:
    build(docker, "exposing:1", ["EXPOSE 80"])
    other = make_container("other")
    old = inspect(
        make_container(
            image="exposing:1",
            host={"network_mode": f"container:{other}", "pid_mode": f"container:{other}"},
        )
    )
    assert referenced_containers(old) == [other]
    replacement = make_container("replacement")
    changes = Changes(containers={other: "replacement"})
    new = make_again(old, "new", changes=changes, start=True)
    assert new["HostConfig"]["NetworkMode"].removeprefix("container:") in (
        "replacement",
        replacement,
    )
    assert new["HostConfig"]["PidMode"].removeprefix("container:") in ("replacement", replacement)
    assert new["State"]["Running"]


def test_a_port_cannot_be_published_on_another_containers_network(
    make_container: ContainerMaker,
) -> None:
    old = inspect(make_container(host={"network_mode": f"container:{make_container()}"}))
    with pytest.raises(Invalid, match="network of another container"):
        create_body(old, changes=Changes(port_overrides={"80/tcp": 18080}))


def test_legacy_links_come_back(make_container: ContainerMaker) -> None:
    make_container("db")
    old = inspect(make_container("old", host={"links": {"db": "database"}}))
    assert create_body(old)["HostConfig"]["Links"] == ["db:database"]
    assert referenced_containers(old) == ["db"]
    assert make_again(old, "new")["HostConfig"]["Links"] == ["/db:/new/database"]


# Ports


def published(changes: Changes) -> dict[str, Any]:
    old = make(
        "old",
        {
            "ExposedPorts": {"80/tcp": {}, "53/udp": {}},
            "HostConfig": {
                "PortBindings": {
                    "80/tcp": [{"HostIp": "127.0.0.1", "HostPort": "18080"}],
                    "53/udp": [
                        {"HostIp": "127.0.0.1", "HostPort": "15353"},
                        {"HostIp": "127.0.0.2", "HostPort": "15354"},
                    ],
                }
            },
        },
    )
    return make_again(old, "new", changes=changes)["HostConfig"]["PortBindings"]


@pytest.mark.usefixtures("busybox")
def test_ports_come_back() -> None:
    assert published(Changes()) == {
        "80/tcp": [{"HostIp": "127.0.0.1", "HostPort": "18080"}],
        "53/udp": [
            {"HostIp": "127.0.0.1", "HostPort": "15353"},
            {"HostIp": "127.0.0.2", "HostPort": "15354"},
        ],
    }


@pytest.mark.usefixtures("busybox")
def test_another_host_port_keeps_the_address() -> None:
    ports = published(Changes(port_overrides={"80/tcp": 19080, "53/udp": 19053}))
    assert ports["80/tcp"] == [{"HostIp": "127.0.0.1", "HostPort": "19080"}]
    assert ports["53/udp"] == [
        {"HostIp": "127.0.0.1", "HostPort": "19053"},
        {"HostIp": "127.0.0.2", "HostPort": "19053"},
    ]


@pytest.mark.usefixtures("busybox")
def test_a_port_that_was_not_published_can_be() -> None:
    ports = published(Changes(port_overrides={"443": 19443}))
    assert ports["443/tcp"] == [{"HostIp": "", "HostPort": "19443"}]


# Values that some Engines refuse


def test_values_that_other_engines_refuse_are_sent_as_unset() -> None:
    old = {
        "Id": "f" * 64,
        "Config": {"Image": "i"},
        "HostConfig": {
            "NetworkMode": "default",
            "MemorySwappiness": -1,
            "Mounts": [
                {
                    "Type": "bind",
                    "Source": "/etc",
                    "Target": "/etc",
                    "BindOptions": {"Propagation": "rslave"},
                    "VolumeOptions": {"NoCopy": True},
                }
            ],
        },
    }
    host = create_body(old)["HostConfig"]
    assert host["MemorySwappiness"] is None
    assert host["Mounts"] == [
        {
            "Type": "bind",
            "Source": "/etc",
            "Target": "/etc",
            "BindOptions": {"Propagation": "rslave"},
        }
    ]
