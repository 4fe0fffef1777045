"""An archive made to harm is refused, with every checksum in it right."""

import base64
import hashlib
import json
import struct

import pytest
from isal import igzip_lib, isal_zlib

from backups.archive.errors import ArchiveProblem, DamagedArchive
from backups.archive.members import (
    GZIP_HEAD,
    MEMBER_HEAD,
    MEMBER_ROW,
    MEMBER_TAIL,
    Trailer,
    encode_member,
    encode_trailer,
)
from backups.archive.reader import ArchiveReader
from backups.archive.rename import file_head, padding
from backups.archive.verify import verify
from tests.backups.archive.tars import MANIFEST, entry, some_volume, tar_of


def file_tar(name: str, content: bytes) -> bytes:
    return file_head(name, len(content), 0) + content + padding(len(content))


class Forger:
    """Puts archives together from parts of one block each, and lets every figure be changed."""

    def __init__(self) -> None:
        self.blocks: list[bytes] = []
        self.rows: list[tuple[int, int, int]] = []
        self.parts: list[dict] = []
        self.add("backup/manifest.json", "file", file_tar("backup/manifest.json", MANIFEST))

    def add(self, name: str, kind: str, tar: bytes, **fields) -> "Forger":
        member = encode_member(tar)
        self.parts.append(
            {
                "name": name,
                "kind": kind,
                "entries": 1,
                "files": 1,
                "content_bytes": 0,
                "bytes": len(tar),
                "sha256": hashlib.sha256(tar).hexdigest(),
                "first_member": len(self.rows),
                "members": 1,
            }
            | fields
        )
        self.blocks.append(member.data)
        self.rows.append(tuple(member.row))
        return self

    def add_tree(self, tar: bytes, entries: int, **fields) -> "Forger":
        fields = {"key": "data", "entries": entries, "files": 0} | fields
        self.add("volumes/data", "tree", tar, **fields)
        text = b"offset\ttype\tsize\tmode\tuid\tgid\tmtime\tpath\ttarget\n"
        name = "backup/files/data.tsv"
        return self.add(name, "file", file_tar(name, text), content_bytes=len(text))

    def document(self) -> dict:
        self.parts[0]["content_bytes"] = len(MANIFEST)
        table = b"".join(MEMBER_ROW.pack(*row) for row in self.rows)
        return {
            "format": "container-monkey-archive",
            "version": 1,
            "parts": self.parts,
            "members": {"count": len(self.rows), "table": base64.b64encode(table).decode()},
            "extra": {},
        }

    def write(self, path, document=None, **trailer):
        text = document if isinstance(document, bytes) else json.dumps(document or self.document())
        text = text if isinstance(text, bytes) else text.encode()
        tar = file_tar("backup/index.json", text) + bytes(1024)
        body, index = b"".join(self.blocks), encode_member(tar).data
        fields = {
            "index_offset": len(body),
            "index_size": len(index),
            "index_content": len(tar),
            "index_sha256": hashlib.sha256(index).digest(),
        }
        path.write_bytes(body + index + encode_trailer(Trailer(**(fields | trailer))))
        return path


@pytest.fixture
def path(tmp_path):
    return tmp_path / "forged.tar.gz"


def test_the_forger_can_make_a_sound_archive(path):
    tree = some_volume()[512:-1024]
    sizes = {"files": 3, "content_bytes": 3015}
    verify(Forger().add_tree(tree, 8, **sizes).write(path))


@pytest.mark.parametrize(
    "trailer",
    [
        {"index_offset": 1 << 60},
        {"index_offset": 0},
        {"index_size": 1 << 60},
        {"index_size": 0},
        {"index_content": 1 << 40},
        {"index_content": 512},
        {"index_sha256": bytes(32)},
    ],
)
def test_an_end_that_points_elsewhere_is_refused(path, trailer):
    with pytest.raises(DamagedArchive):
        ArchiveReader(Forger().write(path, **trailer))


JSON = [
    b"", b"{", b"[]", b"null", b"1", b'"x"', b"\xff", b"[" * 100_000, b"{}",
    b'{"format": "container-monkey-archive"}',
    b'{"format": "container-monkey-archive", "version": 2}',
]  # fmt: skip


@pytest.mark.parametrize("text", JSON, ids=lambda text: repr(text[:20]))
def test_an_index_of_another_shape_is_refused(path, text):
    with pytest.raises(DamagedArchive, match="index"):
        ArchiveReader(Forger().write(path, text))


@pytest.mark.parametrize("value", [None, -1, 0, 1.5, "1", True, [], {}, 1 << 63, 7])
@pytest.mark.parametrize("field", ["entries", "bytes", "first_member", "members", "files"])
def test_a_figure_of_another_kind_is_refused(path, field, value):
    forger = Forger().add("backup/x", "file", file_tar("backup/x", b"x"), content_bytes=1)
    forger.parts[1][field] = value
    with pytest.raises(DamagedArchive):
        verify(forger.write(path))


@pytest.mark.parametrize(
    "fields",
    [
        {"name": "../../etc/passwd"},
        {"name": "/etc/passwd"},
        {"name": None},
        {"name": ["x"]},
        {"name": "backup/index.json"},
        {"name": "backup/manifest.json"},
        {"kind": "other"},
        {"kind": "tree"},
        {"kind": "tree", "key": "../x"},
        {"kind": "tree", "key": "x"},
        {"kind": ["file"]},
        {"key": "x"},
        {"sha256": "A" * 64},
        {"sha256": None},
        {"sha256": "0" * 64},
    ],
    ids=str,
)
def test_a_part_that_is_not_described_properly_is_refused(path, fields):
    forger = Forger().add("backup/x", "file", file_tar("backup/x", b"x"), content_bytes=1)
    forger.parts[1] |= fields
    with pytest.raises(DamagedArchive):
        verify(forger.write(path))


