"""containers.queries.list_containers"""

import http.client
import json
import socket
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import pytest

from containermonkey.problems import EngineUnreachable, Invalid
from containers.queries import list_containers
from containers.types import Mount, Port
from engine import engine as open_engine
from tests.engine_calls import recorded_calls
from tests.waiting import wait_for


def names(**asked) -> list[str]:
    return [container.name for container in list_containers(**asked)]


def test_a_running_container_is_told_about(docker, make_container):
    made = make_container(
        "web",
        ports=[80, (53, "udp"), 9000],
        labels={"about": "home", "com.docker.compose.project": "shop"},
        host={
            "port_bindings": {80: 8080, "53/udp": ("127.0.0.1", 5353)},
            "binds": ["data:/data:ro"],
        },
    )
    inspect = docker.inspect_container(made)

    (container,) = list_containers()

    address = inspect["NetworkSettings"]["Networks"]["bridge"]["IPAddress"]
    assert (container.id, container.short_id) == (made, made[:12])
    assert (container.name, container.image) == ("web", "busybox:test")
    assert container.image_id == inspect["Image"]
    assert (container.status, container.health) == ("running", None)
    assert container.status_text.startswith("Up ")
    assert container.ip_addresses == {"bridge": address}
    assert container.ip_address == address
    assert container.stack == "shop"
    assert container.labels == {"about": "home", "com.docker.compose.project": "shop"}
    (mount,) = container.mounts
    assert mount == Mount("volume", "data", mount.source, "/data", True)
    assert container.created.tzinfo is UTC
    assert abs(datetime.now(UTC) - container.created) < timedelta(minutes=5)


def test_ports_are_listed_once_for_each_address(make_container):
    make_container(
        "web",
        ports=[80, (53, "udp"), 9000],
        host={"port_bindings": {80: 8080, "53/udp": ("127.0.0.1", 5353)}},
    )
    (container,) = list_containers()
    assert container.ports == [
        Port("127.0.0.1", 5353, 53, "udp"),
        Port("0.0.0.0", 8080, 80, "tcp"),
        Port("::", 8080, 80, "tcp"),
        Port(None, None, 9000, "tcp"),
    ]


def test_every_state_is_listed_under_its_name(docker, make_container):
    make_container("alive")
    make_container("fresh", start=False)
    docker.pause(make_container("held"))
    make_container("over", command=["true"])
    make_container("again", command=["false"], host={"restart_policy": {"Name": "always"}})

    def states() -> dict[str, str]:
        return {container.name: container.status for container in list_containers()}

    expected = {
        "alive": "running",
        "fresh": "created",
        "held": "paused",
        "over": "exited",
        "again": "restarting",
    }
    wait_for(lambda: states() == expected, "the end of one and the restart of another")


def test_health_is_told_without_an_inspect(make_container):
    check = {"interval": 100_000_000, "retries": 1}
    make_container("well", healthcheck={"test": ["CMD", "true"], **check})
    make_container("ill", healthcheck={"test": ["CMD", "false"], **check})
    make_container("early", healthcheck={"test": ["CMD", "sleep", "60"], **check})
    make_container("unasked")

    def health() -> dict[str, str | None]:
        return {container.name: container.health for container in list_containers()}

    expected = {"well": "healthy", "ill": "unhealthy", "early": "starting", "unasked": None}
    wait_for(lambda: health() == expected, "the health to be known")


def test_a_container_in_several_networks_has_an_address_in_each(docker, make_container):
    docker.create_network("front")
    made = make_container("web")
    docker.connect_container_to_network(made, "front")
    (container,) = list_containers()
    assert container.ip_addresses.keys() == {"bridge", "front"}
    assert container.ip_address in container.ip_addresses.values()


def test_a_container_without_an_address_has_none(make_container):
    make_container("lonely", host={"network_mode": "none"})
    make_container("stopped", start=False)
    for container in list_containers():
        assert (container.ip_address, container.ip_addresses) == (None, {})


def test_links_of_others_do_not_change_the_name(make_container):
    make_container("base")
    make_container("user", host={"links": {"base": "db"}})
    assert names() == ["base", "user"]


def test_the_stack_of_a_swarm_counts_too(make_container):
    make_container("task", start=False, labels={"com.docker.stack.namespace": "swarmed"})
    assert list_containers()[0].stack == "swarmed"


