"""Looking into a volume."""

import base64
import errno
import io
import os
import subprocess
import tarfile
from pathlib import Path

import pytest

from containermonkey.problems import Invalid, NotAllowed, NotFound
from tests.arrange import run_in
from tests.volumes.files.conftest import DEEP, make_deep, opened_in
from volumes.files import services, types, ways
from volumes.files.opening import held_root
from volumes.files.packing import CutShort
from volumes.files.services import beginning_of, content_of, explore
from volumes.files.writing.removing import remove


def taken(path: str) -> tuple[str, bytes]:
    content = content_of("data", path)
    return content.name, b"".join(content.pieces())


def test_a_folder_tells_everything_about_what_is_in_it(tree, opened_at):
    (tree / "folder").mkdir(mode=0o750)
    (tree / "file").write_bytes(b"12345")
    os.chown(tree / "file", 1000, 33)
    (tree / "file").chmod(0o4640)
    os.utime(tree / "file", (10**9, 10**9))
    (tree / "link").symlink_to("/etc/passwd")
    os.mkfifo(tree / "pipe")
    opened_at(tree)
    told = explore("data")
    assert (told.path, told.total) == ("/", 4)
    file, folder, link, pipe = told.entries
    assert (file.name, file.type, file.size, file.mode) == ("file", "file", 5, 0o4640)
    assert (file.uid, file.gid, file.modified.isoformat()) == (
        1000,
        33,
        "2001-09-09T01:46:40+00:00",
    )
    assert (folder.name, folder.type) == ("folder", "directory")
    assert (link.type, link.target) == ("symlink", "/etc/passwd")
    assert pipe.type == "other"


def test_a_large_folder_costs_a_look_at_each_entry_of_the_page(tree, opened_at, monkeypatch):
    for number in range(1000):
        (tree / f"{number:06}").touch()
    opened_at(tree)
    looked_at, look = [], os.lstat
    monkeypatch.setattr(os, "lstat", lambda *a, **k: (looked_at.append(a[0]), look(*a, **k))[1])
    told = explore("data", page=3)
    assert told.total == 1000
    assert [entry.name for entry in told.entries] == [f"{n:06}" for n in range(200, 300)]
    assert looked_at == [entry.name for entry in told.entries]
    assert explore("data", page=11).entries == []


def test_a_hundred_thousand_entries_are_a_folder_as_others(tree, opened_at, monkeypatch):
    opened_at(tree)
    names = [f"{number:06}" for number in range(100_000)]
    (tree / names[99_950]).touch()
    monkeypatch.setattr(os, "listdir", lambda folder: names)
    told = explore("data", page=1000)
    assert told.total == 100_000
    assert [entry.name for entry in told.entries] == ["099950"]


def test_a_name_that_is_not_utf_8_is_shown_and_comes_back(tree, opened_at):
    raw = b"caf\xe9\\\n"
    (Path(os.fsdecode(os.fsencode(tree) + b"/" + raw))).write_text("odd")
    opened_at(tree)
    name = explore("data").entries[0].name
    assert name == "caf\\xe9\\\\\\x0a"
    assert beginning_of("data", f"/{name}").content == "odd"
    assert taken(f"/{name}") == ("caf�\\\n", b"odd")


def test_a_file_of_any_age_can_be_told(tree, opened_at):
    (tree / "old").touch()
    os.utime(tree / "old", (-(2**31), -(2**31)))
    opened_at(tree)
    assert explore("data").entries[0].modified.year == 1901


@pytest.mark.parametrize(("seconds", "year"), [(10**15, 9999), (-(10**15), 1)])
def test_a_time_beyond_the_calendar_is_its_edge(seconds, year):
    assert types.moment_of(seconds).year == year


def test_a_link_that_is_exchanged_meanwhile_is_left_out(tree, opened_at, monkeypatch):
    (tree / "link").symlink_to("first")
    (tree / "file").touch()
    opened_at(tree)
    look = os.lstat

    def exchanging(name, **where):
        status = look(name, **where)
        if name == "link":
            (tree / "link").unlink()
            (tree / "link").touch()
        return status

    monkeypatch.setattr(os, "lstat", exchanging)
    assert [entry.name for entry in explore("data").entries] == ["file"]


def test_a_folder_that_cannot_be_read_breaks_the_download_off(tree, opened_at, monkeypatch):
    (tree / "folder").mkdir()
    opened_at(tree)
    scan = os.scandir

    def failing(folder):
        if os.fstat(folder).st_ino == (tree / "folder").stat().st_ino:
            raise OSError(errno.EIO, "Input/output error")
        return scan(folder)

    monkeypatch.setattr(os, "scandir", failing)
    with pytest.raises(OSError, match="Input/output"):
        taken("/")


def test_text_comes_as_text_and_all_else_in_base64(tree, opened_at):
    (tree / "text").write_text("ünï\n")
    (tree / "bytes").write_bytes(b"\xff\x00")
    (tree / "empty").touch()
    opened_at(tree)
    text = beginning_of("data", "text")
    assert (text.encoding, text.content, text.size, text.truncated) == ("utf-8", "ünï\n", 6, False)
    other = beginning_of("data", "bytes")
    assert (other.encoding, base64.b64decode(other.content)) == ("base64", b"\xff\x00")
    assert beginning_of("data", "empty").content == ""


