"""What lies in a volume is in the archive exactly as it is."""

import hashlib
import os
import socket
import stat
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from docker import APIClient

from backups.archive.reader import ArchiveReader
from backups.files import archive_path
from backups.models import Backup
from tests.arrange import ContainerMaker
from tests.backups.steps import backed_up, volume_path

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("engine", "data_dir")]

MEBIBYTE = 1 << 20
A_DAY_IN_2001 = 999_999_999

KINDS: dict[bytes, Callable[[int], bool]] = {
    tarfile.REGTYPE: stat.S_ISREG,
    tarfile.DIRTYPE: stat.S_ISDIR,
    tarfile.SYMTYPE: stat.S_ISLNK,
    tarfile.FIFOTYPE: stat.S_ISFIFO,
    tarfile.CHRTYPE: stat.S_ISCHR,
    tarfile.BLKTYPE: stat.S_ISBLK,
}


@pytest.fixture
def volume(docker: APIClient, make_container: ContainerMaker) -> Path:
    """The directory of the volume `data`, which the stopped container `web` mounts."""
    docker.create_volume("data")
    make_container("web", host={"binds": ["data:/data"]}, start=False)
    return volume_path(docker, "data")


def saved(backup: Backup) -> dict[str, tuple[Any, ...]]:
    """Everything about the entries of an archive's only volume, as Python's tarfile reads it."""
    found: dict[str, tuple[Any, ...]] = {}
    with tarfile.open(archive_path(backup.filename)) as tar:
        for entry in tar:
            if not entry.name.startswith("volumes/"):
                continue
            name = entry.name.split("/", 2)[2] if entry.name.count("/") > 1 else "."
            content: Any = None
            if entry.isreg():
                file = tar.extractfile(entry)
                assert file is not None
                content = hashlib.file_digest(file, "sha256").hexdigest()
            elif entry.issym():
                content = entry.linkname
            elif entry.isdev() and not entry.isfifo():
                content = (entry.devmajor, entry.devminor)
            if entry.islnk():
                found[name] = ("link", entry.linkname.split("/", 2)[2])
            else:
                kind = KINDS[entry.type].__name__
                owner = (entry.uid, entry.gid)
                mode = oct(stat.S_IMODE(entry.mode))
                found[name] = (kind, mode, *owner, int(entry.mtime), content)
    return found


def on_disk(root: Path) -> dict[str, tuple[Any, ...]]:
    """The same of what is on disk. A second name of a file is a link to the one before it."""
    found: dict[str, tuple[Any, ...]] = {}
    first_names: dict[int, str] = {}
    for path in [root, *sorted(root.rglob("*"))]:
        name, status = str(path.relative_to(root)), path.lstat()
        if stat.S_ISREG(status.st_mode) and status.st_ino in first_names:
            found[name] = ("link", first_names[status.st_ino])
            continue
        first_names[status.st_ino] = name
        content: Any = None
        if stat.S_ISREG(status.st_mode):
            with path.open("rb") as file:
                content = hashlib.file_digest(file, "sha256").hexdigest()
        elif stat.S_ISLNK(status.st_mode):
            content = str(path.readlink())
        elif stat.S_ISCHR(status.st_mode) or stat.S_ISBLK(status.st_mode):
            content = (os.major(status.st_rdev), os.minor(status.st_rdev))
        kind = next(check.__name__ for check in KINDS.values() if check(status.st_mode))
        mode = oct(stat.S_IMODE(status.st_mode))
        owner = (status.st_uid, status.st_gid)
        found[name] = (kind, mode, *owner, int(status.st_mtime), content)
    return found


def test_the_root_keeps_its_owner_and_mode(volume: Path) -> None:
    os.chown(volume, 7, 8)
    volume.chmod(0o2751)
    os.utime(volume, (A_DAY_IN_2001, A_DAY_IN_2001))

    assert saved(backed_up("web")) == {
        ".": ("S_ISDIR", "0o2751", 7, 8, A_DAY_IN_2001, None),
    }


def test_owners_and_modes_are_numbers_and_all_are_kept(volume: Path) -> None:
    for number, mode in enumerate((0o000, 0o400, 0o644, 0o4755, 0o2755, 0o6711, 0o1777, 0o7777)):
        file, folder = volume / f"file{number}", volume / f"folder{number}"
        file.write_bytes(b"x" * number)
        folder.mkdir()
        for path in (file, folder):
            os.chown(path, 100_000 * number, 2_000_000_000 + number)
            path.chmod(mode)
            os.utime(path, (A_DAY_IN_2001, A_DAY_IN_2001 + number))

    assert saved(backed_up("web")) == on_disk(volume)


def test_empty_folders_are_kept(volume: Path) -> None:
    (volume / "empty" / "below" / "and deeper").mkdir(parents=True)

    assert saved(backed_up("web")) == on_disk(volume)


def test_links_of_every_kind_are_kept(volume: Path) -> None:
    (volume / "folder").mkdir()
    (volume / "folder" / "file").write_text("content")
    # Long as a path, not as a name: to look there is an error in Python 3.11.2, which Debian has.
    far = "/".join(["a" * 100] * 3)
    targets = ["folder", "folder/file", "/etc/passwd", "../../outside", "nowhere", ".", far]
    for number, target in enumerate(targets):
        (volume / f"link{number}").symlink_to(target)
        os.lchown(volume / f"link{number}", 5, 6)
    (volume / "folder" / "second name").hardlink_to(volume / "folder" / "file")
    (volume / "a third").hardlink_to(volume / "folder" / "file")

    assert saved(backed_up("web")) == on_disk(volume)


