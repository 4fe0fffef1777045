"""Which mounts are read into a backup, and which never are."""

import socket
from pathlib import Path
from typing import Any

import pytest
from docker import APIClient
from docker.types import Mount

from backups.errors import CannotBackUp
from backups.protected import reason_to_skip
from backups.sources import Skipped, Source, refuse_ourselves, sources_of
from engine import Docker, identity
from engine import engine as current_engine
from engine.identity import JOB_LABEL, SELF_LABEL
from tests import images
from tests.arrange import ContainerMaker, left_by_jobs
from tests.private_engine import PrivateEngine
from volumes.protected import OwnData, bound_folder, leads_to_own_data

pytestmark = pytest.mark.usefixtures("engine")

Found = tuple[list[Source], list[Skipped]]


@pytest.fixture
def ours(data_dir: Path, docker_host: str):
    (data_dir / "secret.key").write_text("k" * 86)
    with current_engine() as client:
        yield client


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder of the host with something in it."""
    folder = tmp_path / "host" / "data"
    folder.mkdir(parents=True)
    (folder / "file").write_text("content")
    return folder


def look(ours: Docker, container: str, *, binds: bool = True) -> Found:
    inspect = ours.inspect_container(container)
    return sources_of(ours, inspect, include_bind_mounts=binds, job="job")


def reasons(found: Found) -> list[str]:
    sources, skipped = found
    assert sources == []
    return [item.reason for item in skipped]


# Volumes


def test_a_volume_is_saved_with_all_that_the_engine_says_of_it(
    ours: Docker, docker: APIClient, make_container: ContainerMaker
) -> None:
    docker.create_volume("data", labels={"keep": "yes"})
    container = make_container(host={"binds": ["data:/data:ro"]}, start=False)

    sources, skipped = look(ours, container)

    assert skipped == []
    assert [(s.type, s.name, s.destinations) for s in sources] == [("volume", "data", ("/data",))]
    assert sources[0].volume == docker.inspect_volume("data")
    assert sources[0].title == "volume data"


def test_a_volume_that_is_mounted_twice_is_saved_once(
    ours: Docker, make_container: ContainerMaker
) -> None:
    container = make_container(host={"binds": ["data:/one", "data:/two"]}, start=False)

    sources, _ = look(ours, container)

    assert [sorted(source.destinations) for source in sources] == [["/one", "/two"]]


def test_mounts_with_the_same_last_part_are_kept_apart(
    ours: Docker, make_container: ContainerMaker, tmp_path: Path
) -> None:
    for name in ("a", "b"):
        (tmp_path / name / "data").mkdir(parents=True)
    binds = [f"{tmp_path}/a/data:/a/data", f"{tmp_path}/b/data:/b/data", "a-data:/c", "a_data:/d"]
    container = make_container(host={"binds": binds}, start=False)

    sources, _ = look(ours, container)

    assert len({source.key for source in sources}) == 4


def test_an_anonymous_volume_is_named_by_its_place(
    ours: Docker, docker: APIClient, make_container: ContainerMaker
) -> None:
    images.build(docker, "declares:1", ['VOLUME ["/var/lib/db"]'])
    container = make_container(image="declares:1", start=False)

    (source,), _ = look(ours, container)

    assert source.anonymous
    assert source.title == "anonymous volume at /var/lib/db"
    assert source.key.startswith("var-lib-db-")


def test_a_volume_inherited_from_another_container_is_saved(
    ours: Docker, make_container: ContainerMaker
) -> None:
    make_container("first", host={"binds": ["data:/data"]}, start=False)
    container = make_container(host={"volumes_from": ["first"]}, start=False)

    (source,), _ = look(ours, container)

    assert source.name == "data"


def test_a_volume_with_a_folder_of_the_host_behind_it_is_saved(
    ours: Docker, docker: APIClient, make_container: ContainerMaker, folder: Path
) -> None:
    options = {"type": "none", "o": "bind", "device": str(folder)}
    docker.create_volume("bound", driver_opts=options)
    container = make_container(host={"binds": ["bound:/data"]}, start=False)

    (source,), _ = look(ours, container, binds=False)

    assert source.volume["Options"] == options


def test_a_volume_whose_folder_is_gone_is_a_failure(
    ours: Docker, docker: APIClient, make_container: ContainerMaker, tmp_path: Path
) -> None:
    options = {"type": "none", "o": "bind", "device": f"{tmp_path}/gone"}
    docker.create_volume("bound", driver_opts=options)
    container = make_container(host={"binds": ["bound:/data"]}, start=False)

    with pytest.raises(CannotBackUp, match=r"/gone, mounted at /data, is not there"):
        look(ours, container)


def test_a_volume_with_the_host_behind_it_is_never_read_but_described(
    ours: Docker, docker: APIClient, make_container: ContainerMaker
) -> None:
    docker.create_volume("host", driver_opts={"type": "none", "o": "ro,bind", "device": "//"})
    container = make_container(host={"binds": ["host:/host"]}, start=False)

    sources, (skipped,) = look(ours, container)

    assert sources == []
    assert "never read" in skipped.reason
    assert skipped.volume == docker.inspect_volume("host")


def test_a_volume_of_no_driver_is_a_local_one() -> None:
    options = {"type": "none", "o": "bind", "device": "/etc"}
    for driver in ({"Driver": "local"}, {"Driver": ""}, {"Driver": None}, {}):
        assert bound_folder({**driver, "Options": options}) == "/etc"
    assert bound_folder({"Driver": "other", "Options": options}) is None


def test_a_volume_in_memory_is_a_source_because_its_options_must_come_back(
    ours: Docker, docker: APIClient, make_container: ContainerMaker
) -> None:
    options = {"type": "tmpfs", "device": "tmpfs", "o": "size=1m"}
    docker.create_volume("memory", driver_opts=options)
    container = make_container(host={"binds": ["memory:/data"]}, start=False)

    (source,), _ = look(ours, container)

    assert source.volume["Options"] == options


# Bind mounts


def test_a_folder_is_saved_only_when_asked_for(
    ours: Docker, make_container: ContainerMaker, folder: Path
) -> None:
    container = make_container(host={"binds": [f"{folder}:/data"]}, start=False)

    (source,), _ = look(ours, container, binds=True)
    assert (source.type, source.name, source.file) == ("bind", str(folder), False)
    assert source.title == f"folder {folder}"

    assert reasons(look(ours, container, binds=False)) == ["Bind mounts were not asked for."]


def test_a_single_file_is_saved_as_one(
    ours: Docker, make_container: ContainerMaker, folder: Path
) -> None:
    container = make_container(host={"binds": [f"{folder}/file:/etc/app.conf"]}, start=False)

    (source,), _ = look(ours, container)

    assert source.file
    assert source.title == f"file {folder}/file"


def test_a_socket_and_a_tmpfs_are_left_out_with_a_note(
    ours: Docker, make_container: ContainerMaker, tmp_path: Path
) -> None:
    path = tmp_path / "some.sock"
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(path))
        mounts = [Mount("/some.sock", str(path), type="bind"), Mount("/tmp", None, type="tmpfs")]
        container = make_container(host={"mounts": mounts}, start=False)

        assert sorted(reasons(look(ours, container))) == [
            "It is a socket, without content.",
            "It is held in memory and is empty at every start.",
        ]


def test_a_folder_that_is_gone_is_a_failure_and_no_empty_success(
    ours: Docker, docker: APIClient, make_container: ContainerMaker, tmp_path: Path
) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    container = make_container(host={"binds": [f"{gone}:/data"]}, start=False)
    gone.rmdir()

    with pytest.raises(CannotBackUp, match=r"/gone, mounted at /data, is not there"):
        look(ours, container)
    assert left_by_jobs(docker) == []


@pytest.mark.parametrize(
    "path",
    ["/", "//", "/etc", "/usr/../etc", "/proc", "/proc/1", "/sys/kernel", "/dev", "/lib/modules"],
)
def test_the_hosts_own_folders_are_never_read(
    ours: Docker, make_container: ContainerMaker, path: str
) -> None:
    container = make_container(host={"binds": [f"{path}:/host"]}, start=False)

    assert "never read" in reasons(look(ours, container))[0]


def test_the_docker_socket_is_never_read_nor_what_holds_it(
    ours: Docker, make_container: ContainerMaker, engine: PrivateEngine
) -> None:
    container = make_container(
        host={"binds": [f"{engine.socket}:/var/run/docker.sock", f"{engine.directory}:/engine"]},
        start=False,
    )

    assert sorted(reasons(look(ours, container))) == [
        "It holds Container Monkey's own data, or Docker's.",
        "It is the Docker socket, which has no content.",
    ]


def test_our_data_and_dockers_are_never_read_nor_what_holds_or_lies_in_them(
    ours: Docker, make_container: ContainerMaker, engine: PrivateEngine, data_dir: Path
) -> None:
    root = engine.directory / "data"
    binds = [
        f"{path}:/mounted{number}"
        for number, path in enumerate(
            (data_dir, data_dir.parent, data_dir / "backups", root, root / "volumes")
        )
    ]
    container = make_container(host={"binds": binds}, start=False)

    assert set(reasons(look(ours, container))) == {
        "It holds Container Monkey's own data, or Docker's."
    }


def test_neither_dots_nor_links_lead_to_what_is_never_read(
    ours: Docker,
    make_container: ContainerMaker,
    engine: PrivateEngine,
    data_dir: Path,
    folder: Path,
) -> None:
    targets = {"root": "/", "engine": engine.directory, "ours": data_dir.parent}
    for name, target in targets.items():
        folder.with_name(name).symlink_to(target)
    binds = [f"{folder.with_name(name)}:/{name}" for name in targets]
    binds.append(f"{folder}/../../data:/dots")
    container = make_container(host={"binds": binds}, start=False)

    assert len(reasons(look(ours, container))) == 4


def test_links_are_seen_through_by_the_engine_where_we_see_none(
    ours: Docker,
    engine: PrivateEngine,
    data_dir: Path,
    folder: Path,
) -> None:
    own = OwnData(frozenset(), str(data_dir), f"{engine.directory}/data", None, on_host=False)
    links = {"root": "/", "engine": engine.directory, "docker": own.root, "ours": data_dir}
    for name, target in links.items():
        folder.with_name(name).symlink_to(target)

    for name in links:
        assert leads_to_own_data(ours, str(folder.with_name(name)), own, "job"), name
    assert not leads_to_own_data(ours, str(folder), own, "job")


def test_a_folder_that_is_built_like_ours_is_not_taken_for_it(
    ours: Docker, data_dir: Path, engine: PrivateEngine, folder: Path
) -> None:
    own = OwnData(frozenset(), str(data_dir), f"{engine.directory}/data", None)
    (folder / "secret.key").write_text("another")
    (folder / "containers").mkdir()
    (folder / "tmp").write_text("a file where a folder of that path would be")
    (folder / "data").write_text("the same")

    assert not leads_to_own_data(ours, str(folder), own, "job")


# Ourselves


def in_our_container(ours: Docker, container: str, monkeypatch: pytest.MonkeyPatch) -> OwnData:
    """What is found of our own data if this process runs in that container."""
    container_id = ours.inspect_container(container)["Id"]
    monkeypatch.setattr(identity, "candidate_id", lambda: container_id)
    return OwnData.of(ours)


def test_our_own_volume_is_known_from_our_container(
    ours: Docker,
    docker: APIClient,
    make_container: ContainerMaker,
    data_dir: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    binds = [f"outer:{data_dir.parents[1]}", f"ours:{data_dir.parent}", "other:/other"]
    container = make_container(host={"binds": binds}, start=False)

    own = in_our_container(ours, container, monkeypatch)

    mountpoint = docker.inspect_volume("ours")["Mountpoint"]
    assert own.volumes == {"ours", "outer", "other"}
    assert (own.data, own.on_host) == (f"{mountpoint}/data", False)
    mount: dict[str, Any] = {"Type": "volume", "Name": "ours", "Source": mountpoint}
    reason = reason_to_skip(mount, own, include_bind_mounts=True)
    assert reason == "It is Container Monkey's own data."


def test_our_own_folder_is_known_by_its_name_on_the_host(
    ours: Docker,
    make_container: ContainerMaker,
    data_dir: Path,
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    container = make_container(host={"binds": [f"{folder}:{data_dir}"]}, start=False)

    own = in_our_container(ours, container, monkeypatch)

    assert (own.volumes, own.data) == (set(), str(folder))


def test_without_a_mount_our_data_is_in_dockers(
    ours: Docker,
    make_container: ContainerMaker,
    engine: PrivateEngine,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    own = in_our_container(ours, make_container(start=False), monkeypatch)

    assert own.paths == (f"{engine.directory}/data",)


@pytest.mark.parametrize("label", [SELF_LABEL, JOB_LABEL])
def test_we_are_not_backed_up(ours: Docker, make_container: ContainerMaker, label: str) -> None:
    container = make_container(labels={label: "x"}, start=False)
    inspect = ours.inspect_container(container)
    ours.remove_container(container)

    with pytest.raises(CannotBackUp, match="does not back itself up"):
        refuse_ourselves(inspect)
