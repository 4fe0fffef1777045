"""Streams of GNU tar, which can carry more than the Engine's, are understood and left alone."""

import subprocess
import tarfile
from pathlib import Path

import pytest

from backups.archive.reader import ArchiveReader
from backups.archive.tarwalk import TarWalker
from backups.archive.verify import verify
from tests.backups.archive.tars import in_chunks, write_archive

EVERYTHING = ["--numeric-owner", "--xattrs", "--xattrs-include=*", "--acls", "--sparse"]


@pytest.fixture
def source(tmp_path) -> Path:
    """A directory whose files need every extension there is."""
    root = tmp_path / "source" / "volumes" / "data"
    root.mkdir(parents=True)
    with (root / "holes").open("wb") as file:
        for piece in range(40):
            file.seek(piece << 20)
            file.write(b"data")
        file.truncate(50 << 20)
    with (root / ("s" * 120)).open("wb") as file:
        file.truncate(1 << 20)
    (root / ("n" * 240)).write_bytes(b"x" * 600)
    (root / "GNU.sparse.").mkdir()
    (root / "GNU.sparse." / ("d" * 120)).mkdir()
    (root / "link").symlink_to("t" * 300)
    (root / "hard").hardlink_to(root / ("n" * 240))
    (root / "späße").write_bytes(b"")
    return tmp_path / "source"


def packed(source: Path, *options: str) -> bytes:
    return subprocess.run(
        ["tar", "--create", *options, f"--directory={source}", "volumes/data"],
        capture_output=True,
        check=True,
    ).stdout


@pytest.mark.parametrize("chunk", [512, 1000, 1 << 20])
@pytest.mark.parametrize("format", ["gnu", "posix", "oldgnu"])
def test_what_is_found_is_what_pythons_tarfile_finds(source, tmp_path, format, chunk):
    tar = packed(source, f"--format={format}", *(EVERYTHING if format == "posix" else ["--sparse"]))
    (tmp_path / "a.tar").write_bytes(tar)
    walker = TarWalker()
    found = [entry for piece in in_chunks(tar, chunk) for entry in walker.feed(piece)]
    walker.close()
    with tarfile.open(tmp_path / "a.tar") as opened:
        expected = opened.getmembers()
    assert [entry.name.decode() for entry in found] == [info.name for info in expected]
    assert [entry.link.decode() for entry in found] == [info.linkname for info in expected]
    assert [entry.size for entry in found] == [info.size for info in expected]
    assert [entry.mode for entry in found] == [info.mode for info in expected]
    # Python's reader loses where a sparse file of the pax format begins.
    starts = [entry.start for entry in found if not entry.sparse]
    assert starts == [info.offset for info in expected if not info.sparse]


@pytest.mark.parametrize("format", ["gnu", "posix"])
def test_a_sparse_file_comes_back_with_its_holes(source, tmp_path, format):
    path = tmp_path / "a.tar.gz"
    write_archive(path, {"data": packed(source, f"--format={format}", "--sparse")})
    verify(path)
    out = tmp_path / "out"
    out.mkdir()
    with ArchiveReader(path) as archive:
        tar = b"".join(archive.tree_stream("data"))
        listed = {file.name: file for file in archive.list_files("data").entries}
    subprocess.run(["tar", "--extract", f"--directory={out}"], input=tar, check=True)
    original, restored = (folder / "volumes/data/holes" for folder in (source, out))
    assert restored.read_bytes() == original.read_bytes()
    assert restored.stat().st_blocks < 1000
    assert listed["holes"].size == 50 << 20
    assert path.stat().st_size < 100_000


def test_a_file_of_more_than_8_gib_is_stepped_over_by_its_real_size(tmp_path):
    folder = tmp_path / "source" / "volumes" / "data"
    folder.mkdir(parents=True)
    with (folder / "huge").open("wb") as file:
        file.truncate(9 << 30)
    for format in ("gnu", "posix"):
        head = packed(tmp_path / "source", f"--format={format}", "--sparse")
        walker = TarWalker()
        entries = walker.feed(head)
        assert [entry.size for entry in entries][-1] == 9 << 30
        walker.close()
    for format in (tarfile.GNU_FORMAT, tarfile.PAX_FORMAT):
        info = tarfile.TarInfo("volumes/data/huge")
        info.size = 9 << 30
        (entry,) = TarWalker().feed(info.tobuf(format))
        assert entry.end - entry.data == 9 << 30
