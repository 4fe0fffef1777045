"""The compose file says what the container is, whatever its words are."""

from typing import Any

import pytest
import yaml
from docker import APIClient
from hypothesis import given
from hypothesis import strategies as st

from containers.compose import compose_yaml
from containers.compose_parts import duration
from containers.compose_yaml import dump
from tests.containers.bodies import everything, inspect, make, the_engine
from tests.images import build

HOSTILE = [
    "yes",
    "null",
    "~",
    "0o17",
    "1e3",
    "12:30:45",
    "1_000",
    "- x",
    "a: b",
    "# no comment",
    "*alias",
    "!!python/object:os.system",
    "'\"`",
    "line\nbreak\ttab",
    "\x1b[31m\x07",
    "žluťoučký 🐒",
    " spaces ",
    "",
    "{{x}}",
    "%TAG",
    "<script>",
]


def composed(name: str, *, volumes: Any = (), image_config: Any = None) -> dict[str, Any]:
    """What a reader of YAML makes of the compose file of a container."""
    inspected = inspect(name)
    with the_engine() as engine:
        names = inspected["NetworkSettings"]["Networks"]
        networks = [engine.inspect_network(name) for name in names]
    return yaml.safe_load(compose_yaml(inspected, networks, image_config, volumes))


@pytest.fixture
def full(docker: APIClient, busybox: str) -> dict[str, Any]:
    """The compose file of a container with everything set."""
    docker.create_network(
        "front",
        driver="bridge",
        ipam={"Config": [{"Subnet": "10.77.0.0/24", "Gateway": "10.77.0.1"}]},
        internal=True,
        labels={"n": "1", "com.docker.compose.network": "front"},
        options={"com.docker.network.bridge.name": "br-front"},
    )
    body = everything()
    body["NetworkingConfig"] = {
        "EndpointsConfig": {
            "front": {"Aliases": ["www"], "IPAMConfig": {"IPv4Address": "10.77.0.9"}}
        }
    }
    make("web", body)
    return composed("web", volumes=docker.volumes()["Volumes"])


def test_a_service_says_what_the_container_was_asked_to_be(full: dict[str, Any]) -> None:
    service = full["services"]["web"]
    expected = {
        "image": "busybox:test",
        "container_name": "web",
        "user": "1000:1000",
        "working_dir": "/tmp",
        "hostname": "chosen",
        "domainname": "example.test",
        "entrypoint": ["/bin/sh", "-c", 'exec "$$0" "$$@"'],
        "command": ["/bin/idle", "an argument", "", "$$HOME"],
        "tty": True,
        "stdin_open": True,
        "stop_signal": "SIGQUIT",
        "stop_grace_period": "3s",
        "labels": {"empty": "", "com.example.a": "b=c", "<b>": "\"';--"},
        "restart": "on-failure:5",
        "expose": ["99"],
        "tmpfs": ["/run", "/scratch:rw,noexec,size=65536k"],
        "mac_address": "02:42:aa:bb:cc:dd",
        "cap_drop": ["MKNOD"],
        "dns": ["10.9.8.7", "10.9.8.6"],
        "dns_opt": ["ndots:3"],
        "dns_search": ["example.test"],
        "extra_hosts": ["one:10.0.0.1", "two:10.0.0.2"],
        "group_add": ["10", "staff"],
        "init": True,
        "pid": "host",
        "pids_limit": 64,
        "read_only": True,
        "security_opt": ["no-new-privileges", "seccomp=unconfined", "label=disable"],
        "shm_size": 33554432,
        "sysctls": {"net.ipv4.ip_forward": "1", "net.core.somaxconn": "512"},
        "mem_limit": 268435456,
        "memswap_limit": 536870912,
        "mem_reservation": 134217728,
        "mem_swappiness": 0,
        "cpu_shares": 512,
        "cpu_period": 50000,
        "cpu_quota": 25000,
        "cpuset": "0",
        "oom_kill_disable": True,
        "oom_score_adj": 500,
        "devices": ["/dev/null:/dev/nil:rw"],
        "device_cgroup_rules": ["c 1:3 rwm"],
        "ulimits": {
            "nofile": {"soft": 1024, "hard": 2048},
            "nproc": {"soft": 64, "hard": 64},
        },
        "logging": {"driver": "json-file", "options": {"max-size": "1m", "max-file": "3"}},
        "healthcheck": {
            "test": ["CMD", "/bin/true", "x y"],
            "interval": "7s",
            "timeout": "3s",
            "start_period": "2s",
            "retries": 4,
        },
        "networks": {
            "front": {
                "aliases": ["www"],
                "ipv4_address": "10.77.0.9",
                "mac_address": "02:42:aa:bb:cc:dd",
            }
        },
    }
    assert {key: service.get(key) for key in expected} == expected
    assert "QUOTES='\"$$x`" in service["environment"]
    assert service["deploy"]["resources"]["reservations"]["devices"][0]["count"] == "all"
    assert service["blkio_config"]["device_read_bps"] == [{"path": "/dev/null", "rate": 1048576}]


