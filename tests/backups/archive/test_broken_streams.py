"""A stream that is cut, broken or hostile ends the backup with a sentence."""

import io
import tarfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backups.archive.errors import DamagedStream
from backups.archive.tarwalk import TarWalker
from backups.archive.writer import ArchiveWriter
from tests.backups.archive.tars import (
    MANIFEST,
    MTIME,
    entry,
    in_chunks,
    some_volume,
    tar_of,
    volume_tar,
)

VOLUME = some_volume("data")


@pytest.fixture
def refusal(tmp_path):
    """Says with which sentence a volume's stream is refused."""

    def add(tar: bytes, chunk: int = 1000) -> str:
        with (
            pytest.raises(DamagedStream) as raised,
            ArchiveWriter(tmp_path / "a.tar.gz") as archive,
        ):
            archive.add_file("backup/manifest.json", MANIFEST, MTIME)
            archive.add_tree("data", in_chunks(tar, chunk))
        assert list(tmp_path.iterdir()) == []
        return str(raised.value)

    return add


def walked(tar: bytes, chunk: int) -> int:
    walker = TarWalker()
    found = sum(len(walker.feed(piece)) for piece in in_chunks(tar, chunk))
    walker.close()
    return found


@given(end=st.integers(0, len(VOLUME) - 1), chunk=st.sampled_from([1, 100, 512, 4096]))
@settings(deadline=None, max_examples=300)
def test_a_stream_cut_anywhere_is_not_whole(end, chunk):
    with pytest.raises(DamagedStream):
        walked(VOLUME[:end], chunk)


@given(chunk=st.integers(1, 5000))
@settings(deadline=None)
def test_however_a_stream_arrives_the_same_is_found_in_it(chunk):
    assert walked(VOLUME, chunk) == 9


def test_the_sentence_names_the_file_that_was_cut(refusal):
    cut = VOLUME[: VOLUME.index(b"volumes/data/sub/noise") + 512 + 1000]
    assert "in the middle of “volumes/data/sub/noise”: 2072 of 3072 bytes" in refusal(cut)


def test_an_empty_stream_is_no_empty_volume(refusal):
    assert refusal(b"") == "The stream was empty."


def test_a_tar_without_the_volume_is_no_empty_volume(refusal):
    assert refusal(tar_of(entry("volumes/"))) == "The stream holds nothing below “volumes/data”."
    assert refusal(bytes(1024)) == "The stream holds nothing below “volumes/data”."


def test_padding_after_the_end_is_dropped(tmp_path):
    with ArchiveWriter(tmp_path / "a.tar.gz") as archive:
        archive.add_file("backup/manifest.json", MANIFEST, MTIME)
        plain = archive.add_tree("data", [VOLUME])
        padded = archive.add_tree("padded", [some_volume("padded") + bytes(9000)])
    assert plain.entries == padded.entries


def test_anything_else_after_the_end_is_refused(refusal):
    assert refusal(VOLUME + b"x") == "The stream goes on after its end marker."
    assert refusal(VOLUME + VOLUME) == "The stream goes on after its end marker."
    assert refusal(VOLUME + bytes(2 << 20)) == "The stream does not end after its end marker."


def test_a_single_zero_block_is_no_end(refusal):
    assert "in its middle" in refusal(VOLUME[:-1024] + bytes(512) + VOLUME)
    assert "without an end marker" in refusal(VOLUME[:-512])


def test_a_header_that_does_not_add_up_is_refused(refusal):
    at = VOLUME.index(b"volumes/data/hello.txt")
    for where in (0, 101, 124, 148, 156, 300, 511):
        flipped = bytearray(VOLUME)
        flipped[at + where] ^= 1
        refusal(bytes(flipped))


def test_a_stream_of_something_else_is_refused(refusal):
    assert "no tar header where one must be" in refusal(b"<html>" * 1000)


@pytest.mark.parametrize(
    "name",
    [
        "/etc/passwd",
        "volumes/data/../../etc/passwd",
        "volumes/data/..",
        "volumes/data/.",
        "volumes/data//x",
        "volumes/data2/x",
        "volumes/other/x",
        "volumes/data",
        "etc/passwd",
        "volumes/data/never/seen",
        "../x",
        "",
    ],
)
def test_a_name_outside_of_the_tree_is_refused(refusal, name):
    assert "no place below “volumes/data”" in refusal(volume_tar("data", entry(name, b"x")))


def test_a_pax_name_outside_of_the_tree_is_refused(refusal):
    fields = {"pax_headers": {"path": "volumes/data/../../../etc/passwd"}}
    assert "no place" in refusal(volume_tar("data", entry("volumes/data/x", b"x", **fields)))


def test_nothing_is_written_through_a_link(refusal):
    link = entry("volumes/data/way", type=tarfile.SYMTYPE, linkname="/etc")
    below = entry("volumes/data/way/passwd", b"x")
    assert "no place" in refusal(volume_tar("data", link, below))
    before = entry("volumes/data/way/")
    assert "no place" in refusal(volume_tar("data", before, link, below))


@pytest.mark.parametrize("target", ["/etc/shadow", "volumes/other/x", "volumes/data/../x", "x"])
def test_a_hard_link_to_the_outside_is_refused(refusal, target):
    link = entry("volumes/data/link", type=tarfile.LNKTYPE, linkname=target)
    assert "outside of its tree" in refusal(volume_tar("data", link))


