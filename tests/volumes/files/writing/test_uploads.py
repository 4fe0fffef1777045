"""Files that are uploaded into a folder of a volume."""

import errno
import os

import pytest

from containermonkey.problems import Conflict, Invalid, NoSpace, NotFound
from containermonkey.uploads import UploadBroken
from tests.volumes.files.writing.conftest import both_ways, helper_changes, put
from volumes.files.writing import partial


def modes(path) -> tuple[int, int, int]:
    status = path.stat()
    return status.st_uid, status.st_gid, status.st_mode & 0o7777


@both_ways
def test_a_file_belongs_to_the_owner_of_its_folder(tree, changed_at):
    (tree / "folder").mkdir()
    os.chown(tree / "folder", 1000, 33)
    (tree / "folder").chmod(0o2775)
    changed_at(tree)
    entry = put("/folder", "new", [b"one", b"", b"two"])
    assert (entry.name, entry.type, entry.size) == ("new", "file", 6)
    assert (tree / "folder" / "new").read_bytes() == b"onetwo"
    assert modes(tree / "folder" / "new") == (1000, 33, 0o644)
    assert os.listdir(tree / "folder") == ["new"]


@both_ways
def test_what_is_there_stays_unless_it_is_to_be_replaced(tree, changed_at):
    (tree / "old").write_text("old")
    os.chown(tree / "old", 1000, 33)
    (tree / "old").chmod(0o6750)
    changed_at(tree)
    with pytest.raises(Conflict, match="already") as caught:
        put("/", "old")
    assert caught.value.details == {"taken": "old"}
    assert (tree / "old").read_text() == "old"
    put("/", "old", overwrite=True)
    assert (tree / "old").read_text() == "new"
    assert modes(tree / "old") == (1000, 33, 0o750), "what was brought does not run as its owner"
    assert os.listdir(tree) == ["old"]


@both_ways
def test_whoever_reads_the_old_file_reads_all_of_it(tree, changed_at):
    (tree / "old").write_text("old")
    changed_at(tree)
    with (tree / "old").open() as file:
        put("/", "old", overwrite=True)
        assert file.read() == "old"


@both_ways
def test_a_name_that_is_taken_meanwhile_stays(tree, changed_at):
    changed_at(tree)

    def pieces():
        yield b"new"
        (tree / "name").write_text("somebody else's")

    with pytest.raises(Conflict, match="already"):
        put("/", "name", pieces())
    assert (tree / "name").read_text() == "somebody else's"
    assert os.listdir(tree) == ["name"]


@pytest.mark.parametrize("make", ["mkdir", "symlink", "mkfifo"])
def test_only_a_file_is_replaced(tree, changed_at, make):
    place = tree / "there"
    if make == "symlink":
        place.symlink_to("../outside")
    else:
        getattr(os, make)(place)
    before = os.lstat(place).st_mode
    changed_at(tree)
    with pytest.raises(Conflict, match="no file"):
        put("/", "there", overwrite=True)
    assert os.lstat(place).st_mode == before
    assert (tree.parent / "outside").read_text() == "secret"


@both_ways
def test_of_one_that_is_cut_off_nothing_stays(tree, changed_at):
    (tree / "old").write_text("old")
    changed_at(tree)

    def pieces():
        yield b"new"
        raise UploadBroken("The connection ended.")

    for name in ("new", "old"):
        with pytest.raises(UploadBroken):
            put("/", name, pieces(), overwrite=True)
    assert os.listdir(tree) == ["old"]
    assert (tree / "old").read_text() == "old"


def test_a_full_disk_is_said_to_and_nothing_stays(tree, changed_at, monkeypatch):
    changed_at(tree)

    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(partial.os, "write", full)
        with pytest.raises(NoSpace):
            put("/", "new")
    assert os.listdir(tree) == []
    put("/", "new")


def test_where_no_file_is_without_a_name_it_has_a_hidden_one(tree, changed_at, monkeypatch):
    changed_at(tree)
    real, seen = os.open, []

    def without_nameless(path, flags, *rest, **where):
        if flags & os.O_TMPFILE == os.O_TMPFILE:
            raise OSError(errno.EOPNOTSUPP, "Operation not supported")
        return real(path, flags, *rest, **where)

    def pieces():
        yield b"new"
        seen.extend(os.listdir(tree))

    monkeypatch.setattr(partial.os, "open", without_nameless)
    put("/", "new", pieces())
    assert [name[0] for name in seen] == ["."]
    assert os.listdir(tree) == ["new"]

    def broken():
        yield b"new"
        raise UploadBroken("The connection ended.")

    with pytest.raises(UploadBroken):
        put("/", "other", broken())
    assert os.listdir(tree) == ["new"]


@both_ways
def test_a_folder_that_is_removed_meanwhile_is_said_to(tree, changed_at):
    (tree / "folder").mkdir()
    changed_at(tree)

    def pieces():
        yield b"new"
        (tree / "folder").rmdir()

    with pytest.raises(NotFound):
        put("/folder", "new", pieces())


@pytest.mark.parametrize(
    "name", ["", ".", "..", "a/b", "/a", "../outside", "a\0b", "x" * 256, "ü" * 128]
)
def test_a_name_is_one_name(tree, changed_at, name):
    changed_at(tree)
    with pytest.raises(Invalid) as caught:
        put("/", name)
    assert set(caught.value.fields) == {"file"}
    assert os.listdir(tree) == []


def test_the_longest_name_can_be_uploaded(tree, changed_at):
    changed_at(tree)
    put("/", "x" * 255)
    assert os.listdir(tree) == ["x" * 255]


def test_the_name_of_a_jobs_folder_is_refused(tree, changed_at):
    changed_at(tree)
    with pytest.raises(Conflict, match="those of jobs"):
        put("/", ".container-monkey-1")


def test_a_full_disk_is_said_to_by_a_helper_and_nothing_stays(tree, docker, busybox):
    small = {
        "Type": "tmpfs",
        "Target": str(tree),
        "TmpfsOptions": {"SizeBytes": 1 << 20},
    }
    look = {"overwrite": False, "last_look": lambda: None}
    with helper_changes(tree, busybox, small) as changes:
        with pytest.raises(NoSpace, match="no space left"):
            changes.upload(("", "new"), iter(lambda: bytes(1 << 20), None), announced=0, **look)
        with pytest.raises(NoSpace, match="not enough space"):
            changes.upload(("", "new"), [b"new"], announced=2 << 20, **look)
        assert changes.volume.names_in("") == []
