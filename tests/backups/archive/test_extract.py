import io
import os
import subprocess
import tarfile

import pytest

from backups.archive.errors import DamagedArchive
from backups.archive.extract import content, subtree
from backups.archive.listing import Located
from backups.archive.reader import ArchiveReader
from tests.backups.archive.tars import entry, volume_tar, write_archive

BELOW = "volumes/data"


def link(name: str, to: str):
    return entry(f"{BELOW}/{name}", type=tarfile.LNKTYPE, linkname=f"{BELOW}/{to}")


@pytest.fixture
def archive(tmp_path):
    """A volume whose folder `sub` lies between others, with links in and out of it."""
    path = tmp_path / "a.tar.gz"
    volume = volume_tar(
        "data",
        entry(f"{BELOW}/a.txt", b"first\n", mode=0o640, uid=5),
        entry(f"{BELOW}/big", BIG),
        entry(f"{BELOW}/sub/", mode=0o2750),
        entry(f"{BELOW}/sub/inside", b"inside\n", pax_headers={"SCHILY.xattr.user.note": "ü"}),
        entry(f"{BELOW}/sub/deep/"),
        entry(f"{BELOW}/sub/deep/bad\udcff", b"bytes\n"),
        link("sub/same", "sub/inside"),
        link("sub/out", "a.txt"),
        link("sub/out-again", "a.txt"),
        entry(f"{BELOW}/sub/up", type=tarfile.SYMTYPE, linkname="../../../etc/passwd"),
        entry(f"{BELOW}/sub-not/"),
        entry(f"{BELOW}/sub-not/other", b"other\n"),
        entry(f"{BELOW}/z", b"last\n"),
    )
    write_archive(path, {"data": volume, "logs": volume_tar("logs")})
    with ArchiveReader(path) as reader:
        yield reader


BIG = os.urandom(5 << 20)


def located(archive, path):
    return archive.locate("data", path)[path]


def members(archive, path, name=b"got"):
    tar = b"".join(subtree(archive, "data", located(archive, path), name))
    with tarfile.open(fileobj=io.BytesIO(tar), errors="surrogateescape") as opened:
        return {
            info.name: (info, (file := opened.extractfile(info)) and info.isreg() and file.read())
            for info in opened
            if not info.issym()
        } | {info.name: (info, b"") for info in opened if info.issym()}


@pytest.mark.parametrize(
    ("path", "expected"),
    [("/a.txt", b"first\n"), ("/z", b"last\n"), ("/big", BIG), ("/sub/deep/bad\\xff", b"bytes\n")],
)
def test_a_file_has_its_content(archive, path, expected):
    assert b"".join(content(archive, "data", located(archive, path))) == expected


def test_only_the_members_that_hold_it_are_read(archive, monkeypatch):
    read = []
    monkeypatch.setattr(
        archive._source,
        "read",
        lambda offset, size, own=archive._source.read: read.append(size) or own(offset, size),
    )
    place = located(archive, "/a.txt")
    read.clear()
    b"".join(content(archive, "data", place))
    assert sum(read) < len(BIG) // 2


def test_a_folder_comes_with_all_that_is_below_it_and_nothing_else(archive):
    found = members(archive, "/sub")
    assert set(found) == {
        *("got", "got/inside", "got/deep", "got/deep/bad\udcff", "got/same", "got/out"),
        *("got/out-again", "got/up"),
    }
    assert found["got"][0].mode == 0o2750
    assert found["got/inside"][1] == b"inside\n"
    assert found["got/inside"][0].pax_headers["SCHILY.xattr.user.note"] == "ü"


def test_a_link_within_stays_a_link_and_one_to_outside_becomes_the_file(archive):
    found = members(archive, "/sub")
    assert found["got/same"][0].linkname == "got/inside"
    assert found["got/out"][0].isreg()
    assert found["got/out"][1] == b"first\n"
    assert found["got/out-again"][0].linkname == "got/out"


def test_attributes_come_as_they_are_whatever_their_names(tmp_path):
    root = tmp_path / "in" / "volumes" / "data"
    root.mkdir(parents=True)
    (root / "caf\udce9").write_bytes(b"")
    attributes = {b"user.\xff": b"\xff", b"user.binary": bytes(range(256))}
    for name, value in attributes.items():
        os.setxattr(root / "caf\udce9", name, value)
    tar = ["tar", "--xattrs", "--xattrs-include=*", "--format=posix"]
    packed = subprocess.run(
        [*tar, "-c", "-C", tmp_path / "in", "volumes/data"], check=True, capture_output=True
    ).stdout
    write_archive(tmp_path / "a.tar.gz", {"data": packed})
    with ArchiveReader(tmp_path / "a.tar.gz") as archive:
        out = b"".join(subtree(archive, "data", located(archive, "/"), b"out"))
    unpacked = subprocess.run(
        [*tar, "-x", "-C", tmp_path], input=out, check=True, capture_output=True
    )
    file = os.fsencode(tmp_path / "out") + b"/caf\xe9"
    assert {name: os.getxattr(file, name) for name in attributes} == attributes
    assert unpacked.stderr == b""


def test_the_last_folder_of_a_volume_ends_with_it(archive):
    assert set(members(archive, "/sub-not")) == {"got", "got/other"}


def test_a_whole_volume_is_a_folder_too(archive):
    found = members(archive, "/")
    assert found["got/a.txt"][0].uid == 5
    assert found["got/sub/out"][0].linkname == "got/a.txt"


def test_what_is_not_there_is_not_found(archive):
    assert archive.locate("data", "/no", "/sub/../a.txt", "a.txt", "") == {}


def test_holes_of_a_file_are_filled(tmp_path):
    volume = tmp_path / "in" / "volumes" / "data"
    volume.mkdir(parents=True)
    with (volume / "sparse").open("wb") as file:
        file.seek(3 << 20)
        file.write(b"end")
    for form in ("--format=posix", "--format=gnu"):
        packed = subprocess.run(
            ["tar", "c", "--sparse", form, "-C", tmp_path / "in", "volumes/data"],
            check=True,
            capture_output=True,
        ).stdout
        path = tmp_path / f"{form}.tar.gz"
        write_archive(path, {"data": packed})
        with ArchiveReader(path) as archive:
            place = archive.locate("data", "/sparse")["/sparse"]
            assert b"".join(content(archive, "data", place)) == bytes(3 << 20) + b"end"
            found = members(archive, "/")
            assert found["got/sparse"][1] == bytes(3 << 20) + b"end"


def test_a_list_is_believed_only_within_its_own_part(archive):
    place = located(archive, "/a.txt")
    beyond = Located(place.file, place.start, place.end + (1 << 40))
    with pytest.raises(DamagedArchive):
        list(archive.entries("data", beyond))
