import io
import json
import os
import tarfile

import pytest

from backups.archive.errors import DamagedArchive, NotAnArchive, UnfinishedArchive
from backups.archive.reader import ArchiveReader
from containermonkey.problems import NotFound, TooLarge
from tests.backups.archive.tars import (
    MANIFEST,
    entry,
    image_tar,
    names_in,
    some_volume,
    volume_tar,
    write_archive,
)


def test_the_manifest_and_the_parts_are_there_at_once(archive):
    with ArchiveReader(archive) as reader:
        assert reader.manifest == json.loads(MANIFEST)
        assert [part.name for part in reader.index.parts] == [
            "backup/manifest.json",
            "backup/README.txt",
            "volumes/data",
            "volumes/logs",
            "image",
            "backup/files/data.tsv",
            "backup/files/logs.tsv",
        ]
        assert reader.index.extra == {"note": "extra"}
        assert reader.read_file("backup/README.txt") == b"Unpack me.\n"


def test_opening_reads_neither_volumes_nor_image(tmp_path, monkeypatch):
    noise = os.urandom(20 << 20)
    path = tmp_path / "a.tar.gz"
    write_archive(path, {"data": volume_tar("data", entry("volumes/data/x", noise))}, chunk=1 << 20)
    real_pread, read = os.pread, []

    def pread(descriptor, size, offset):
        read.append(size)
        return real_pread(descriptor, size, offset)

    monkeypatch.setattr("os.pread", pread)
    with ArchiveReader(path) as reader:
        assert reader.list_files("data").total == 1
    assert sum(read) < 10_000


def test_a_volume_comes_back_byte_for_byte(tmp_path):
    volumes = {key: some_volume(key) for key in ("data", "logs")}
    write_archive(tmp_path / "a.tar.gz", volumes)
    with ArchiveReader(tmp_path / "a.tar.gz") as reader:
        for key, tar in volumes.items():
            assert b"".join(reader.tree_stream(key)) == tar[512:]


def test_the_image_comes_back_under_its_own_names(archive):
    with ArchiveReader(archive) as reader:
        assert reader.has_image()
        tar = b"".join(reader.image_stream())
    assert names_in(tar) == names_in(image_tar())
    with tarfile.open(fileobj=io.BytesIO(tar)) as image:
        assert image.getmember("link/layer.tar").linkname == "../" + "5d" * 32 + "/layer.tar"
        assert image.extractfile("5d" * 32 + "/layer.tar").read() == bytes(5000)
        assert image.getmember("link").mode == 0o700


def test_a_stream_can_be_left_before_its_end(archive):
    with ArchiveReader(archive) as reader:
        stream = reader.tree_stream("data")
        next(stream)
        stream.close()
        assert reader.read_file("backup/README.txt") == b"Unpack me.\n"


def test_what_is_not_there_is_not_found(archive, tmp_path):
    with ArchiveReader(archive) as reader:
        with pytest.raises(NotFound, match="no volume other"):
            reader.tree_stream("other")
        with pytest.raises(NotFound, match="no file backup/other"):
            reader.read_file("backup/other")
        with pytest.raises(NotFound, match="no volume other"):
            reader.list_files("other")
        with pytest.raises(NotFound, match="no file volumes/data"):
            reader.read_file("volumes/data")
    write_archive(tmp_path / "b.tar.gz", {})
    with ArchiveReader(tmp_path / "b.tar.gz") as reader:
        assert not reader.has_image()
        with pytest.raises(NotFound, match="does not hold the image"):
            reader.image_stream()


def test_a_file_larger_than_the_limit_is_not_read(archive):
    with ArchiveReader(archive) as reader, pytest.raises(TooLarge, match=r"data\.tsv is larger"):
        reader.read_file("backup/files/data.tsv", limit=10)


def test_a_directory_is_listed_page_by_page(tmp_path):
    files = [entry(f"volumes/data/dir/{n:03}", b"x" * n, mode=0o640) for n in range(250)]
    deeper = [entry("volumes/data/dir/sub/"), entry("volumes/data/dir/sub/file", b"")]
    tar = volume_tar("data", entry("volumes/data/dir/"), *files, *deeper, entry("volumes/data/zz"))
    write_archive(tmp_path / "a.tar.gz", {"data": tar})
    with ArchiveReader(tmp_path / "a.tar.gz") as reader:
        root = reader.list_files("data")
        assert [(file.name, file.type) for file in root.entries] == [
            ("dir", "directory"), ("zz", "file"),
        ]  # fmt: skip
        pages = [reader.list_files("data", "/dir", page, 100) for page in (1, 2, 3, 4)]
        assert [len(page.entries) for page in pages] == [100, 100, 51, 0]
        assert {page.total for page in pages} == {251}
        last = pages[2].entries[-2]
        assert (last.path, last.size, last.mode) == ("/dir/249", 249, 0o640)
        assert reader.list_files("data", "/dir/").total == 251
        assert reader.list_files("data", "/di").total == 0


