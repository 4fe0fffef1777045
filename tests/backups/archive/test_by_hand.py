"""An archive is an ordinary .tar.gz to the tools that are on every machine."""

import gzip
import os
import subprocess
import tarfile
from pathlib import Path

import pytest

from tests.backups.archive.tars import entry, some_volume, tar_of, write_archive

NOT_UTF8 = os.fsencode("volumes/odd/") + b"caf\xe9\t\n"


def run(*command: str | Path) -> str:
    done = subprocess.run(command, capture_output=True, check=True)
    assert done.stderr == b""
    return done.stdout.decode("utf-8", "surrogateescape")


def made_from(folder: Path, key: str) -> bytes:
    """The tar of a real directory, as GNU tar writes it, under the names of a volume."""
    archived = subprocess.run(
        ["tar", "--create", "--format=posix", f"--directory={folder}", f"volumes/{key}"],
        capture_output=True,
        check=True,
    )
    return archived.stdout


@pytest.fixture
def tree(tmp_path) -> Path:
    """A directory with what a volume may hold."""
    root = tmp_path / "source" / "volumes" / "odd"
    (root / "empty").mkdir(parents=True)
    (root / "script").write_bytes(b"#!/bin/sh\n")
    (root / "script").chmod(0o4755)
    os.chown(root / "script", 1234, 5678)
    (root / "again").hardlink_to(root / "script")
    (root / "dangling").symlink_to("../nowhere")
    (root / ("n" * 150)).write_bytes(b"over 100")
    deep = root / ("d" * 200) / ("e" * 200)
    deep.mkdir(parents=True)
    (deep / "file").write_bytes(b"over 256")
    (tmp_path / "source" / os.fsdecode(NOT_UTF8)).write_bytes(b"not UTF-8")
    with (root / "sparse").open("wb") as file:
        file.truncate(20 << 20)
    os.mkfifo(root / "fifo")
    return tmp_path / "source"


def described(root: Path) -> dict[bytes, tuple]:
    """Every path below, with what must come back of it."""
    found = {}
    for path in [root, *root.rglob("*")]:
        status = path.lstat()
        kind_and_mode, owner = status.st_mode, (status.st_uid, status.st_gid)
        content = path.read_bytes() if path.is_file() and not path.is_symlink() else None
        target = path.readlink() if path.is_symlink() else None
        name = os.fsencode(path.relative_to(root))
        # busybox does not set the times of directories and links.
        mtime = int(status.st_mtime) if content is not None else None
        found[name] = (kind_and_mode, owner, status.st_nlink, mtime, content, target)
    return found


def directory_times(root: Path) -> dict[Path, int]:
    """When each directory below was last changed."""
    folders = (path for path in root.rglob("*") if path.is_dir() and not path.is_symlink())
    return {path.relative_to(root): int(path.stat().st_mtime) for path in folders}


@pytest.mark.parametrize("unpack", [["tar"], ["busybox", "tar"]], ids=["GNU tar", "busybox"])
def test_a_tree_comes_back_as_it_was(tree, tmp_path, unpack):
    archive, out = tmp_path / "a.tar.gz", tmp_path / "out"
    write_archive(archive, {"odd": made_from(tree, "odd")})
    out.mkdir()
    run(*unpack, "-x", "-z", "-p", "-f", archive, "-C", out)
    assert described(out / "volumes" / "odd") == described(tree / "volumes" / "odd")
    assert (out / "backup" / "README.txt").read_bytes() == b"Unpack me.\n"


def test_gnu_tar_brings_back_the_times_of_directories(tree, tmp_path):
    os.utime(tree / "volumes" / "odd" / "empty", (1, 1_000_000_000))
    write_archive(tmp_path / "a.tar.gz", {"odd": made_from(tree, "odd")})
    (tmp_path / "out").mkdir()
    run("tar", "xzf", tmp_path / "a.tar.gz", "-C", tmp_path / "out")
    assert directory_times(tmp_path / "out" / "volumes") == directory_times(tree / "volumes")


def test_gzip_finds_it_sound(archive):
    assert run("gzip", "-t", archive) == ""


def test_gzip_gives_the_tar_with_the_engines_blocks_unchanged(tmp_path):
    tar = some_volume()
    path = tmp_path / "a.tar.gz"
    write_archive(path, {"data": tar})
    plain = gzip.decompress(path.read_bytes())
    # Without the outer `volumes/` before it and the end marker after it.
    assert tar[512:-1024] in plain
    assert plain.endswith(bytes(1024))


def test_tar_lists_the_parts_in_their_order(archive):
    names = run("tar", "tzf", archive).splitlines()
    outline = [name for name in names if name.startswith("backup/") or name.count("/") == 2]
    assert names[0] == "backup/manifest.json"
    assert names[-3:] == ["backup/files/data.tsv", "backup/files/logs.tsv", "backup/index.json"]
    assert outline.index("volumes/data/") < outline.index("volumes/logs/")
    assert run("busybox", "tar", "tzf", archive).splitlines() == names


def test_tar_says_nothing_about_the_last_member(archive):
    assert "backup/index.json" in run("tar", "tzvf", archive)


def test_pythons_tarfile_reads_it(archive):
    with tarfile.open(archive) as opened:
        assert opened.getnames()[-1] == "backup/index.json"


def test_only_the_owner_may_read_it(archive):
    assert archive.stat().st_mode & 0o777 == 0o600


def test_a_single_file_may_stand_in_the_place_of_a_tree(tmp_path):
    path = tmp_path / "a.tar.gz"
    tar = tar_of(entry("volumes/"), entry("volumes/conf", b"a=1"))
    write_archive(path, {"conf": tar})
    assert run("tar", "xzOf", path, "volumes/conf") == "a=1"
