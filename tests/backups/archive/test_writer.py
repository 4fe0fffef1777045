import errno
import os
import resource
import tarfile
from concurrent.futures import ProcessPoolExecutor
from hashlib import sha256
from multiprocessing import get_context
from pathlib import Path

import pytest

from backups.archive import partial
from backups.archive.errors import DamagedStream
from backups.archive.members import TRAILER_SIZE, decode_trailer
from backups.archive.reader import ArchiveReader
from backups.archive.verify import verify
from backups.archive.writer import ArchiveWriter
from tests.backups.archive.tars import (
    MANIFEST,
    MTIME,
    entry,
    in_chunks,
    some_volume,
    tar_of,
    volume_tar,
    write_archive,
)


def begun(path, **arguments) -> ArchiveWriter:
    writer = ArchiveWriter(path, **arguments)
    writer.add_file("backup/manifest.json", MANIFEST, MTIME)
    return writer


def test_a_tree_is_counted(tmp_path):
    tar = some_volume("data")
    with begun(tmp_path / "a.tar.gz") as archive:
        part = archive.add_tree("data", in_chunks(tar, 700))
    assert (part.entries, part.files) == (8, 3)
    assert part.content_size == len(b"hello\n") + 3000 + len(b"long name")
    assert part.sha256 == sha256(tar[512:-1024]).hexdigest()
    assert part.tar_size == len(tar) - 1536


def test_the_size_and_sum_of_the_finished_file_are_its_own(tmp_path):
    path = tmp_path / "a.tar.gz"
    finished = write_archive(path, {"data": some_volume()})
    assert finished.path == path
    assert finished.size == path.stat().st_size
    assert decode_trailer(path.read_bytes()[-TRAILER_SIZE:]) == finished.trailer


def test_the_same_content_makes_the_same_file_however_it_arrives(tmp_path):
    tar = some_volume()
    files = [
        write_archive(tmp_path / f"{chunk}.tar.gz", {"data": tar}, chunk=chunk).path
        for chunk in (1, 511, 512, 513, 100_000)
    ]
    assert len({file.read_bytes() for file in files}) == 1


def test_until_it_is_finished_there_is_only_a_partial_file(tmp_path):
    path = tmp_path / "a.tar.gz"
    with begun(path) as archive:
        assert [file.name for file in tmp_path.iterdir()] == ["a.tar.gz.partial"]
        archive.finish({})
    assert [file.name for file in tmp_path.iterdir()] == ["a.tar.gz"]


def test_leaving_without_finishing_leaves_nothing(tmp_path):
    with begun(tmp_path / "a.tar.gz") as archive:
        archive.add_tree("data", [some_volume()])
    assert list(tmp_path.iterdir()) == []


def test_a_failure_leaves_nothing(tmp_path):
    with pytest.raises(DamagedStream), begun(tmp_path / "a.tar.gz") as archive:
        archive.add_tree("data", [some_volume()[:-600]])
    assert list(tmp_path.iterdir()) == []


def test_nothing_can_be_finished_after_a_part_that_failed(tmp_path):
    with begun(tmp_path / "a.tar.gz") as archive:
        with pytest.raises(DamagedStream):
            archive.add_tree("data", [some_volume()[:-600]])
        with pytest.raises(ValueError, match="no part that failed"):
            archive.finish({})


def test_an_archive_that_is_there_is_not_touched(tmp_path):
    path = tmp_path / "a.tar.gz"
    path.write_bytes(b"precious")
    with pytest.raises(FileExistsError):
        ArchiveWriter(path)
    assert [file.name for file in tmp_path.iterdir()] == ["a.tar.gz"]


def test_a_name_that_is_taken_meanwhile_is_not_overwritten(tmp_path):
    path = tmp_path / "a.tar.gz"
    with pytest.raises(FileExistsError), begun(path) as archive:
        path.write_bytes(b"precious")
        archive.finish({})
    assert path.read_bytes() == b"precious"
    assert [file.name for file in tmp_path.iterdir()] == ["a.tar.gz"]


def test_a_file_system_without_hard_links_will_do(tmp_path, monkeypatch):
    def refuse(*_):
        raise OSError(errno.EPERM, "no hard links here")

    monkeypatch.setattr("pathlib.Path.hardlink_to", refuse)
    finished = write_archive(tmp_path / "a.tar.gz", {"data": some_volume()})
    assert verify(finished.path, written=finished.trailer)
    with pytest.raises(FileExistsError), begun(tmp_path / "b.tar.gz") as archive:
        (tmp_path / "b.tar.gz").write_bytes(b"precious")
        archive.finish({})
    assert (tmp_path / "b.tar.gz").read_bytes() == b"precious"
    assert sorted(file.name for file in tmp_path.iterdir()) == ["a.tar.gz", "b.tar.gz"]