def test_of_a_huge_file_only_the_first_mebibyte_is_read(tree, opened_at):
    with (tree / "huge").open("wb") as file:
        file.truncate(1 << 40)
    opened_at(tree)
    beginning = beginning_of("data", "huge")
    assert (beginning.size, beginning.truncated) == (1 << 40, True)
    assert len(beginning.content) == types.MOST_SHOWN
    content = content_of("data", "huge")
    pieces = content.pieces()
    assert content.size == 1 << 40
    assert len(next(pieces)) == 1 << 20
    pieces.close()


def test_a_letter_that_is_cut_through_does_not_make_text_bytes(tree, opened_at):
    (tree / "text").write_text("x" + "ü" * types.MOST_SHOWN)
    opened_at(tree)
    beginning = beginning_of("data", "text")
    assert beginning.encoding == "utf-8"
    assert beginning.content == "x" + "ü" * (types.MOST_SHOWN // 2 - 1)


def test_a_folder_comes_as_an_archive_that_tar_reads(tree, opened_at, tmp_path):
    odd = os.fsdecode(b"odd\xff")
    (tree / "folder" / "below").mkdir(parents=True)
    (tree / "folder" / odd).write_text("odd")
    (tree / "folder" / ("long" * 50)).write_bytes(b"x" * 3_000_000)
    (tree / "folder" / "out").symlink_to("../../outside")
    (tree / "folder" / "around").symlink_to(".")
    os.mkfifo(tree / "folder" / "pipe")
    os.chown(tree / "folder" / odd, 1000, 33)
    opened_at(tree)
    name, content = taken("folder")
    assert name == "folder.tar.gz"
    here = tmp_path / "here"
    here.mkdir()
    subprocess.run(["tar", "xzp", "-C", here], input=content, check=True)
    assert (here / "folder" / odd).read_text() == "odd"
    assert (here / "folder" / odd).stat().st_uid == 1000
    assert (here / "folder" / ("long" * 50)).stat().st_size == 3_000_000
    assert str((here / "folder" / "out").readlink()) == "../../outside"
    assert sorted(os.listdir(here / "folder")) == sorted(os.listdir(tree / "folder"))
    assert b"secret" not in content


def test_a_whole_volume_is_called_by_its_name(tree, opened_at):
    (tree / "first").write_text("one\n")
    opened_at(tree)
    name, content = taken("/")
    assert name == "data.tar.gz"
    with tarfile.open(fileobj=io.BytesIO(content)) as tar:
        assert tar.getnames() == ["data", "data/first"]


def test_a_file_that_becomes_shorter_breaks_the_download_off(tree, opened_at):
    opened_at(tree)
    for path in ("a", "/"):
        (tree / "a").write_bytes(os.urandom(4 << 20))
        pieces = content_of("data", path).pieces()
        next(pieces)
        os.truncate(tree / "a", 10)
        with pytest.raises(CutShort, match="shorter"):
            list(pieces)


def test_a_folder_deeper_than_any_path_is_downloaded_whole(tree, opened_at):
    depth = 1000
    make_deep(tree, depth)
    opened_at(tree)
    _, content = taken("/")
    with tarfile.open(fileobj=io.BytesIO(content)) as tar:
        names = tar.getnames()
    with held_root(services.place_of("data").directory) as root:
        remove(root, DEEP, is_folder=True)  # no other program can
    assert len(names) == 2 * depth + 1
    assert "data" + f"/{DEEP}" * depth in names


def test_leaving_a_download_closes_what_it_reads(tree, opened_at):
    for name in ("a", "b"):
        (tree / name).write_bytes(os.urandom(4 << 20))
    opened_at(tree)
    for path in ("a", "/"):
        pieces = content_of("data", path).pieces()
        next(pieces)
        assert opened_in(tree)
        pieces.close()
        assert not opened_in(tree)


# On a real Engine


def test_a_volume_is_read_whether_it_is_used_or_not(docker, root, make_container):
    assert [entry.name for entry in explore("data").entries] == ["first", "folder"]
    web = make_container("web", host={"binds": ["data:/data"]})
    run_in(docker, web, "touch", "/data/third")
    assert [entry.name for entry in explore("data").entries] == ["first", "folder", "third"]


def test_its_place_is_proven_once(docker, root, monkeypatch):
    explore("data")
    monkeypatch.setattr(ways, "is_ours", lambda *arguments: pytest.fail("proven again"))
    assert explore("data", "/folder").total == 2


def test_looking_leaves_nothing_on_the_engine(docker, root):
    ways._proven.clear()
    explore("data")
    assert docker.containers(all=True) == []
    assert [volume["Name"] for volume in docker.volumes()["Volumes"]] == ["data"]


def test_a_volume_that_was_made_anew_is_looked_at_anew(docker, root):
    explore("data")
    docker.remove_volume("data")
    with pytest.raises(NotFound):
        explore("data")
    docker.create_volume("data")
    assert explore("data").total == 0


def test_our_own_volume_is_not_shown(docker, root, make_container):
    labels = {"containermonkey.self": "true"}
    make_container("own", host={"binds": ["data:/data"]}, labels=labels, start=False)
    for act in (lambda: explore("data"), lambda: beginning_of("data", "first")):
        with pytest.raises(NotAllowed):
            act()
    with pytest.raises(NotAllowed):
        content_of("data", "/")


def test_a_file_is_no_folder_and_a_folder_no_file(root):
    with pytest.raises(Invalid, match="not a folder"):
        explore("data", "/first")
    with pytest.raises(Invalid, match="not a file"):
        beginning_of("data", "/folder")
