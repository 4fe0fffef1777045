"""New folders, new names, and deleting."""

import os

import pytest

from containermonkey.problems import Conflict, Invalid, NotFound
from tests.images import build_with
from tests.volumes.files.conftest import make_deep, opened_in
from tests.volumes.files.writing.conftest import both_ways, helper_changes
from volumes.files.writing import deleting, removing
from volumes.files.writing.deleting import chosen, delete_files
from volumes.files.writing.making import make_folder
from volumes.files.writing.moving import move


@both_ways
def test_a_new_folder_is_as_its_owner_would_have_made_it(tree, changed_at):
    os.chown(tree, 1000, 33)
    tree.chmod(0o2770)
    changed_at(tree)
    entry = make_folder("data", "/", r"caf\xe9")
    assert (entry.name, entry.type) == (r"caf\xe9", "directory")
    status = (tree / os.fsdecode(b"caf\xe9")).stat()
    assert (status.st_uid, status.st_gid, status.st_mode & 0o7777) == (1000, 33, 0o2755)
    with pytest.raises(Conflict, match="already"):
        make_folder("data", "/", r"caf\xe9")


@pytest.mark.parametrize("name", ["", ".", "..", "a/b", r"a\x2fb", r"\x00", "x" * 256, "\ud800"])
def test_a_folder_is_called_by_one_name(tree, changed_at, name):
    changed_at(tree)
    with pytest.raises(Invalid) as caught:
        make_folder("data", "/", name)
    assert set(caught.value.fields) == {"name"}
    assert os.listdir(tree) == []


@both_ways
def test_a_file_is_renamed_and_moved(tree, changed_at):
    (tree / "folder").mkdir()
    (tree / "one").write_text("1")
    changed_at(tree)
    assert move("data", "/one", "/two").name == "two"
    assert move("data", "/two", "/folder/three").name == "three"
    assert (tree / "folder" / "three").read_text() == "1"
    assert os.listdir(tree) == ["folder"]
    assert move("data", "/folder/three", "folder//three").name == "three"


@both_ways
def test_a_new_name_that_is_taken_is_refused_unless_it_is_a_file_to_be_replaced(tree, changed_at):
    for name in ("one", "two"):
        (tree / name).write_text(name)
    (tree / "folder").mkdir()
    (tree / "link").symlink_to("folder")
    changed_at(tree)
    with pytest.raises(Conflict, match="already"):
        move("data", "/one", "/two")
    for there in ("folder", "link"):
        with pytest.raises(Conflict, match="no file"):
            move("data", "/one", f"/{there}", overwrite=True)
    with pytest.raises(Conflict):
        move("data", "/folder", "/two", overwrite=True)
    move("data", "/one", "/two", overwrite=True)
    assert (tree / "two").read_text() == "one"
    assert sorted(os.listdir(tree)) == ["folder", "link", "two"]


@both_ways
def test_a_folder_never_gets_into_itself(tree, changed_at):
    (tree / "a" / "b").mkdir(parents=True)
    changed_at(tree)
    with pytest.raises(Invalid, match="into itself"):
        move("data", "/a", "/a/b/c")


@both_ways
def test_a_name_may_hold_a_line_break(tree, changed_at):
    changed_at(tree)
    (tree / "file").write_text("old")
    assert move("data", "/file", "/line\nbreak").name == "line\\x0abreak"
    (gone, there) = delete_files("data", ["/no\\x0abreak", "/line\\x0abreak"])
    assert (gone.success, there.success) == (False, True)
    assert "holds no" in str(gone.error)


@both_ways
def test_a_link_is_renamed_itself(tree, changed_at):
    (tree / "link").symlink_to("../outside")
    changed_at(tree)
    assert move("data", "/link", "/moved").target == "../outside"
    assert (tree.parent / "outside").read_text() == "secret"


@both_ways
def test_what_is_not_there_is_neither_renamed_nor_deleted(tree, changed_at):
    changed_at(tree)
    with pytest.raises(NotFound, match="no “/gone”"):
        move("data", "/gone", "/new")
    with pytest.raises(NotFound):
        move("data", "/no/gone", "/new")
    (result,) = delete_files("data", ["/gone"])
    assert (result.success, result.path) == (False, "/gone")
    with pytest.raises(NotFound):
        chosen("data", ["/gone"])


def test_the_volume_itself_is_neither_renamed_nor_deleted(tree, changed_at):
    changed_at(tree)
    for path in ("", "/", "/./", "//"):
        with pytest.raises(Invalid):
            move("data", path, "/new")
        (result,) = delete_files("data", [path])
        assert not result.success
    assert tree.is_dir()


@both_ways
def test_several_are_deleted_and_one_that_fails_stops_no_other(tree, changed_at):
    (tree / "folder" / "below").mkdir(parents=True)
    (tree / "folder" / "below" / "file").touch()
    (tree / "file").touch()
    (tree / "kept").touch()
    changed_at(tree)
    results = delete_files("data", ["/folder", "/gone", "/file", "/file"])
    assert [(result.path, result.success) for result in results] == [
        ("/folder", True),
        ("/gone", False),
        ("/file", True),
    ]
    assert os.listdir(tree) == ["kept"]


