"""From a newer image: what the old one gave goes, what somebody asked for stays."""

from typing import Any

import pytest
from docker import APIClient

from containers.changes import Changes
from containers.create_body import create_body
from containers.endpoints import endpoints
from containers.image_defaults import without_image_defaults
from containers.recreate import create_container
from tests.containers.bodies import SECOND, inspect, make, the_engine
from tests.images import build

OLD = [
    "ENV SHARED=1 OLD=1",
    "LABEL version=1 old=yes",
    "EXPOSE 81",
    "USER 1000",
    "WORKDIR /old",
    "HEALTHCHECK CMD /bin/old",
    "STOPSIGNAL SIGQUIT",
    'CMD ["/bin/idle", "old"]',
]
NEW = [
    "ENV SHARED=1 NEW=1",
    "LABEL version=2",
    "EXPOSE 82",
    "WORKDIR /new",
    "HEALTHCHECK CMD /bin/new",
    'CMD ["/bin/idle", "new"]',
]


@pytest.fixture
def images(docker: APIClient) -> None:
    build(docker, "app:1", [line for line in OLD if "STOPSIGNAL" not in line])
    build(docker, "app:2", NEW)


def redeployed(docker: APIClient, **body: Any) -> dict[str, Any]:
    """The `Config` of a container of the old image that was made again from the new one."""
    old = make("old", {"Image": "app:1"} | body)
    image_config = docker.inspect_image(old["Image"])["Config"]
    wanted = without_image_defaults(create_body(old, changes=Changes(image="app:2")), image_config)
    with the_engine() as engine:
        create_container(engine, wanted, endpoints(old), "new")
    return inspect("new")["Config"]


@pytest.mark.usefixtures("images")
def test_everything_of_the_image_is_the_new_images(docker: APIClient) -> None:
    config = redeployed(docker)
    of_image = docker.inspect_image("app:2")["Config"]
    for field in ("Labels", "ExposedPorts", "User", "WorkingDir", "Healthcheck", "Cmd"):
        assert config[field] == of_image[field], field
    assert set(config["Env"]) == set(of_image["Env"])


@pytest.mark.usefixtures("images")
def test_what_somebody_asked_for_stays(docker: APIClient) -> None:
    own = {
        "Env": ["MINE=1", "OLD=changed"],
        "Labels": {"mine": "yes", "version": "mine"},
        "ExposedPorts": {"90/tcp": {}},
        "User": "2000",
        "WorkingDir": "/mine",
        "Healthcheck": {"Test": ["CMD", "/bin/mine"], "Interval": SECOND},
        "Cmd": ["/bin/idle", "mine"],
    }
    config = redeployed(docker, **own)
    assert {"MINE=1", "OLD=changed", "NEW=1", "SHARED=1"} <= set(config["Env"])
    assert config["Labels"] == {"mine": "yes", "version": "mine"}
    assert config["ExposedPorts"] == {"90/tcp": {}, "82/tcp": {}}
    for field in ("User", "WorkingDir", "Healthcheck", "Cmd"):
        assert config[field] == own[field], field


@pytest.mark.usefixtures("images")
def test_an_own_entrypoint_stays_without_the_images_command(docker: APIClient) -> None:
    config = redeployed(docker, Entrypoint=["/bin/idle"])
    assert config["Entrypoint"] == ["/bin/idle"]
    assert not config["Cmd"]


@pytest.mark.parametrize(
    ("entrypoint", "cmd", "image_entrypoint", "image_cmd", "expected"),
    [
        (["/e"], ["c"], ["/e"], ["c"], (None, None)),
        (["/e"], ["mine"], ["/e"], ["c"], (None, ["mine"])),
        (["/e"], None, ["/e"], ["c"], (["/e"], None)),
        ([""], ["mine"], ["/e"], ["c"], ([""], ["mine"])),
        ([""], ["mine"], None, ["c"], (None, ["mine"])),
        ([""], ["c"], None, ["c"], (None, None)),
    ],
)
def test_a_command_is_the_images_or_it_is_not(
    entrypoint: list[str],
    cmd: list[str] | None,
    image_entrypoint: list[str] | None,
    image_cmd: list[str],
    expected: tuple[Any, Any],
) -> None:
    body = {"Entrypoint": entrypoint, "Cmd": cmd, "HostConfig": {}}
    left = without_image_defaults(body, {"Entrypoint": image_entrypoint, "Cmd": image_cmd})
    assert (left["Entrypoint"], left["Cmd"]) == expected


def test_without_the_images_config_everything_stays() -> None:
    body = {"Env": ["A=1"], "Labels": {"a": "1"}, "Cmd": ["x"], "HostConfig": {}}
    left = without_image_defaults(body, None)
    assert {field: left[field] for field in body} == body