def test_a_name_that_is_taken_while_the_writer_begins_is_found_out_at_once(tmp_path, monkeypatch):
    path, original = tmp_path / "a.tar.gz", os.open

    def after_somebody_else(*arguments, **options):
        path.write_bytes(b"somebody else's")
        return original(*arguments, **options)

    monkeypatch.setattr(os, "open", after_somebody_else)
    with pytest.raises(FileExistsError):
        ArchiveWriter(path)
    assert [file.name for file in tmp_path.iterdir()] == ["a.tar.gz"]
    assert path.read_bytes() == b"somebody else's"


def test_another_writers_partial_file_is_not_touched(tmp_path):
    partial = tmp_path / "a.tar.gz.partial"
    partial.write_bytes(b"being written")
    with pytest.raises(FileExistsError):
        ArchiveWriter(tmp_path / "a.tar.gz")
    assert partial.read_bytes() == b"being written"


def test_what_another_clean_up_made_room_for_stays(tmp_path, monkeypatch):
    path = tmp_path / "a.tar.gz.partial"
    path.write_bytes(b"left")
    os.utime(path, (0, 0))

    def after_the_other(file):
        path.unlink()
        path.write_bytes(b"a new one")
        return hold(file)

    hold = partial.hold
    monkeypatch.setattr(partial, "hold", after_the_other)
    assert partial.remove_left_over([path]) == []
    assert path.read_bytes() == b"a new one"


def test_a_full_disk_is_told_as_it_is(tmp_path, monkeypatch):
    real_write = os.write
    left = 3 << 20

    def write(descriptor, data):
        nonlocal left
        if not left:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        written = real_write(descriptor, data[:left])
        left -= written
        return written

    monkeypatch.setattr("os.write", write)
    noise = os.urandom(1 << 20)
    tar = volume_tar("data", *(entry(f"volumes/data/{n}", noise) for n in range(12)))
    with pytest.raises(OSError, match="No space left") as raised, begun(tmp_path / "a") as archive:
        archive.add_tree("data", in_chunks(tar, 1 << 18))
    assert raised.value.errno == errno.ENOSPC
    assert list(tmp_path.iterdir()) == []


def test_what_brings_the_blocks_can_end_it(tmp_path):
    def stopped():
        yield some_volume()[:1000]
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt), begun(tmp_path / "a.tar.gz") as archive:
        archive.add_tree("data", stopped())
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["../up", "/abs", "backup//x", "backup/index.json", "a\nb", ""])
def test_a_part_has_a_plain_name(tmp_path, name):
    with (
        begun(tmp_path / "a.tar.gz") as archive,
        pytest.raises(ValueError, match=r"name of a part|written by"),
    ):
        archive.add_file(name, b"", MTIME)


def test_no_part_comes_twice_and_none_before_the_manifest(tmp_path):
    with ArchiveWriter(tmp_path / "a.tar.gz") as archive:
        with pytest.raises(ValueError, match="manifest comes first"):
            archive.add_file("backup/README.txt", b"", MTIME)
        archive.add_file("backup/manifest.json", MANIFEST, MTIME)
        with pytest.raises(ValueError, match="cannot be the name"):
            archive.add_file("backup/manifest.json", MANIFEST, MTIME)
        archive.add_tree("data", [some_volume()])
        with pytest.raises(ValueError, match="cannot be a tree's key"):
            archive.add_tree("data", [some_volume()])


def test_an_image_is_stored_below_its_prefix_with_links_that_still_hold(tmp_path):
    layer = tar_of(
        entry("./"),
        entry("a/"),
        entry("a/file", b"x" * 700),
        entry("a/hard", type=tarfile.LNKTYPE, linkname="a/file"),
        entry("a/soft", type=tarfile.SYMTYPE, linkname="../b"),
        entry(f"{'l' * 99}/deep", b"long"),
    )
    path = tmp_path / "a.tar.gz"
    write_archive(path, {}, layer, chunk=333)
    with tarfile.open(path) as opened:
        stored = {info.name: info for info in opened if info.name.startswith("image/")}
    assert list(stored) == [
        "image/a", "image/a/file", "image/a/hard", "image/a/soft", f"image/{'l' * 99}/deep",
    ]  # fmt: skip
    assert stored["image/a/hard"].linkname == "image/a/file"
    assert stored["image/a/soft"].linkname == "../b"


def test_memory_does_not_grow_with_the_volume(tmp_path):
    """160 MiB go through a process of its own, which grows by less than half of that."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as process:
        assert process.submit(peak_of_a_round, tmp_path / "a.tar.gz").result() < 75 << 20


def peak_of_a_round(path: Path) -> int:
    """The bytes by which this process grows while it writes, checks and reads a large volume."""
    noise = os.urandom(1 << 20)

    def stream():
        head = entry("volumes/data/big")[0]
        head.size = 160 << 20
        yield volume_tar("data")[:1024]
        yield head.tobuf(tarfile.PAX_FORMAT)
        for number in range(160):
            yield noise if number % 2 else bytes(1 << 20)
        yield bytes(1024)

    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with begun(path) as archive:
        archive.add_tree("data", stream())
        archive.finish({})
    verify(path)
    with ArchiveReader(path) as reader:
        assert sum(len(block) for block in reader.tree_stream("data")) > 160 << 20
    return (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) << 10