def test_a_mode_is_listed_without_the_kind_that_old_engines_add(tmp_path):
    info, _ = entry("volumes/data/x")
    head = bytearray(info.tobuf(tarfile.USTAR_FORMAT))
    head[100:108], head[148:156] = b"0100640\0", b" " * 8
    head[148:156] = b"%06o\0 " % sum(head)
    tar = volume_tar("data")[:-1024] + bytes(head) + bytes(1024)
    write_archive(tmp_path / "a.tar.gz", {"data": tar})
    with ArchiveReader(tmp_path / "a.tar.gz") as reader:
        assert reader.list_files("data").entries[0].mode == 0o640


def test_odd_names_are_listed_and_can_be_opened(tmp_path):
    odd = "volumes/data/" + os.fsdecode(b"a\tb\nc\\d\xff\xc3\xa4")
    tar = volume_tar(
        "data",
        entry(odd + "/"),
        entry(odd + "/in", b"1"),
        entry("volumes/data/h", type=tarfile.LNKTYPE, linkname=odd + "/in"),
        entry("volumes/data/s", type=tarfile.SYMTYPE, linkname="a\nb"),
    )
    write_archive(tmp_path / "a.tar.gz", {"data": tar})
    with ArchiveReader(tmp_path / "a.tar.gz") as reader:
        folder, hard, soft = reader.list_files("data").entries
        assert folder.path == "/a\\x09b\\x0ac\\\\d\\xffä"
        assert [file.name for file in reader.list_files("data", folder.path).entries] == ["in"]
        assert (hard.type, hard.target) == ("hard link", folder.path + "/in")
        assert (soft.type, soft.target) == ("symlink", "a\\x0ab")


def test_the_offsets_of_the_list_are_those_of_the_plain_tar(archive):
    with ArchiveReader(archive) as reader, tarfile.open(archive) as opened:
        for key in ("data", "logs"):
            for file in reader.list_files(key).entries:
                assert opened.getmember(f"volumes/{key}{file.path}").offset == file.offset


@pytest.mark.parametrize("content", [b"", b"x", b"\x1f\x8b", b"PK\x03\x04" * 100, bytes(1 << 16)])
def test_another_file_is_no_archive(tmp_path, content):
    (tmp_path / "a.tar.gz").write_bytes(content)
    with pytest.raises(NotAnArchive, match="not a backup made by Container Monkey"):
        ArchiveReader(tmp_path / "a.tar.gz")


def test_another_tar_gz_is_no_archive(tmp_path):
    with tarfile.open(tmp_path / "a.tar.gz", "w:gz") as other:
        other.add(__file__, "backup/manifest.json")
    with pytest.raises(NotAnArchive) as raised:
        ArchiveReader(tmp_path / "a.tar.gz")
    assert raised.value.status == 400


def test_directories_and_pipes_are_no_archives(tmp_path):
    os.mkfifo(tmp_path / "fifo")
    for path in (tmp_path, tmp_path / "fifo"):
        with pytest.raises(NotAnArchive, match="not a file"):
            ArchiveReader(path)


def test_a_half_written_archive_is_unfinished(archive):
    archive.write_bytes(archive.read_bytes()[:-1])
    with pytest.raises(UnfinishedArchive, match="not complete"):
        ArchiveReader(archive)


def test_a_changed_byte_in_a_volume_is_found_where_it_is_read(archive):
    with ArchiveReader(archive) as reader:
        part = reader.index.tree("logs")
    content = bytearray(archive.read_bytes())
    content[part.file_offset + part.file_size // 2] ^= 4
    archive.write_bytes(content)
    with ArchiveReader(archive) as reader:
        assert b"".join(reader.tree_stream("data")).endswith(bytes(1024))
        with pytest.raises(DamagedArchive, match="damaged in volumes/logs"):
            list(reader.tree_stream("logs"))


def test_a_closed_archive_says_so(archive):
    reader = ArchiveReader(archive)
    reader.close()
    reader.close()
    with pytest.raises(ValueError, match="has been closed"):
        reader.read_file("backup/README.txt")
