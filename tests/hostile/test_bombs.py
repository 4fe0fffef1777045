"""Files of a few MiB that unpack to very much, or are cut into very many pieces."""

import gzip
import shutil
import tarfile
import tracemalloc
import zlib
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from docker import APIClient
from isal import isal_zlib

from backups.adoption import adopt
from backups.archive.errors import DamagedArchive
from backups.models import Backup
from backups.scanning import request_scan
from containermonkey.problems import Invalid, TooLarge
from engine.helpers import EMPTY_IMAGE
from images.transfer import tars
from jobs.worker import run_next
from tests.backups.original.making import archive_of, mount, parts_of
from tests.backups.person import Person, peak_memory, web_process
from tests.site import Site

MIB = 1 << 20
GIB = 1 << 30
IMPORT = "/api/images/import"
BACKUP = "/api/upload-backup"
INTO_VOLUME = "/api/volume/inbox/upload?path=/"


def entry(name: str, size: int = 0, kind: bytes = tarfile.REGTYPE) -> bytes:
    head = tarfile.TarInfo(name)
    head.size, head.type = size, kind
    return head.tobuf()


@cache
def zeros(size: int, *before: bytes) -> bytes:
    """A gzipped tar of one file of zeros, made without making it: gzip's blocks are repeated."""
    packer = zlib.compressobj(9, wbits=-15)
    head = b"".join(before) + entry("./zeros", size)
    first = packer.compress(head) + packer.flush(zlib.Z_FULL_FLUSH)
    block = packer.compress(bytes(MIB)) + packer.flush(zlib.Z_FULL_FLUSH)
    last = packer.compress(bytes(1024)) + packer.flush()
    check = isal_zlib.crc32(head)
    for _ in range(size // MIB):
        check = isal_zlib.crc32(ZEROS, check)
    check, length = isal_zlib.crc32(bytes(1024), check), len(head) + size + 1024
    tail = check.to_bytes(4, "little") + (length & 0xFFFFFFFF).to_bytes(4, "little")
    return b"\x1f\x8b\x08\0\0\0\0\0\0\xff" + first + block * (size // MIB) + last + tail


ZEROS = bytes(MIB)


@cache
def many_entries(count: int) -> bytes:
    packer = zlib.compressobj(9, wbits=31)
    block = entry("x") * 1000
    pieces = [packer.compress(block) for _ in range(count // 1000)]
    return b"".join([*pieces, packer.compress(bytes(1024)), packer.flush()])


def many_members(count: int) -> bytes:
    return gzip.compress(b"", mtime=0) * count


def nested(path: Path, size: int) -> Path:
    """An archive of the original in which a volume's file is a bomb of its own."""
    inner = zeros(size, entry("./", kind=tarfile.DIRTYPE))
    parts = parts_of([mount("volume", "data", "/data")])
    return archive_of(path, parts | {"volumes/data_data.tar.gz": inner})


BOMBS: dict[str, Callable[[], bytes]] = {
    "zeros": lambda: zeros(2 * GIB),
    "entries": lambda: many_entries(150_000),
    "members": lambda: many_members(100_000),
    "in itself": lambda: gzip.compress(zeros(2 * GIB)),
}


@pytest.fixture
def bombs(tmp_path: Path) -> dict[str, Path]:
    made = {}
    for name, make in BOMBS.items():
        made[name] = tmp_path / f"{name.replace(' ', '-')}.tar.gz"
        made[name].write_bytes(make())
        assert made[name].stat().st_size < 5 * MIB, name
    return made


def used(path: Path) -> int:
    return shutil.disk_usage(path).used


def test_the_running_program_takes_no_harm(
    make_site: Callable[..., Site], docker: APIClient, bombs: dict[str, Path]
) -> None:
    site = make_site(CONTAINERMONKEY_LARGEST_IMPORT="1")
    volume = Path(docker.create_volume("inbox")["Mountpoint"])
    person = Person(site)
    pid = web_process(site)
    tags, before = tags_of(docker), peak_memory(pid)
    for name, bomb in bombs.items():
        status, said = person.upload(bomb, BACKUP)
        assert status == 400, (name, said)
        status, said = person.upload(bomb, IMPORT)
        assert status in (400, 413), (name, said)
        status, said = person.upload(bomb, INTO_VOLUME)
        assert status in (200, 201), (name, said)
        assert (volume / bomb.name).stat().st_size == bomb.stat().st_size
    assert peak_memory(pid) - before < 100 * MIB
    assert not list((site.data_dir / "backups").iterdir())
    assert tags_of(docker) <= {*tags, EMPTY_IMAGE}
    assert site.is_well()


def tags_of(docker: APIClient) -> set[str]:
    return {tag for row in docker.images() for tag in row["RepoTags"] or []}


@pytest.mark.django_db
def test_a_scan_leaves_them_where_they_are(data_dir: Path, bombs: dict[str, Path]) -> None:
    for bomb in bombs.values():
        shutil.copy(bomb, data_dir / "backups")
    tracemalloc.start()
    try:
        request_scan()
        assert run_next()
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 64 * MIB
    assert not Backup.objects.exists()
    left = {path.name: path.stat().st_size for path in (data_dir / "backups").iterdir()}
    assert left == {bomb.name: bomb.stat().st_size for bomb in bombs.values()}


@pytest.mark.django_db
def test_one_of_the_original_unpacks_to_no_more_than_it_may(
    data_dir: Path, tmp_path: Path, settings: Any
) -> None:
    """Gzip in gzip: some KiB may be a terabyte."""
    brought = nested(tmp_path / "brought.tar.gz", 512 * MIB)
    assert brought.stat().st_size < MIB // 8
    settings.LARGEST_IMPORT = 256 * MIB
    with pytest.raises(DamagedArchive, match="unpacks to more than 256 MiB"):
        adopt(brought)
    assert not list((data_dir / "backups").iterdir())
    settings.LARGEST_IMPORT = GIB
    assert adopt(brought).metadata["volumes"][0]["size"] == 512 * MIB


def test_many_members_are_read_at_the_pace_of_few(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is behind the end of each is not copied again and again."""
    made, given = zlib.decompressobj, 0

    class Counting:
        def __init__(self, *how: int) -> None:
            self.inner = made(*how)

        def __getattr__(self, name: str) -> Any:
            return getattr(self.inner, name)

        def decompress(self, piece: bytes, most: int) -> bytes:
            nonlocal given
            given += len(piece)
            return self.inner.decompress(piece, most)

    monkeypatch.setattr(zlib, "decompressobj", Counting)
    content = many_members(20_000)
    assert list(tars.gunzipped([content])) == []
    assert len(content) <= given < len(content) * tars.SLICE // 20


def test_an_import_of_endless_entries_ends() -> None:
    bound = tars.Bound(64 * GIB, TooLarge("too large"))
    taken = tars.plain_tar([many_entries(tars.MOST_ENTRIES + 1000)], bound)
    with pytest.raises(Invalid, match="more than 100,000 entries"):
        for _ in taken:
            pass