@pytest.mark.parametrize("label", ["containermonkey.self", "containermonkey.job"])
def test_this_program_and_its_helpers_are_left_out(docker, make_container, settings, label):
    made = make_container("ours", labels={label: "x"}, start=False)
    make_container("theirs", start=False)
    assert names() == ["theirs"]
    settings.SHOW_SELF = True
    assert names() == ["ours", "theirs"]
    docker.remove_container(made)


@pytest.mark.parametrize(
    ("search", "found"),
    [
        ("", ["db", "shop-web"]),
        ("WEB", ["shop-web"]),
        ("busybox", ["db", "shop-web"]),
        ("tier=front", ["shop-web"]),
        ("front", ["shop-web"]),
        ("8080", ["shop-web"]),
        ("8080:80", ["shop-web"]),
        ("80/tcp", ["shop-web"]),
        ("808", []),
        ("shop web", ["shop-web"]),
        ("web db", []),
        ("  ", ["db", "shop-web"]),
        ("[a-z", []),
        ("%", []),
    ],
)
def test_search_looks_in_name_image_labels_and_ports(make_container, search, found):
    make_container(
        "shop-web", ports=[80], labels={"tier": "Front"}, host={"port_bindings": {80: 8080}}
    )
    make_container("db", start=False)
    assert names(search=search) == found


def test_search_finds_the_beginning_of_an_id(make_container):
    made = make_container("web", start=False)
    make_container("db", start=False)
    assert names(search=made[:10]) == ["web"]


def test_a_status_is_one_that_docker_has(make_container):
    make_container("web", start=False)
    assert names(status="created") == ["web"]
    assert names(status="exited") == []
    with pytest.raises(Invalid, match="must be one of created, running") as caught:
        list_containers(status="asleep")
    assert "status" in caught.value.fields


def test_what_does_not_run_can_be_left_out(make_container):
    make_container("web")
    make_container("db", start=False)
    assert names(include_stopped=False) == ["web"]


def test_they_come_in_the_order_asked_for(make_container):
    make_container("beta", start=False, labels={"com.docker.compose.project": "z"})
    make_container("Alpha")
    make_container("gamma", start=False, labels={"com.docker.compose.project": "a"})
    assert names() == ["Alpha", "beta", "gamma"]
    assert names(sort="-name") == ["gamma", "beta", "Alpha"]
    assert names(sort="state") == ["beta", "gamma", "Alpha"]
    assert names(sort="stack") == ["gamma", "beta", "Alpha"]
    assert names(sort="no such order") == ["Alpha", "beta", "gamma"]
    assert names(stack="z") == ["beta"]


def test_one_call_whatever_their_number(make_container):
    list_containers()
    for count in (1, 3):
        for number in range(count):
            make_container(f"web-{count}-{number}", start=False)
        with recorded_calls() as calls:
            list_containers()
        assert [call.rpartition("/v")[0] for call in calls] == ["GET "]
        assert calls[0].endswith("/containers/json")


def test_an_engine_that_is_away_is_said_so(engine):
    engine.kill()
    with pytest.raises(EngineUnreachable, match="cannot be reached"):
        list_containers()


def test_three_hundred_take_at_most_twice_the_raw_call(docker, engine):
    body = docker.create_container_config(
        "busybox:test", None, labels={"com.docker.compose.project": "many"}
    )
    for number in range(300):
        docker.create_container_from_config(body, f"many-{number}")
    path = urlsplit(engine.docker_host).path
    assert len(list_containers()) == 300
    raw: list[float] = []
    service: list[float] = []
    # The best of each: whatever else the machine does can only add to them. Where it does much,
    # it takes longer until one of each was spared.
    while len(raw) < 15 or (min(service) > 2 * min(raw) and len(raw) < 150):
        raw.append(seconds_for(lambda: raw_list(path)))
        service.append(seconds_for(list_containers))
    assert min(service) <= 2 * min(raw)


def raw_list(path: str) -> list[dict]:
    """What any program needs that asks the Engine for the list."""
    with open_engine() as docker, socket.socket(socket.AF_UNIX) as connection:
        connection.connect(path)
        request = (
            f"GET /v{docker.api_version}/containers/json?all=1 HTTP/1.0\r\nHost: docker\r\n\r\n"
        )
        connection.sendall(request.encode())
        response = http.client.HTTPResponse(connection)
        response.begin()
        return json.loads(response.read())


def seconds_for(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start
