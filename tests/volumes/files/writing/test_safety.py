"""Nothing is changed outside of a volume, whatever was put into it and whatever is asked for."""

import os
import subprocess
import threading
from pathlib import Path

import pytest

from containermonkey.problems import Conflict, Invalid, NotFound, Problem
from tests.volumes.files.test_safety import LEADING_OUT, crafted  # noqa: F401
from tests.volumes.files.writing.conftest import both_ways, helper_changes, put
from tests.waiting import wait_for
from volumes.files.writing.deleting import chosen, delete_files
from volumes.files.writing.making import make_folder
from volumes.files.writing.moving import move
from volumes.files.writing.uploads import Target, upload


def delete(path: str) -> None:
    (result,) = delete_files("data", [path])
    if not result.success:
        raise Invalid(str(result.error))


INTO = {
    "upload": lambda path: put(path, "new"),
    "overwrite": lambda path: put(path, "outside", overwrite=True),
    "folder": lambda path: make_folder("data", path, "new"),
    "rename out": lambda path: move("data", "/file", f"{path}/new"),
    "rename over": lambda path: move("data", "/file", f"{path}/outside", overwrite=True),
    "rename in": lambda path: move("data", f"{path}/outside", "/taken"),
    "delete": lambda path: delete(f"{path}/outside"),
    "count": lambda path: chosen("data", [f"{path}/outside"]),
}
"""What may be done in a folder, by its path."""


def everything_in(folder: Path) -> list[tuple[str, int, int]]:
    return sorted(
        (str(path), path.lstat().st_ino, path.lstat().st_mode) for path in folder.rglob("*")
    )


@pytest.fixture
def planted(crafted: Path, changed_at) -> Path:  # noqa: F811
    changed_at(crafted)
    return crafted


@pytest.mark.parametrize("path", LEADING_OUT)
@pytest.mark.parametrize("act", INTO)
def test_no_path_leads_out(planted, act, path):
    before = everything_in(planted.parent)
    with pytest.raises((Invalid, NotFound)):
        INTO[act](path)
    assert everything_in(planted.parent) == before
    assert (planted.parent / "outside").read_text() == "secret"


@pytest.mark.parametrize("name", ["..", "../outside", "/etc/new", r"\x2e\x2e", r"..\x2foutside"])
@pytest.mark.parametrize("act", ["folder", "rename"])
def test_no_name_leads_out(planted, act, name):
    before = everything_in(planted.parent)
    with pytest.raises((Invalid, NotFound)):
        if act == "folder":
            make_folder("data", "/", name)
        else:
            move("data", "/file", f"/{name}")
    assert everything_in(planted.parent) == before


@both_ways
def test_a_link_to_the_outside_is_deleted_itself(planted):
    delete("/up")
    delete("/absolute")
    assert not os.path.lexists(planted / "up")
    assert (planted.parent / "outside").read_text() == "secret"


def exchanging(tree: Path, done: threading.Event) -> None:
    """Exchange a folder and a link to the outside, as a container could."""
    while not done.is_set():
        for first, second in (("folder", "aside"), ("link", "folder")):
            (tree / first).rename(tree / second)
        for first, second in (("folder", "link"), ("aside", "folder")):
            (tree / first).rename(tree / second)


@pytest.fixture
def exchanged(tree, changed_at) -> Path:
    """A volume in which `folder` is a link to the outside at every other moment."""
    (tree / "folder").mkdir()
    (tree / "link").symlink_to("..")
    (tree / "file").write_text("inside")
    changed_at(tree)
    done = threading.Event()
    thread = threading.Thread(target=exchanging, args=(tree, done))
    thread.start()
    yield tree
    done.set()
    thread.join()


@pytest.mark.parametrize("act", ["overwrite", "folder", "rename over", "delete"])
def test_a_link_that_is_swapped_in_meanwhile_leads_nowhere(exchanged, act):
    outside, problems = exchanged.parent, 0
    for _ in range(300):
        try:
            INTO[act]("/folder")
        except Problem:
            problems += 1
        (exchanged / "file").write_text("inside")
    assert problems
    assert sorted(os.listdir(outside)) == ["outside", "root"]
    assert (outside / "outside").read_text() == "secret"


@pytest.fixture
def mounted(tree, changed_at) -> Path:
    """A volume in a folder of which another file system is mounted."""
    place = tree / "folder" / "below" / "deeper" / "mounted"
    place.mkdir(parents=True)
    (place.parent / "beside").touch()
    subprocess.run(["mount", "-t", "tmpfs", "tmpfs", place], check=True)
    (place / "other").write_text("theirs")
    changed_at(tree)
    yield place
    subprocess.run(["umount", place], check=True)