@pytest.mark.parametrize("table", [None, 1, "?", "AAAA", "", "ä", base64.b64encode(bytes(12))])
def test_a_table_of_blocks_that_is_none_is_refused(path, table):
    forger = Forger()
    document = forger.document()
    document["members"]["table"] = table.decode() if isinstance(table, bytes) else table
    with pytest.raises(DamagedArchive):
        ArchiveReader(forger.write(path, document))


def test_a_block_that_claims_more_than_a_block_may_hold_is_refused(path):
    forger = Forger()
    forger.rows[0] = (forger.rows[0][0], 1 << 31, forger.rows[0][2])
    forger.parts[0]["bytes"] = 1 << 31
    with pytest.raises(DamagedArchive, match="a size that none can have"):
        ArchiveReader(forger.write(path))


def test_a_bomb_is_not_unpacked(path):
    """A block that states 1 KiB and unpacks to 1 GiB is given up after 1 KiB."""
    body = igzip_lib.compress(bytes(1 << 30), 2, flag=igzip_lib.COMP_DEFLATE)
    size = MEMBER_HEAD.size + len(body) + MEMBER_TAIL.size
    head = MEMBER_HEAD.pack(GZIP_HEAD, 12, b"CM", 8, size, 1024)
    bomb = head + body + struct.pack("<II", 0, 1024)
    forger = Forger()
    forger.blocks[0], forger.rows[0] = bomb, (len(bomb), 1024, isal_zlib.crc32(bomb))
    forger.parts[0]["bytes"] = 1024
    with pytest.raises(DamagedArchive, match="does not decompress to the size stated"):
        ArchiveReader(forger.write(path))


@pytest.mark.parametrize(
    "tar",
    [
        tar_of(entry("volumes/data/"), entry("volumes/data/../../etc/cron.d/x", b"")),
        tar_of(entry("volumes/data/"), entry("/etc/cron.d/x", b"")),
        tar_of(entry("volumes/data/"), entry("volumes/logs/x", b"")),
        tar_of(
            entry("volumes/data/"),
            entry("volumes/data/way", type=b"2", linkname="/etc"),
            entry("volumes/data/way/x", b""),
        ),
        tar_of(entry("volumes/data/"), entry("volumes/data/x", type=b"1", linkname="/etc/shadow")),
        tar_of(entry("volumes/")),
        b"nonsense".ljust(1536, b"."),
    ],
    ids=["dots", "absolute", "other volume", "through a link", "hard link", "outer", "no tar"],
)
def test_a_volume_that_would_leave_its_place_is_refused(path, tar):
    body = tar.removesuffix(bytes(1024))
    forger = Forger().add_tree(body, max(len(body) // 512, 1))
    forger.write(path)
    with pytest.raises(DamagedArchive, match="damaged in volumes/data:"):
        verify(path)
    with ArchiveReader(path) as reader, pytest.raises(DamagedArchive, match="volumes/data:"):
        list(reader.tree_stream("data"))


def test_a_tar_that_ends_within_a_part_is_refused(path):
    """By hand, `tar` would stop there and leave out what follows."""
    tar = tar_of(entry("volumes/data/"))
    forger = Forger().add_tree(tar, 1)
    with pytest.raises(DamagedArchive, match="a tar ends within it"):
        verify(forger.write(path))


def test_a_part_that_is_cut_in_a_file_is_refused(path):
    tar = tar_of(entry("volumes/data/"), entry("volumes/data/x", bytes(2000)))[:-2048]
    with pytest.raises(DamagedArchive, match="its last entry is cut short"):
        verify(Forger().add_tree(tar, 2).write(path))


@pytest.mark.parametrize("fields", [{"entries": 3}, {"files": 1}, {"content_bytes": 1}], ids=str)
def test_counts_that_are_wrong_are_refused(path, fields):
    tar = tar_of(entry("volumes/data/"), entry("volumes/data/sub/"))[:-1024]
    fields = {"entries": 2} | fields
    with pytest.raises(DamagedArchive, match="not hold what the index counts"):
        verify(Forger().add_tree(tar, **fields).write(path))


def test_a_volume_without_its_list_is_refused(path):
    tar = tar_of(entry("volumes/data/"))[:-1024]
    forger = Forger().add("volumes/data", "tree", tar, key="data", files=0)
    with pytest.raises(DamagedArchive, match="list of files is missing"):
        verify(forger.write(path))


@pytest.mark.parametrize("text", [b"", b"x\n", b"offset\n", b"\n" * 10, b"a\tb\n" * 3])
def test_a_list_that_is_none_is_refused(path, text):
    forger = Forger()
    name = "backup/files/data.tsv"
    forger.add("volumes/data", "tree", tar_of(entry("volumes/data/"))[:-1024], key="data", files=0)
    forger.add(name, "file", file_tar(name, text), content_bytes=len(text))
    forger.write(path)
    with ArchiveReader(path) as reader, pytest.raises(DamagedArchive, match="list of files"):
        reader.list_files("data")


@pytest.mark.parametrize("manifest", [b"", b"[]", b"\xff", b"1"])
def test_a_manifest_that_is_no_object_is_refused(path, manifest):
    forger = Forger()
    forger.blocks.clear(), forger.rows.clear(), forger.parts.clear()
    tar = file_tar("backup/manifest.json", manifest)
    forger.add("backup/manifest.json", "file", tar)
    document = forger.document()
    document["parts"][0]["content_bytes"] = len(manifest)
    forger.write(path, document)
    for check in (verify, ArchiveReader):
        with pytest.raises(ArchiveProblem, match=r"manifest\.json is not"):
            check(path)