def test_a_header_for_all_that_follows_may_only_comment(refusal, tmp_path):
    def with_global(**records: str) -> bytes:
        info = tarfile.TarInfo.create_pax_global_header(records)
        return info + some_volume("data")

    assert "sets “path” for all that follows" in refusal(with_global(path="volumes/other"))
    assert "sets “uid” for all" in refusal(with_global(comment="c", uid="0"))
    with ArchiveWriter(tmp_path / "b.tar.gz") as archive:
        archive.add_file("backup/manifest.json", MANIFEST, MTIME)
        archive.add_tree("data", [with_global(comment="harmless")])


def test_unknown_kinds_and_contradictions_are_refused(refusal):
    assert "unknown kind, “V”" in refusal(volume_tar("data", entry("volumes/data/x", type=b"V")))
    directory = entry("volumes/data/x", b"content", type=tarfile.DIRTYPE)
    assert "content that it cannot have" in refusal(volume_tar("data", directory))
    file = entry("volumes/data/x", b"x")[0]
    head = file.tobuf(tarfile.USTAR_FORMAT).replace(b"data/x\0", b"data/x/")
    assert "no tar header" in refusal(volume_tar("data")[:-1024] + head)


def header_with(at: int, field: bytes) -> bytes:
    """A file's header with one field overwritten, and a checksum that is right."""
    head = bytearray(entry("volumes/data/x")[0].tobuf(tarfile.USTAR_FORMAT))
    head[at : at + len(field)] = field
    head[148:156] = b" " * 8
    head[148:156] = b"%06o\0 " % sum(head)
    return volume_tar("data")[:-1024] + bytes(head) + bytes(1024)


@pytest.mark.parametrize(
    "field", [b"0o000000017\0", b"1_0\0", b"+10\0", b"-10\0", b"9\0", b"1\x002\0", b"\xff" * 12]
)
def test_a_size_that_is_no_number_is_refused(refusal, field):
    assert "size" in refusal(header_with(124, field))


@pytest.mark.parametrize(
    "records",
    [b"8 path=x\n", b"99 path=x\n", b"x\n", b"11 path=x\0y\n", b"9 path\n\n\n\n", b"10 size=-5\n"],
)
def test_a_broken_pax_header_is_refused(refusal, records):
    info, _ = entry("volumes/data/PaxHeaders/x")
    info.type, info.size = b"x", len(records)
    head = info.tobuf(tarfile.USTAR_FORMAT) + records.ljust(512, b"\0")
    file = entry("volumes/data/x", b"x")[0].tobuf(tarfile.USTAR_FORMAT)
    assert "pax header" in refusal(
        volume_tar("data")[:-1024] + head + file + b"x".ljust(1536, b"\0")
    )


def test_an_endless_header_is_refused_before_it_fills_the_memory(refusal):
    info, _ = entry("volumes/data/PaxHeaders/x")
    info.type, info.size = b"x", 1 << 40
    head = info.tobuf(tarfile.GNU_FORMAT)
    assert "longer than 4 MiB" in refusal(
        volume_tar("data")[:-1024] + head + bytes(6 << 20), 1 << 20
    )


def extension(kind: bytes, content: bytes) -> bytes:
    """A header of the kind that says something about the entry after it."""
    info, _ = entry("volumes/data/extension")
    info.type, info.size = kind, len(content)
    return info.tobuf(tarfile.USTAR_FORMAT) + content.ljust(512, b"\0")


NAMED = extension(b"x", b"23 path=volumes/data/a\n")
LONG_NAMED = extension(b"L", b"volumes/data/b\0")


@pytest.mark.parametrize(
    "heads", [NAMED + NAMED, LONG_NAMED + LONG_NAMED, NAMED + LONG_NAMED, LONG_NAMED + NAMED]
)
def test_an_entry_that_is_named_twice_is_refused(refusal, heads):
    tar = volume_tar("data")[:-1024] + heads + tar_of(entry("volumes/data/x"))
    assert "two headers" in refusal(tar)


@pytest.mark.parametrize(
    "stored",
    [
        "volumes/data/../../etc/x",
        "volumes/data/GNUSparseFile.1/y",
        "volumes/other/GNUSparseFile.1/x",
        "/etc/x",
    ],
)
def test_a_sparse_file_has_the_same_name_for_every_reader(refusal, stored):
    records = {"GNU.sparse.name": "volumes/data/x", "GNU.sparse.realsize": "1"}
    assert "two names" in refusal(volume_tar("data", entry(stored, b"x", pax_headers=records)))


def test_a_sentence_shows_hostile_names_harmlessly(refusal):
    message = refusal(volume_tar("data", entry("evil\n\x1b[31m/\udcff" + "x" * 500, b"")))
    assert "\n" not in message
    assert "\x1b" not in message
    assert "“evil\\n\\x1b[31m/\\xff" in message
    assert len(message) < 400


def test_an_image_may_not_leave_its_prefix_either(tmp_path):
    for name in ("../x", "a/../../x", "/abs"):
        with pytest.raises(DamagedStream), ArchiveWriter(tmp_path / "a.tar.gz") as archive:
            archive.add_file("backup/manifest.json", MANIFEST, MTIME)
            archive.add_stream_tree("image", io.BytesIO(tar_of(entry(name, b"x"))))
    assert list(tmp_path.iterdir()) == []
