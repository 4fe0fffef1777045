import os
from hashlib import sha256

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from backups.archive import source
from backups.archive.errors import ArchiveProblem, DamagedArchive
from backups.archive.members import TRAILER_SIZE, decode_trailer
from backups.archive.reader import ArchiveReader
from backups.archive.verify import verify
from tests.backups.archive.tars import image_tar, some_volume, write_archive


@pytest.fixture(scope="module")
def sound(tmp_path_factory):
    """An archive that stays as it is, for tests that change copies of it."""
    path = tmp_path_factory.mktemp("sound") / "a.tar.gz"
    write_archive(path, {"data": some_volume()}, image_tar())
    return path


def test_a_sound_archive_is_reported_as_it_is(tmp_path):
    told = []
    finished = write_archive(tmp_path / "a.tar.gz", {"data": some_volume()}, image_tar())
    report = verify(finished.path, told.append)
    assert report.sha256 == sha256(finished.path.read_bytes()).hexdigest()
    assert report.size == finished.size == sum(told)
    assert report.parts == len(finished.index.parts)
    assert report.entries == 1 + 1 + 8 + 5 + 1


def test_it_must_be_the_file_that_was_written(tmp_path):
    written = write_archive(tmp_path / "a.tar.gz", {"data": some_volume()})
    assert verify(written.path, written=written.trailer).entries
    another = write_archive(tmp_path / "b.tar.gz", {"data": some_volume()}, image_tar())
    with pytest.raises(DamagedArchive, match="not the file it was"):
        verify(another.path, written=written.trailer)


@given(place=st.floats(0, 1, exclude_max=True), bit=st.integers(0, 7))
@settings(
    deadline=None, max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_no_bit_can_be_flipped_while_it_is_written(sound, tmp_path, place, bit):
    content = bytearray(sound.read_bytes())
    trailer = decode_trailer(bytes(content[-TRAILER_SIZE:]))
    content[int(place * len(content))] ^= 1 << bit
    path = tmp_path / "b.tar.gz"
    path.write_bytes(content)
    with pytest.raises(ArchiveProblem):
        verify(path, written=trailer)


def test_whoever_is_told_of_the_bytes_can_end_it(sound):
    def stop(_):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        verify(sound, stop)


def test_the_part_that_is_damaged_is_named(sound, tmp_path):
    copy = tmp_path / "a.tar.gz"
    with ArchiveReader(sound) as reader:
        parts = reader.index.parts[1:]
    for part in parts:
        content = bytearray(sound.read_bytes())
        content[part.file_offset + part.file_size // 2] ^= 1
        copy.write_bytes(content)
        with pytest.raises(DamagedArchive, match=f"damaged in {part.name}:"):
            verify(copy)


EXAMPLES = settings(
    deadline=None, max_examples=400, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@given(place=st.floats(0, 1, exclude_max=True), bit=st.integers(0, 7))
@EXAMPLES
def test_no_bit_can_be_flipped_unnoticed(sound, tmp_path, place, bit):
    content = bytearray(sound.read_bytes())
    content[int(place * len(content))] ^= 1 << bit
    copy = tmp_path / "a.tar.gz"
    copy.write_bytes(content)
    with pytest.raises(ArchiveProblem):
        verify(copy)


@given(place=st.floats(0, 1, exclude_max=True))
@EXAMPLES
def test_no_end_can_be_missing_unnoticed(sound, tmp_path, place):
    content = sound.read_bytes()
    copy = tmp_path / "a.tar.gz"
    copy.write_bytes(content[: int(place * len(content))])
    with pytest.raises(ArchiveProblem):
        verify(copy)


@given(place=st.floats(0, 1, exclude_max=True), inserted=st.binary(min_size=1, max_size=600))
@EXAMPLES
def test_nothing_can_be_inserted_unnoticed(sound, tmp_path, place, inserted):
    content = sound.read_bytes()
    at = int(place * len(content))
    copy = tmp_path / "a.tar.gz"
    copy.write_bytes(content[:at] + inserted + content[at:])
    with pytest.raises(ArchiveProblem):
        verify(copy)


def test_what_is_appended_is_noticed(sound, tmp_path):
    copy = tmp_path / "a.tar.gz"
    for more in (b"\0", sound.read_bytes()):
        copy.write_bytes(sound.read_bytes() + more)
        with pytest.raises(ArchiveProblem):
            verify(copy)


@pytest.mark.parametrize("read_again", [True, False])
def test_what_was_read_is_dropped_from_memory_unless_it_is_read_again(
    sound, monkeypatch, read_again
):
    advised = []

    def advise(_, offset, length, advice):
        if length:
            advised.append((offset, length, advice))

    monkeypatch.setattr(os, "posix_fadvise", advise)
    monkeypatch.setattr(source, "FORGET_EVERY", 512)
    verify(sound, read_again=read_again)
    if read_again:
        assert advised == []
    else:
        ends = [length for _, length, advice in advised if advice == os.POSIX_FADV_DONTNEED]
        assert 0 < ends[0] < ends[-1] < sound.stat().st_size
        assert ends == sorted(ends)
