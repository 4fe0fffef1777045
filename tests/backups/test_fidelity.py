"""Everything about every kind of file is the same after a backup and a restore."""

import os
from pathlib import Path
from typing import Any

import pytest
from docker import APIClient

from backups.archive.reader import ArchiveReader
from backups.files import archive_path
from backups.preview import container_preview
from tests.arrange import ContainerMaker
from tests.backups.oddities import NAMES, everything_about, make_oddities, make_socket
from tests.backups.steps import backed_up, restored, tree_of, volume_path
from tests.backups.traveling import take_the_way, ways_of

Facts = dict[str, dict[str, Any]]

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("engine", "data_dir")]


@pytest.fixture
def empty(docker: APIClient, make_container: ContainerMaker) -> Path:
    """The directory of the volume `odd`, which the stopped container `app` mounts."""
    docker.create_volume("odd")
    make_container("app", host={"binds": ["odd:/data"]}, start=False)
    return volume_path(docker, "odd")


@pytest.fixture
def odd(empty: Path) -> Path:
    """The same, full of oddities."""
    make_oddities(empty)
    return empty


def remove(docker: APIClient) -> None:
    docker.remove_container("app")
    docker.remove_volume("odd")


def differing(before: Facts, after: Facts) -> Facts:
    """What is not the same, by name and by fact: as it was, and as it is."""
    found = {}
    for name in before.keys() | after.keys():
        was, now = before.get(name, {}), after.get(name, {})
        facts = {fact: (was.get(fact), now.get(fact)) for fact in was.keys() | now.keys()}
        found[name] = {fact: pair for fact, pair in facts.items() if pair[0] != pair[1]}
    return {name: facts for name, facts in found.items() if facts}


@pytest.mark.parametrize("way", ["directory", "helper"])
def test_everything_comes_back_as_it_was(
    odd: Path, way: str, docker: APIClient, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    take_the_way(way, docker, settings, monkeypatch)
    before = everything_about(odd)
    backup = backed_up("app")
    remove(docker)
    assert not odd.exists()

    job = restored(backup)

    assert ways_of(backup) == {way}
    assert differing(before, everything_about(odd)) == {}
    assert job.result["report"] == []


@pytest.mark.parametrize("way", ["directory", "helper"])
def test_everything_comes_back_over_what_is_there(
    odd: Path, way: str, docker: APIClient, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    take_the_way(way, docker, settings, monkeypatch)
    before = everything_about(odd)
    backup = backed_up("app")
    (odd / "names" / "since").write_text("newer")
    odd.chmod(0o700)
    os.setxattr(odd, "user.since", b"newer")

    restored(backup, on_conflict="replace", overwrite_volumes=True)

    assert differing(before, everything_about(odd)) == {}


def leave_what_the_engine_keeps(odd: Path) -> None:
    """Have no time before 1970, and no large hole, which it would fill with zeros."""
    (odd / "holes" / "larger than 8 GiB").unlink()
    for path in odd.rglob("*"):
        if path.lstat().st_mtime < 0:
            os.utime(path, (0, 0), follow_symlinks=False)


@pytest.mark.parametrize(("saved_by", "filled_by"), [("directory", "engine"), ("engine", "helper")])
def test_what_was_saved_in_one_way_comes_back_in_another(
    odd: Path,
    saved_by: str,
    filled_by: str,
    docker: APIClient,
    settings: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    leave_what_the_engine_keeps(odd)
    before = tree_of(odd)
    with monkeypatch.context() as patch:
        take_the_way(saved_by, docker, settings, patch)
        backup = backed_up("app")
    assert ways_of(backup) == {saved_by}
    remove(docker)
    take_the_way(filled_by, docker, settings, monkeypatch)

    restored(backup)

    assert tree_of(odd) == before


def test_the_list_of_files_has_names_and_sizes_as_they_are(odd: Path) -> None:
    backup = backed_up("app")
    with ArchiveReader(archive_path(backup.filename)) as archive:
        key = archive.manifest["sources"][0]["key"]
        holes = archive.list_files(key, "/holes")
        names = archive.list_files(key, "/names", page_size=200)

    sizes = {entry.name: entry.size for entry in holes.entries}
    assert sizes["larger than 8 GiB"] == 9 << 30
    assert "a hole \\xff in a file of a long name " + "n" * 200 in sizes
    assert backup.size < 8 << 20
    assert names.total == 2 * len(NAMES) + 2


def test_a_socket_is_left_out_with_a_note(empty: Path, data_dir: Path) -> None:
    make_socket(empty / "control")
    (empty / "file").write_text("content")

    backup = backed_up("app")

    found = container_preview(backup.filename)
    assert found.warnings == ["/data: control: socket ignored"]
    assert found.manifest["transport"] == "directory"