def test_another_file_system_is_never_deleted(mounted):
    for path in ("/folder", "/folder/below/deeper/mounted", "/folder/below/deeper/mounted/other"):
        (result,) = delete_files("data", [path])
        assert not result.success
        assert result.error
    assert (mounted / "other").read_text() == "theirs"
    assert sorted(os.listdir(mounted.parent)) == ["beside", "mounted"]
    assert os.listdir(mounted.parents[2]) == ["below"]


def test_a_single_file_that_is_mounted_keeps_its_folder_whole(tree, changed_at):
    folder = tree / "folder of files"
    (folder / "inner").mkdir(parents=True)
    (folder / "first").touch()
    for path in (tree / "theirs", folder / "inner" / "mounted"):
        path.touch()
    mounted = folder / "inner" / "mounted"
    subprocess.run(["mount", "--bind", tree / "theirs", mounted], check=True)
    try:
        changed_at(tree)
        (result,) = delete_files("data", ["/folder of files"])
        assert "another file system is mounted" in (result.error or "")
        assert sorted(os.listdir(folder)) == ["first", "inner"]
    finally:
        subprocess.run(["umount", mounted], check=True)


def test_nothing_is_put_where_another_file_system_is_mounted(mounted):
    for act in ("upload", "folder", "rename out"):
        (mounted.parents[3] / "file").touch()
        with pytest.raises((Invalid, Conflict, NotFound)):
            INTO[act]("/folder/below/deeper/mounted")
    assert os.listdir(mounted) == ["other"]


@pytest.mark.parametrize("changed_at", ["helper"], indirect=True)
def test_no_path_leads_out_of_a_helper(planted):
    before = everything_in(planted.parent)
    for path in LEADING_OUT:
        with pytest.raises((Invalid, NotFound)):
            INTO["folder"](path)
    for act in INTO:
        with pytest.raises((Invalid, NotFound)):
            INTO[act]("/chain-of-folders")
    assert everything_in(planted.parent) == before
    assert (planted.parent / "outside").read_text() == "secret"


def test_a_helper_changes_no_other_file_system(tree, docker, busybox):
    folder = tree / "folder of files"
    for place in (folder / "inner", tree / "mounted"):
        place.mkdir(parents=True)
    for file in (folder / "inner" / "file", folder / "beside", tree / "theirs", tree / "file"):
        file.touch()
    one = {
        "Type": "bind",
        "Source": str(tree / "theirs"),
        "Target": str(folder / "inner" / "file"),
    }
    memory = {"Type": "tmpfs", "Target": str(tree / "mounted")}
    with helper_changes(tree, busybox, one, memory) as changes:
        spots = [("", "folder of files"), ("folder of files/inner", "file"), ("", "mounted")]
        for outcome in changes.delete([*spots, ("mounted", "x")]):
            assert isinstance(outcome, (Conflict, Invalid))
        with pytest.raises(Invalid, match="by a link or a mount"):
            changes.make_folder("mounted", "new")
        with pytest.raises(Invalid, match="by a link or a mount"):
            changes.move(("", "file"), ("mounted", "file"), overwrite=False)
    assert sorted(os.listdir(folder)) == ["beside", "inner"]
    assert sorted(os.listdir(tree)) == ["file", "folder of files", "mounted", "theirs"]


@pytest.mark.parametrize("planted_as", ["link", "file"])
def test_what_takes_the_place_of_a_file_that_arrives_gets_no_other_owner(
    tree, busybox, monkeypatch, planted_as
):
    """Who owns the top of a volume may rename all that is in it, and so a hidden folder, too."""
    monkeypatch.setattr("accounts.audit.record", lambda *arguments, **details: None)
    monkeypatch.setattr("volumes.files.writing.uploads.refuse_in_work", lambda name: None)
    secret = tree / "secret"
    secret.write_text("secret")
    secret.chmod(0o600)
    os.chown(tree, 1000, 1000)

    def arriving():
        yield b"new"
        (hidden,) = tree.glob(".*.partial")
        wait_for((hidden / "file").exists, "the file to be begun")
        hidden.rename(tree / "aside")
        hidden.mkdir()
        if planted_as == "link":
            (hidden / "file").symlink_to("../secret")
        else:
            os.link(secret, hidden / "file")
        yield b"er"

    with helper_changes(tree, busybox) as changes:
        target = Target("data", changes, "", overwrite=False)
        with pytest.raises(Conflict, match="exchanged"):
            upload(target, "new", arriving())
    assert (secret.stat().st_uid, secret.stat().st_mode & 0o777) == (0, 0o600)
    assert secret.read_text() == "secret"
    assert sorted(path.name for path in tree.iterdir()) == ["aside", "secret"]