@both_ways
def test_links_in_what_is_deleted_lead_to_no_loss(tree, changed_at):
    (tree / "folder" / "below").mkdir(parents=True)
    (tree / "other").mkdir()
    (tree / "other" / "kept").write_text("kept")
    (tree / "folder" / "out").symlink_to("../../outside")
    (tree / "folder" / "below" / "beside").symlink_to("../../other")
    (tree / "folder" / "below" / "up").symlink_to(tree.parent)
    os.mkfifo(tree / "folder" / "pipe")
    (tree / "link").symlink_to("other")
    changed_at(tree)
    assert all(result.success for result in delete_files("data", ["/folder", "/link"]))
    assert os.listdir(tree) == ["other"]
    assert (tree / "other" / "kept").read_text() == "kept"
    assert (tree.parent / "outside").read_text() == "secret"


def test_a_folder_deeper_than_any_path_is_counted_and_deleted(tree, changed_at):
    (tree / "folder").mkdir()
    make_deep(tree / "folder", 1000)
    changed_at(tree)
    assert chosen("data", ["/folder"])[0].inside == 2000
    assert delete_files("data", ["/folder"])[0].success
    assert os.listdir(tree) == []
    assert not opened_in(tree)


def test_a_large_folder_is_deleted_with_a_bounded_number_of_names_at_a_time(
    tree, changed_at, monkeypatch
):
    (tree / "folder" / "below").mkdir(parents=True)
    for number in range(500):
        (tree / "folder" / f"{number}").touch()
        (tree / "folder" / "below" / f"{number}").mkdir()
        (tree / "folder" / "below" / f"{number}" / "file").touch()
    changed_at(tree)
    monkeypatch.setattr(removing, "AT_ONCE", 7)
    assert delete_files("data", ["/folder"])[0].success
    assert os.listdir(tree) == []


@both_ways
def test_counting_ends_where_it_takes_long(tree, changed_at, monkeypatch):
    for name in ("a", "b"):
        (tree / name).mkdir()
        for number in range(10):
            (tree / name / f"{number}").touch()
    (tree / "file").touch()
    changed_at(tree)
    found = chosen("data", ["/a", "/b", "/file"])
    assert [each.inside for each in found] == [10, 10, None]
    monkeypatch.setattr(deleting, "MOST_COUNTED", 15)
    assert [each.inside for each in chosen("data", ["/a", "/b"])] == [10, 5]


def test_a_folder_into_which_somebody_writes_is_tried_again_and_then_said_to(
    tree, changed_at, monkeypatch
):
    (tree / "folder").mkdir()
    changed_at(tree)
    monkeypatch.setattr(removing, "empty", lambda top: (tree / "folder" / "new").touch())
    (result,) = delete_files("data", ["/folder"])
    assert "something writes into it" in result.error


@pytest.mark.parametrize("paths", [[], ["/x"] * 501])
def test_not_none_and_not_too_many_are_deleted(tree, changed_at, paths):
    changed_at(tree)
    with pytest.raises(Invalid) as caught:
        delete_files("data", paths)
    assert set(caught.value.fields) == {"paths"}


GNU = ["cat", "chmod", "chown", "dd", "find", "ln", "mkdir", "mv", "realpath", "rm", "stat", "sync"]


def test_programs_of_gnu_do_as_well_as_those_of_busybox(tree, docker):
    build_with(docker, "gnu:1", [*GNU, "head", "tar", "xargs"])
    odd = os.fsdecode(b"caf\xe9")
    (tree / "li'nk\n").symlink_to("it's -> x")
    (tree / odd).mkdir()
    look = dict.fromkeys(("announced",), 0) | {"last_look": lambda: None}
    with helper_changes(tree, "gnu:1") as changes:
        assert not changes.holds_working_folder()
        for overwrite in (False, True):
            entry = changes.upload((odd, "one"), [b"new"], overwrite=overwrite, **look)
            assert (entry.name, entry.size) == ("one", 3)
        with pytest.raises(Conflict, match="already"):
            changes.upload((odd, "one"), [b"new"], overwrite=False, **look)
        assert changes.make_folder("", "folder").mode == 0o755
        assert changes.move(("", odd), ("folder", "moved"), overwrite=False).name == "moved"
        for path in ("gone", "folder/moved/one/below"):
            with pytest.raises(NotFound):
                changes.check_folder(path)
        assert changes.count([("", "folder"), ("", "li'nk\n")], 100) == [2, None]
        assert changes.volume.names_in("") == ["folder", "li'nk\n"]
        assert changes.volume.status("li'nk\n").target == "it's -> x"
        gone, done = changes.delete([("", "gone"), ("", "folder")])
        assert (isinstance(gone, NotFound), done) == (True, None)
        changes.settle()
    assert os.listdir(tree) == ["li'nk\n"]