def test_ports_have_their_addresses_and_protocols(full: dict[str, Any]) -> None:
    ports = sorted(full["services"]["web"]["ports"], key=lambda port: port["target"])
    assert ports == [
        {"target": 53, "protocol": "udp"},
        {"target": 80, "published": "18080", "host_ip": "127.0.0.1", "protocol": "tcp"},
        {"target": 80, "published": "18081", "protocol": "tcp"},
    ]


def test_mounts_have_their_modes_and_volumes_their_options(full: dict[str, Any]) -> None:
    mounts = {each["target"]: each for each in full["services"]["web"]["volumes"]}
    assert mounts["/named"] == {
        "type": "volume",
        "source": "named",
        "target": "/named",
        "read_only": True,
        "volume": {"nocopy": True},
    }
    assert mounts["/host/etc"]["bind"] == {"propagation": "rslave", "create_host_path": True}
    assert mounts["/h"]["bind"] == {"create_host_path": True, "selinux": "z"}
    assert mounts["/small"] == {
        "type": "tmpfs",
        "target": "/small",
        "tmpfs": {"size": 65536, "mode": 448},
    }
    nameless = mounts["/nameless"]["source"]
    assert {"named", "with-options", nameless} <= full["volumes"].keys()
    assert full["volumes"]["with-options"] == {
        "name": "with-options",
        "driver_opts": {"type": "tmpfs", "device": "tmpfs"},
        "labels": {"l": "v"},
    }


def test_a_network_is_described_as_it_is(full: dict[str, Any]) -> None:
    assert full["networks"] == {
        "front": {
            "name": "front",
            "driver": "bridge",
            "driver_opts": {"com.docker.network.bridge.name": "br-front"},
            "internal": True,
            "ipam": {"config": [{"subnet": "10.77.0.0/24", "gateway": "10.77.0.1"}]},
            "labels": {"n": "1"},
        }
    }


@pytest.mark.usefixtures("busybox")
@pytest.mark.parametrize("mode", ["bridge", "default", "host", "none"])
def test_networks_that_are_built_in_are_modes(mode: str) -> None:
    make("web", {"HostConfig": {"NetworkMode": mode}})
    document = composed("web")
    expected = "bridge" if mode == "default" else mode
    assert document["services"]["web"]["network_mode"] == expected
    assert "networks" not in document


def test_what_the_image_gives_is_left_to_it(docker: APIClient) -> None:
    build(docker, "app:1", ["ENV A=1", "LABEL of=image", 'CMD ["/bin/idle"]'])
    make("web", {"Image": "app:1", "Env": ["MINE=1"], "Labels": {"mine": "1"}})
    config = docker.inspect_image("app:1")["Config"]
    service = composed("web", image_config=config)["services"]["web"]
    assert service["environment"] == ["MINE=1"]
    assert service["labels"] == {"mine": "1"}
    assert "command" not in service
    assert "entrypoint" not in service


@pytest.mark.usefixtures("busybox")
@pytest.mark.parametrize("text", HOSTILE)
def test_every_word_is_read_as_it_was_meant(text: str) -> None:
    body = {"Labels": {"label": text}, "Cmd": ["/bin/echo", text], "Env": [f"A={text}"]}
    make("web", body)
    service = composed("web")["services"]["web"]
    assert service["labels"]["label"] == text
    assert service["command"] == ["/bin/echo", text]
    assert f"A={text}" in service["environment"]


@given(st.dictionaries(st.text(), st.text() | st.lists(st.text())))
def test_whatever_is_written_is_read_again(document: dict[str, Any]) -> None:
    read = yaml.safe_load(dump(document))

    def doubled(value: Any) -> Any:
        if isinstance(value, list):
            return [doubled(item) for item in value]
        return value.replace("$", "$$")

    assert read == {key: doubled(value) for key, value in document.items()}


@pytest.mark.parametrize(
    "text", ["0o17", "1e3", "0x1F", ".inf", "y", "-", "1.5", "12:30", "=", "<<"]
)
def test_what_looks_like_a_number_to_some_reader_is_quoted(text: str) -> None:
    assert dump({"a": text}) == f'a: "{text}"\n'


def test_spans_of_time_have_their_units() -> None:
    assert duration(None) is None
    assert duration(0) is None
    assert duration(90_000_000_000) == "90s"
    assert duration(1_500_000_000) == "1500ms"
    assert duration(2_000) == "2us"
