"""Volumes that stand for folders of the host, and folders that others use."""

from pathlib import Path
from typing import Any

import pytest
from docker import APIClient

from backups.archive.reader import ArchiveReader
from backups.errors import RestoreConflict
from backups.models import Backup
from backups.options import RestoreOptions
from backups.restore import Restore
from backups.services import plan_restore, request_restore
from backups.types import Conflict
from tests.arrange import ContainerMaker, run_in
from tests.backups.steps import backed_up, failed, restored, state_of_host, tree_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("engine", "data_dir")]

FOREVER = ["sleep", "1000"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "srv"
    folder.mkdir()
    return folder


@pytest.fixture
def bound(folder: Path, docker: APIClient, make_container: ContainerMaker) -> Backup:
    """A backup of `app`, whose volume `app-data` is another name for a folder of the host.

    Container and volume are gone since, and the folder holds something newer.
    """
    options = {"type": "none", "o": "bind", "device": str(folder)}
    docker.create_volume("app-data", driver_opts=options, labels={"keep": "yes"})
    make_container("app", command=FOREVER, host={"binds": ["app-data:/data"], "init": True})
    run_in(docker, "app", "sh", "-c", "echo saved > /data/file")
    backup = backed_up("app")
    docker.remove_container("app", force=True)
    docker.remove_volume("app-data")
    (folder / "file").write_text("newer\n")
    (folder / "since").touch()
    return backup


def conflicts(backup: Backup, **options: Any) -> list[Conflict]:
    return plan_restore(backup.filename, RestoreOptions(**options)).conflicts


def named(backup: Backup, **options: Any) -> set[tuple[str, str, str]]:
    return {(c.kind, c.name, c.answer) for c in conflicts(backup, **options)}


def break_before_the_container(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(self: Restore) -> str:
        raise OSError("broken for the test")

    monkeypatch.setattr(Restore, "put_new_in_place", refuse)


def with_first_source(monkeypatch: pytest.MonkeyPatch, **changes: Any) -> None:
    """Have archives that say something else of their first volume."""
    original = ArchiveReader.read_json

    def read_json(self: ArchiveReader, name: str) -> dict[str, Any]:
        found = original(self, name)
        if "sources" in found:
            found["sources"][0] |= changes
        return found

    monkeypatch.setattr(ArchiveReader, "read_json", read_json)


def test_what_is_in_the_folder_of_a_volume_is_asked_about(bound: Backup, folder: Path) -> None:
    assert named(bound) == {("folder", str(folder), "overwrite_volumes")}
    with pytest.raises(RestoreConflict):
        request_restore(bound.filename, RestoreOptions())


def test_the_folder_of_a_volume_is_replaced(bound: Backup, folder: Path, docker: APIClient) -> None:
    restored(bound, overwrite_volumes=True)
    assert {path.name: path.read_text() for path in folder.iterdir()} == {"file": "saved\n"}
    assert docker.inspect_volume("app-data")["Labels"] == {"keep": "yes"}


def test_the_folder_of_a_volume_is_kept(bound: Backup, folder: Path, docker: APIClient) -> None:
    before = tree_of(folder)
    restored(bound, overwrite_volumes=False)
    assert tree_of(folder) == before
    assert run_in(docker, "app", "cat", "/data/file") == "newer\n"


@pytest.mark.parametrize("empty", [True, False])
def test_a_restore_that_fails_leaves_the_folder_of_a_volume_as_it_was(
    bound: Backup,
    folder: Path,
    docker: APIClient,
    empty: bool,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    if empty:
        for path in folder.iterdir():
            path.unlink()
    before, host = tree_of(folder), state_of_host(docker)
    break_before_the_container(monkeypatch)
    failed(request_restore(bound.filename, RestoreOptions(overwrite_volumes=not empty or None)))
    assert tree_of(folder) == before
    assert state_of_host(docker) == host


def test_a_second_volume_for_the_same_folder_is_not_taken_for_a_copy(
    bound: Backup, docker: APIClient, folder: Path
) -> None:
    restored(bound, overwrite_volumes=False)
    assert named(bound, on_conflict="rename") == {("volume", "app-data", "overwrite_volumes")}
    assert str(folder) in conflicts(bound, on_conflict="rename")[0].message


def test_a_volume_whose_folder_is_gone_is_said_to_lack_it(bound: Backup, folder: Path) -> None:
    for path in folder.iterdir():
        path.unlink()
    folder.rmdir()
    assert named(bound) == {("folder", str(folder), "")}


@pytest.mark.parametrize("device", ["/etc", "/", "/proc/../etc", "etc"])
def test_an_archive_cannot_reach_the_hosts_own_folders_by_a_volume(
    bound: Backup, device: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    options = {"type": "none", "o": "bind", "device": device}
    with_first_source(monkeypatch, volume={"Driver": "local", "Options": options})
    assert named(bound, overwrite_volumes=True) == {("folder", device, "")}


def test_a_share_that_holds_data_already_is_not_mixed_with_that_of_the_backup(
    bound: Backup, folder: Path, docker: APIClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of most drivers it is found out only when the volume has been made."""
    monkeypatch.setattr("backups.planning.volumes.bound_folder", lambda volume: None)
    before, host = tree_of(folder), state_of_host(docker)
    assert "holds data already" in failed(request_restore(bound.filename, RestoreOptions())).error
    assert tree_of(folder) == before
    assert state_of_host(docker) == host


def test_a_volume_that_is_not_in_the_backup_is_made_as_it_was(
    docker: APIClient, make_container: ContainerMaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    options = {"type": "none", "o": "bind", "device": "/usr"}
    docker.create_volume("host-usr", driver_opts=options, labels={"keep": "yes"})
    made = make_container("app", host={"binds": ["host-usr:/host:ro"]})
    backup = backed_up("app")
    docker.remove_container(made, force=True)
    docker.remove_volume("host-usr")
    assert "Create the volume host-usr as it was." in (
        plan_restore(backup.filename, RestoreOptions()).steps
    )
    before = state_of_host(docker)
    with monkeypatch.context() as patch:
        break_before_the_container(patch)
        failed(request_restore(backup.filename, RestoreOptions()))
    assert state_of_host(docker) == before
    restored(backup)
    volume = docker.inspect_volume("host-usr")
    assert (volume["Options"], volume["Labels"]) == (options, {"keep": "yes"})


def test_this_programs_own_volume_is_never_overwritten(
    docker: APIClient, make_container: ContainerMaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_container("app", start=False, host={"binds": ["app-data:/data"]})
    backup = backed_up("app")
    docker.remove_container("app")
    own = ([{"Name": "app-data", "Source": "/x", "Destination": "/"}],)
    monkeypatch.setattr("volumes.protected.own_mounts", lambda docker: own[0])
    assert ("volume", "app-data", "") in named(backup, overwrite_volumes=True)


@pytest.mark.parametrize("theirs", [".", "below", ".."])
def test_a_folder_is_not_replaced_under_somebody_who_uses_a_part_of_it(
    docker: APIClient, make_container: ContainerMaker, folder: Path, theirs: str
) -> None:
    (folder / "below").mkdir()
    make_container("app", start=False, host={"binds": [f"{folder}:/data"]})
    backup = backed_up("app", include_bind_mounts=True)
    docker.remove_container("app")
    make_container("other", host={"binds": [f"{(folder / theirs).resolve()}:/x"]})
    assert named(backup, overwrite_volumes=True) == {("volume_in_use", str(folder), "")}


def test_a_container_that_watches_the_whole_host_is_in_nobodys_way(
    docker: APIClient, make_container: ContainerMaker, folder: Path
) -> None:
    (folder / "file").touch()
    make_container("app", start=False, host={"binds": [f"{folder}:/data"]})
    backup = backed_up("app", include_bind_mounts=True)
    docker.remove_container("app")
    make_container("watcher", host={"binds": ["/:/host:ro"]})
    assert named(backup, overwrite_volumes=True) == set()


@pytest.mark.parametrize("missing", [True, False])
def test_a_folder_that_is_out_of_reach_is_in_the_plan(
    docker: APIClient,
    make_container: ContainerMaker,
    folder: Path,
    missing: bool,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    make_container("app", start=False, host={"binds": [f"{folder}:/data"]})
    backup = backed_up("app", include_bind_mounts=True)
    docker.remove_container("app")
    if missing:
        folder.rmdir()
    assert named(backup) == set()
    monkeypatch.setattr("volumes.aside.is_same_directory", lambda path, seen: False)
    answer = "" if missing else "overwrite_volumes"
    assert named(backup) == {("folder", str(folder), answer)}
