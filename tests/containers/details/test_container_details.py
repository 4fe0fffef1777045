"""containers.queries.container_details"""

import pytest

from containermonkey.problems import Invalid, NotAllowed, NotFound
from containers.queries import container_details, list_containers
from containers.types import HostPort, RestartPolicy, Variable
from tests import images
from tests.backups.odd_names import ODD_NAMES
from tests.engine_calls import recorded_calls
from tests.waiting import wait_for


def test_the_configuration_is_told(docker, make_container):
    docker.create_network("front")
    made = make_container(
        "web",
        command=["sleep", "60"],
        ports=[80, 81],
        environment=["GREETING=a=b", "EMPTY=", "BARE"],
        entrypoint=["/bin/busybox"],
        working_dir="/tmp",
        user="guest",
        hostname="shop",
        healthcheck={"test": ["CMD", "true"], "interval": 2_500_000_000, "retries": 4},
        host={
            "port_bindings": {80: ("127.0.0.1", 8080)},
            "restart_policy": {"Name": "on-failure", "MaximumRetryCount": 3},
            "mem_limit": 64 * 1024 * 1024,
            "nano_cpus": 500_000_000,
            "pids_limit": 50,
        },
    )
    docker.connect_container_to_network(made, "front", aliases=["shop"])

    details = container_details("web")

    assert Variable("GREETING", "a=b") in details.environment
    assert Variable("EMPTY", "") in details.environment
    assert Variable("BARE", "") in details.environment
    assert details.port_mappings == {"80/tcp": [HostPort("127.0.0.1", 8080)]}
    assert (details.entrypoint, details.command) == (["/bin/busybox"], ["sleep", "60"])
    assert (details.working_dir, details.user, details.hostname) == ("/tmp", "guest", "shop")
    assert details.restart_policy == RestartPolicy("on-failure", 3)
    assert {network.name for network in details.networks} == {"bridge", "front"}
    front = next(network for network in details.networks if network.name == "front")
    assert "shop" in front.aliases
    assert front.ip_address == details.ip_addresses["front"]
    assert (details.healthcheck.test, details.healthcheck.interval) == (["CMD", "true"], 2.5)
    assert (details.healthcheck.retries, details.healthcheck.timeout) == (4, None)
    assert (details.resources.memory, details.resources.cpus) == (64 * 1024 * 1024, 0.5)
    assert (details.resources.pids_limit, details.resources.cpuset_cpus) == (50, None)
    assert details.inspect["Id"] == made


def test_they_begin_with_what_the_list_says(make_container):
    make_container("web", host={"port_bindings": {80: 8080}}, ports=[80])

    def told_otherwise() -> list[str]:
        details, (container,) = container_details("web"), list_containers()
        members = container.__slots__
        return [each for each in members if getattr(details, each) != getattr(container, each)]

    # Between the two a second may end, and it is “Up 2 seconds” in one of them.
    assert set(told_otherwise()) <= {"status_text"}
    wait_for(lambda: not told_otherwise(), "both to say for how long it has run")


def test_a_stopped_container_has_its_configured_ports(make_container):
    make_container("web", ports=[80, 81], start=False, host={"port_bindings": {80: 8080, 81: None}})
    assert container_details("web").port_mappings == {
        "80/tcp": [HostPort(None, 8080)],
        "81/tcp": [HostPort(None, None)],
    }


def test_ports_that_the_engine_chose_are_told(make_container):
    make_container("web", ports=[80], host={"publish_all_ports": True})
    (bindings,) = container_details("web").port_mappings.values()
    assert all(binding.host_port for binding in bindings)


def test_a_healthcheck_that_is_switched_off_is_none(docker, make_container):
    images.build(docker, "checked:test", ["HEALTHCHECK CMD true"])
    make_container("off", image="checked:test", healthcheck={"test": ["NONE"]}, start=False)
    make_container("on", image="checked:test", start=False)
    assert container_details("off").healthcheck is None
    assert container_details("on").healthcheck.test == ["CMD-SHELL", "true"]


def test_id_beginning_of_id_and_name_all_lead_there(make_container):
    made = make_container("web", start=False)
    for reference in (made, made[:12], made[:6], "web"):
        assert container_details(reference).id == made


@pytest.mark.parametrize("name", ODD_NAMES)
def test_what_cannot_exist_is_not_there(engine, name):
    with pytest.raises(NotFound):
        container_details(name)


def test_a_beginning_that_several_ids_have_is_refused(docker, make_container):
    first: dict[str, str] = {}
    for number in range(17):
        made = make_container(f"web-{number}", start=False)
        if made[0] in first:
            break
        first[made[0]] = made
    with pytest.raises(Invalid, match="Multiple IDs"):
        container_details(made[0])


def test_this_program_itself_is_out_of_reach(make_container, settings):
    make_container("monkey", labels={"containermonkey.self": "1"}, start=False)
    with pytest.raises(NotAllowed, match="itself"):
        container_details("monkey")
    settings.SHOW_SELF = True
    assert container_details("monkey").name == "monkey"


def test_two_calls_of_the_engine(make_container):
    make_container("web", start=False)
    container_details("web")
    with recorded_calls() as calls:
        container_details("web")
    assert len(calls) == 2
