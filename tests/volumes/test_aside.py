"""Content that is set aside, and what became of its place meanwhile."""

import os
from collections.abc import Callable
from pathlib import Path
from uuid import uuid4

import pytest
from docker import APIClient

from containermonkey.problems import NotFound
from engine import Docker
from engine import engine as open_engine
from jobs.models import Job
from jobs.undo import Undo
from tests.arrange import ContainerMaker, run_in
from volumes import aside
from volumes.aside import Place, discard, is_visible, put_back, set_aside
from volumes.reach import DirectoryReach

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("engine")]


def set_aside_in(kind: str, source: str, path: str) -> Undo:
    place = Place(kind, source, path, "data-1", str(uuid4()))
    undo = Undo(Job.objects.create(kind="restore", subject="web"))
    with open_engine() as docker:
        set_aside(undo, docker, place)
    return undo


@pytest.fixture
def volume(docker: APIClient, make_container: ContainerMaker) -> Undo:
    """The undo of a job that has set the content of the volume `data` aside."""
    made = make_container(host={"binds": ["data:/data"]})
    run_in(docker, made, "sh", "-c", "echo old > /data/file")
    docker.remove_container(made, force=True)
    return set_aside_in("volume", "data", docker.inspect_volume("data")["Mountpoint"])


def test_a_volume_that_was_removed_meanwhile_is_not_made_anew(
    volume: Undo, docker: APIClient
) -> None:
    docker.remove_volume("data")
    place = volume.job.undo[0]["arguments"]["place"]
    assert volume.unwind() == []
    discard(place)
    assert docker.volumes()["Volumes"] in (None, [])


def test_a_folder_that_was_removed_meanwhile_is_not_waited_for(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    folder.mkdir()
    (folder / "file").write_text("old")
    undo = set_aside_in("bind", str(folder), str(folder))
    (hidden,) = folder.iterdir()
    (hidden / "file").unlink()
    hidden.rmdir()
    folder.rmdir()
    discard(undo.job.undo[0]["arguments"]["place"])
    assert undo.unwind() == []
    assert not folder.exists()


def test_putting_back_twice_is_putting_back_once(volume: Undo, docker: APIClient) -> None:
    arguments = volume.job.undo[0]["arguments"]
    where = Path(docker.inspect_volume("data")["Mountpoint"])
    for _ in range(2):
        put_back(**arguments)
        assert [path.name for path in where.iterdir()] == ["file"]


@pytest.mark.parametrize("act", [put_back, discard])
def test_a_helper_that_is_pruned_meanwhile_does_not_pass_for_nothing_to_do(
    volume: Undo, docker: APIClient, monkeypatch: pytest.MonkeyPatch, act: Callable[..., None]
) -> None:
    original = aside.holds

    def prune_before(ours: Docker, container: str, place: Place, folder: str) -> bool:
        docker.prune_containers()
        return original(ours, container, place, folder)

    arguments = volume.job.undo[0]["arguments"]
    with monkeypatch.context() as patch, pytest.raises(NotFound):
        patch.setattr(aside, "holds", prune_before)
        act(**arguments if act is put_back else {"place": arguments["place"]})

    assert volume.unwind() == []
    where = Path(docker.inspect_volume("data")["Mountpoint"])
    assert [path.name for path in where.iterdir()] == ["file"]


def test_the_roots_attributes_outlive_an_undo_that_was_cut_short(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "data"
    folder.mkdir()
    os.setxattr(folder, "user.old", b"old")
    undo = set_aside_in("bind", str(folder), str(folder))
    original = DirectoryReach.move_all_out_of

    def then_be_killed(self: DirectoryReach, name: str) -> None:
        original(self, name)
        raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(DirectoryReach, "move_all_out_of", then_be_killed)
        undo.unwind()

    assert undo.unwind() == []
    assert os.getxattr(folder, "user.old") == b"old"


def test_a_directory_that_may_not_be_looked_into_is_out_of_reach(
    volume: Undo, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(self: Path) -> bool:
        raise PermissionError

    with monkeypatch.context() as patch:
        patch.setattr(Path, "is_dir", refuse)
        assert not is_visible(Place(**volume.job.undo[0]["arguments"]["place"]), "folder")


def test_everything_about_the_root_is_put_back(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    folder.mkdir(mode=0o751)
    (folder / "file").write_text("old")
    os.setxattr(folder, "user.old", b"\0 binary")
    os.chown(folder, 7, 8)
    os.utime(folder, ns=(0, 1_234_567_890_123_456_789))
    before = folder.stat()
    undo = set_aside_in("bind", str(folder), str(folder))
    assert os.listxattr(folder) == []
    os.setxattr(folder, "user.new", b"")
    folder.chmod(0o700)

    assert undo.unwind() == []

    after = folder.stat()
    assert (after.st_mode, after.st_uid, after.st_gid) == (before.st_mode, 7, 8)
    assert after.st_mtime_ns == 1_234_567_890_123_456_789
    assert {name: os.getxattr(folder, name) for name in os.listxattr(folder)} == {
        "user.old": b"\0 binary"
    }