def test_names_of_every_kind_are_kept(volume: Path) -> None:
    names = [
        b"with space", b"new\nline", b"tab\t", b"quote\"'", b"<b>&amp;", b"back\\slash", b"-rf",
        b"\xff\xfe not UTF-8", "ünïcödé \N{PILE OF POO}".encode(), b"a" * 255, b"...", b"%2e%2e",
        b"\x1b[31mred", b"$HOME", b"CON", b" ",
    ]  # fmt: skip
    for name in names:
        os.close(os.open(bytes(volume) + b"/" + name, os.O_CREAT | os.O_WRONLY))
    deep = volume / "/".join(["d" * 100] * 8)
    deep.mkdir(parents=True)
    (deep / ("f" * 200)).write_text("deep")

    backup = backed_up("web")

    assert saved(backup) == on_disk(volume)
    with ArchiveReader(archive_path(backup.filename)) as archive:
        source = archive.manifest["sources"][0]
        listed = archive.list_files(source["key"], page_size=100)
    assert listed.total == len(names) + 1


def test_what_is_neither_file_nor_folder_is_kept_and_a_socket_left_out(volume: Path) -> None:
    os.mkfifo(volume / "fifo", 0o640)
    os.mknod(volume / "character", 0o600 | stat.S_IFCHR, os.makedev(1, 3))
    os.mknod(volume / "block", 0o660 | stat.S_IFBLK, os.makedev(7, 200))
    expected = on_disk(volume)
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(volume / "socket"))
        os.utime(volume, (A_DAY_IN_2001, A_DAY_IN_2001))
        expected["."] = (*expected["."][:4], A_DAY_IN_2001, None)

        assert saved(backed_up("web")) == expected


def test_a_sparse_file_takes_no_room_in_the_archive(volume: Path) -> None:
    with (volume / "sparse").open("wb") as file:
        file.truncate(256 * MEBIBYTE)
        file.seek(100 * MEBIBYTE)
        file.write(b"an island")

    backup = backed_up("web")

    assert backup.size < 2 * MEBIBYTE
    assert saved(backup) == on_disk(volume)


def test_an_empty_volume_is_saved_as_one(volume: Path) -> None:
    backup = backed_up("web")

    assert list(saved(backup)) == ["."]
    (listed,) = backup.metadata["volumes"]
    assert (listed["name"], listed["size"], listed["files"]) == ("data", 0, 0)


def test_content_that_ends_anywhere_is_whole(volume: Path) -> None:
    # Around the sizes of a tar block, of a block of ours and of a gzip member.
    for size in (0, 1, 511, 512, 513, MEBIBYTE - 1, MEBIBYTE, 2 * MEBIBYTE - 512, 2 * MEBIBYTE + 1):
        (volume / f"size{size}").write_bytes(os.urandom(size))

    backup = backed_up("web")

    assert saved(backup) == on_disk(volume)
    (listed,) = backup.metadata["volumes"]
    assert listed["size"] == sum(p.stat().st_size for p in volume.iterdir())
    assert listed["files"] == 9


def test_a_volume_in_memory_is_read_as_long_as_it_is_there(
    docker: APIClient, make_container: ContainerMaker
) -> None:
    docker.create_volume("memory", driver_opts={"type": "tmpfs", "device": "tmpfs"})
    container = make_container("web", host={"binds": ["memory:/data"]})
    call = docker.exec_create(container, ["touch", "/data/file"])
    docker.exec_start(call["Id"])

    assert set(saved(backed_up("web", consistency="pause"))) == {".", "file"}
    # Stopped, it holds nothing, as at the container's next start.
    assert set(saved(backed_up("web", consistency="stop"))) == {"."}


def test_a_single_file_of_the_host_is_saved_as_one(
    make_container: ContainerMaker, tmp_path: Path
) -> None:
    file = tmp_path / "app.conf"
    file.write_text("setting = 1\n")
    file.chmod(0o640)
    make_container("web", host={"binds": [f"{file}:/etc/app.conf:ro"]}, start=False)

    backup = backed_up("web", include_bind_mounts=True)

    assert saved(backup) == on_disk(file)


def test_a_folder_of_the_host_is_saved_whatever_its_name(
    make_container: ContainerMaker, tmp_path: Path
) -> None:
    folder = tmp_path / "with space, comma and: colon"
    (folder / "below").mkdir(parents=True)
    (folder / "below" / "file").write_text("content")
    mounts = [{"Type": "bind", "Source": str(folder), "Target": "/data", "ReadOnly": True}]
    make_container("web", host={"mounts": mounts}, start=False)

    backup = backed_up("web", include_bind_mounts=True)

    assert saved(backup) == on_disk(folder)


def test_volumes_of_one_container_do_not_merge(
    docker: APIClient, make_container: ContainerMaker
) -> None:
    names = ["app-data", "app_data", "app.data", "data"]
    make_container("web", host={"binds": [f"{n}:/{n}/data" for n in names]}, start=False)
    for name in names:
        (volume_path(docker, name) / "whose").write_text(name)

    backup = backed_up("web")

    with tarfile.open(archive_path(backup.filename)) as tar:
        whose = {
            entry.name.split("/")[1]: tar.extractfile(entry).read().decode()
            for entry in tar
            if entry.name.endswith("/whose")
        }
    with ArchiveReader(archive_path(backup.filename)) as archive:
        assert whose == {source["key"]: source["name"] for source in archive.manifest["sources"]}
    assert sorted(whose.values()) == sorted(names)
