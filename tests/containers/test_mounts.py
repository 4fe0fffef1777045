"""The same data in the same places, also where nobody gave the data a name."""

from typing import Any

import pytest
from docker import APIClient

from containers.changes import Changes
from containers.create_body import create_body
from tests.arrange import ContainerMaker, run_in
from tests.containers.bodies import inspect, make, make_again
from tests.images import build

SOMEWHERE = "/data"

NAMELESS: list[dict[str, Any]] = [
    {"Image": "with-volume:1"},
    {"Volumes": {SOMEWHERE: {}}},
    {"Volumes": {f"{SOMEWHERE}/": {}}},
    {"HostConfig": {"Binds": [SOMEWHERE]}},
    {"HostConfig": {"Mounts": [{"Type": "volume", "Target": SOMEWHERE}]}},
]


@pytest.fixture
def image_with_volume(docker: APIClient, busybox: str) -> None:
    build(docker, "with-volume:1", [f"VOLUME {SOMEWHERE}"], {f"{SOMEWHERE}/of-image": b"x"})


def mounted(inspected: dict[str, Any], destination: str = SOMEWHERE) -> dict[str, Any]:
    return next(m for m in inspected["Mounts"] if m["Destination"] == destination)


@pytest.mark.usefixtures("image_with_volume")
@pytest.mark.parametrize("body", NAMELESS, ids=str)
def test_a_volume_without_a_name_comes_back_with_its_data(
    docker: APIClient, body: dict[str, Any]
) -> None:
    old = make("old", body, start=True)
    run_in(docker, old["Id"], "sh", "-c", f"rm -f {SOMEWHERE}/*; echo mine > {SOMEWHERE}/file")
    new = make_again(old, "new", start=True)
    assert run_in(docker, new["Id"], "cat", f"{SOMEWHERE}/file") == "mine\n"
    assert run_in(docker, new["Id"], "ls", SOMEWHERE) == "file\n"
    assert len(new["Mounts"]) == 1


@pytest.mark.usefixtures("image_with_volume")
def test_an_emptied_volume_is_not_filled_from_the_image_again(docker: APIClient) -> None:
    old = make("old", {"Image": "with-volume:1"}, start=True)
    run_in(docker, old["Id"], "rm", f"{SOMEWHERE}/of-image")
    new = make_again(old, "new", start=True)
    assert run_in(docker, new["Id"], "ls", SOMEWHERE) == ""


@pytest.mark.usefixtures("image_with_volume")
@pytest.mark.parametrize("body", NAMELESS, ids=str)
def test_a_volume_without_a_name_can_be_another(body: dict[str, Any]) -> None:
    old = make("old", body)
    changes = Changes(volume_names={mounted(old)["Name"]: "restored"})
    assert mounted(make_again(old, "new", changes=changes))["Name"] == "restored"


@pytest.mark.usefixtures("busybox")
def test_removing_the_new_container_with_its_volumes_spares_the_data(docker: APIClient) -> None:
    old = make("old", {"Volumes": {SOMEWHERE: {}}})
    new = make_again(old, "new")
    docker.remove_container(old["Id"])
    docker.remove_container(new["Id"], v=True)
    assert docker.inspect_volume(mounted(old)["Name"])


@pytest.mark.usefixtures("busybox")
def test_modes_and_options_of_mounts_stay_as_written() -> None:
    host = {
        "Binds": ["named:/a:ro,nocopy", "/etc:/b:ro,rslave", "/etc/hosts:/c:z", "named:/d"],
        "Mounts": [
            {
                "Type": "volume",
                "Source": "named",
                "Target": "/e",
                "ReadOnly": True,
                "VolumeOptions": {"NoCopy": True},
            },
            {
                "Type": "bind",
                "Source": "/etc",
                "Target": "/f",
                "BindOptions": {"NonRecursive": True},
            },
        ],
        "Tmpfs": {"/g": "size=64k"},
    }
    old = make("old", {"HostConfig": host})
    kept = create_body(old)["HostConfig"]
    assert {name: kept[name] for name in host} == host
    assert sorted(map(str, make_again(old, "new")["Mounts"])) == sorted(map(str, old["Mounts"]))


@pytest.mark.usefixtures("busybox")
def test_named_volumes_can_be_others() -> None:
    host = {
        "Binds": ["one:/one:ro", "/etc:/etc-of-host"],
        "Mounts": [{"Type": "volume", "Source": "two", "Target": "/two"}],
    }
    old = make("old", {"HostConfig": host})
    changes = Changes(volume_names={"one": "one-2", "two": "two-2", "/etc": "not a volume"})
    new = make_again(old, "new", changes=changes)
    assert mounted(new, "/one")["Name"] == "one-2"
    assert not mounted(new, "/one")["RW"]
    assert mounted(new, "/two")["Name"] == "two-2"
    assert mounted(new, "/etc-of-host")["Source"] == "/etc"


@pytest.mark.usefixtures("busybox")
def test_configs_and_secrets_of_compose_stay_the_files_that_they_are() -> None:
    binds = ["/etc/hostname:/run/secrets/password:ro", "/etc/hosts:/settings.conf:ro"]
    old = make("old", {"HostConfig": {"Binds": binds}})
    assert make_again(old, "new")["HostConfig"]["Binds"] == binds


# VolumesFrom


@pytest.fixture
def borrowing(docker: APIClient, make_container: ContainerMaker) -> dict[str, Any]:
    """A container with the mounts of another."""
    host = {"binds": ["named:/named:ro", "/etc:/etc-of-host"]}
    make_container("lender", host=host, volumes=[SOMEWHERE])
    return inspect(make_container("old", host={"volumes_from": ["lender:rw"]}))


def sources(inspected: dict[str, Any]) -> set[tuple[str, str, bool]]:
    return {(m["Destination"], m["Source"], m["RW"]) for m in inspected["Mounts"]}


def test_borrowed_mounts_stay_borrowed(borrowing: dict[str, Any]) -> None:
    body = create_body(borrowing)["HostConfig"]
    assert body["VolumesFrom"] == ["lender:rw"]
    assert not body.get("Mounts")
    assert sources(make_again(borrowing, "new")) == sources(borrowing)


def test_borrowed_mounts_follow_a_lender_with_another_name(borrowing: dict[str, Any]) -> None:
    changes = Changes(containers={"lender": "lender-2"})
    assert create_body(borrowing, changes=changes)["HostConfig"]["VolumesFrom"] == ["lender-2:rw"]


def test_mounts_of_a_lender_that_is_gone_are_written_out(
    docker: APIClient, borrowing: dict[str, Any]
) -> None:
    docker.remove_container("lender", force=True)
    changes = Changes(containers={"lender": None})
    new = make_again(borrowing, "new", changes=changes)
    assert not new["HostConfig"]["VolumesFrom"]
    assert sources(new) == sources(borrowing)


def test_a_borrowed_volume_can_be_another(borrowing: dict[str, Any]) -> None:
    changes = Changes(volume_names={"named": "named-2"})
    new = make_again(borrowing, "new", changes=changes)
    assert mounted(new, "/named")["Name"] == "named-2"
    assert not mounted(new, "/named")["RW"]
    assert mounted(new)["Name"] == mounted(borrowing)["Name"]
