"""A tree of everything that a file system can hold, and everything about a tree."""

import hashlib
import os
import socket
import stat
import struct
from pathlib import Path
from typing import Any

MEBIBYTE = 1 << 20
BILLION = 10**9

USER_OBJ, USER, GROUP_OBJ, GROUP, MASK, OTHER = 1, 2, 4, 8, 16, 32
NOBODY = 0xFFFFFFFF

NAMES = [
    b"with space", b"new\nline", b"tab\t", b"quote\"'", b"<b>&amp;", b"back\\slash", b"-rf",
    b"--checkpoint-action=exec=sh", b"\xff\xfe not UTF-8", b"caf\xe9", b"...", b"%2e%2e",
    "ünïcödé \N{PILE OF POO}".encode(), "e\u0301 composed".encode(), b"\x1b[31mred", b"$HOME",
    b" ", b"a" * 255, b"GNUSparseFile.1", b"PaxHeaders", b"*", b"[a]", b"trailing ",
]  # fmt: skip

TIMES = {
    b"a nanosecond": BILLION + 1,
    b"almost a second": 2 * BILLION - 1,
    b"the epoch": 0,
    b"before 1970": -1_500_000_000,
    b"long before 1970": -(2**31) * BILLION + 123_456_789,
    b"in 2100": 4_102_444_800 * BILLION + 7,
}


def make_oddities(root: Path) -> None:
    """Fill an empty directory, and give itself an owner, mode, time and attributes."""
    make_names(root / "names")
    make_kinds(root / "kinds")
    make_links(root / "links")
    make_modes(root / "modes")
    make_holes(root / "holes")
    make_attributes(root / "attributes")
    for name, nanoseconds in TIMES.items():
        write(root / os.fsdecode(name), b"x")
        os.utime(root / os.fsdecode(name), ns=(0, nanoseconds))
    os.setxattr(root, b"user.root", b"of the root")
    os.setxattr(root, b"system.posix_acl_default", acl(user=6))
    os.chown(root, 7, 8)
    root.chmod(0o2751)
    os.utime(root, ns=(0, 999_999_999_123_456_789))


def make_names(folder: Path) -> None:
    folder.mkdir()
    for name in NAMES:
        write(folder / os.fsdecode(name), name)
        (folder / os.fsdecode(name[:200] + b".link")).symlink_to(os.fsdecode(name))
    deep = folder.joinpath(*["d" * 100] * 20)
    deep.mkdir(parents=True)
    write(deep / ("f" * 200), b"deep")
    os.link(deep / ("f" * 200), deep / ("g" * 200))
    (folder / "empty" / "and empty").mkdir(parents=True)


def make_kinds(folder: Path) -> None:
    folder.mkdir()
    os.mkfifo(folder / "fifo", 0o640)
    for name, kind, device in (
        ("null", stat.S_IFCHR, (1, 3)),
        ("large", stat.S_IFCHR, (4095, 1_048_575)),
        ("block", stat.S_IFBLK, (7, 200)),
    ):
        os.mknod(folder / name, 0o660 | kind, os.makedev(*device))
    for path in ("fifo", "null", "large", "block"):
        os.chown(folder / path, 3, 4)
        os.utime(folder / path, ns=(0, 5_000_000_005))


def make_links(folder: Path) -> None:
    folder.mkdir()
    write(folder / "z file", b"content")
    os.link(folder / "z file", folder / "a second name")
    os.link(folder / "z file", folder / "third")
    (folder / "absolute").symlink_to("/etc/passwd")
    os.link(folder / "absolute", folder / "absolute too", follow_symlinks=False)
    (folder / "up").symlink_to("../../../../outside")
    (folder / "dangling").symlink_to("nowhere")
    (folder / "itself").symlink_to(".")
    (folder / "far").symlink_to("/".join(["far"] * 500))
    for name in ("absolute", "up", "dangling"):
        os.chown(folder / name, 5, 6, follow_symlinks=False)
        os.utime(folder / name, ns=(0, -9_000_000_009), follow_symlinks=False)


def make_modes(folder: Path) -> None:
    folder.mkdir()
    for number, mode in enumerate((0o000, 0o400, 0o644, 0o4755, 0o2755, 0o6711, 0o1777, 0o7777)):
        file, below = folder / f"file{number}", folder / f"folder{number}"
        write(file, b"x" * number)
        below.mkdir()
        write(below / "in it", b"")
        for path in (file, below):
            os.chown(path, 400_000_000 * number, 2_000_000_000 + number)
            path.chmod(mode)
            os.utime(path, ns=(0, BILLION * 10**9 + number))


def make_holes(folder: Path) -> None:
    folder.mkdir()
    for name, size, islands in (
        (b"nothing but a hole", 64 * MEBIBYTE, []),
        (b"larger than 8 GiB", 9 << 30, [0, 3 << 30, (9 << 30) - 4096]),
        (b"many islands", 40 * MEBIBYTE, range(0, 40 * MEBIBYTE, MEBIBYTE // 8)),
        (b"a hole at its end", 3 * MEBIBYTE, [0]),
        (b"a hole \xff in a file of a long name " + b"n" * 200, 3 * MEBIBYTE, [MEBIBYTE]),
    ):
        with (folder / os.fsdecode(name)).open("wb") as file:
            file.truncate(size)
            for at in islands:
                file.seek(at)
                file.write(b"island " * 100)
    write(folder / "zeros that are there", bytes(MEBIBYTE))


def make_attributes(folder: Path) -> None:
    folder.mkdir()
    os.setxattr(folder, b"system.posix_acl_default", acl(user=7))
    os.setxattr(folder, b"trusted.overlay.opaque", b"y")
    below = folder / "below a default ACL"
    below.mkdir()
    write(below / "file", b"")
    file = folder / "file"
    write(file, b"x" * 10_000)
    os.chown(file, 1, 2)
    os.setxattr(file, b"user.text", b"value")
    os.setxattr(file, b"user.binary", bytes(range(256)))
    os.setxattr(file, b"user.empty", b"")
    os.setxattr(file, b"user.of several\nlines=odd", b"a=b\nc\n")
    os.setxattr(file, b"user.\xff", b"\xff")
    os.setxattr(file, b"trusted.t", b"of root alone")
    os.setxattr(file, b"system.posix_acl_access", acl(user=5))
    os.link(file, folder / "linked")
    program = folder / "program"
    write(program, b"#!/bin/true\n")
    os.chown(program, 1, 2)
    program.chmod(0o755)
    os.setxattr(program, b"security.capability", struct.pack("<5I", 0x0200_0001, 1 << 10, 0, 0, 0))


def make_socket(path: Path) -> None:
    """Leave a socket's file behind."""
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(path))


def write(path: Path, content: bytes) -> None:
    path.write_bytes(content)


def acl(user: int) -> bytes:
    """An access control list in the kernel's form: it lets user 1234 do what `user` says."""
    entries = [
        (USER_OBJ, 7, NOBODY), (USER, user, 1234), (GROUP_OBJ, 5, NOBODY), (GROUP, 4, 5678),
        (MASK, 7, NOBODY), (OTHER, 0, NOBODY),
    ]  # fmt: skip
    return struct.pack("<I", 2) + b"".join(struct.pack("<HHI", *entry) for entry in entries)


def everything_about(root: Path) -> dict[str, dict[str, Any]]:
    """All that can be told of every entry of a tree, without its inode numbers and access times."""
    os.sync()  # until then a file may have no blocks yet
    names: dict[int, list[str]] = {}
    found: dict[str, dict[str, Any]] = {}
    for path in [root, *sorted(root.rglob("*"))]:
        status, name = path.lstat(), str(path.relative_to(root))
        if not stat.S_ISDIR(status.st_mode):
            names.setdefault(status.st_ino, []).append(name)
        found[name] = {
            "mode": oct(status.st_mode),
            "owner": (status.st_uid, status.st_gid),
            "size": None if stat.S_ISDIR(status.st_mode) else status.st_size,
            "mtime": status.st_mtime_ns,
            "device": (os.major(status.st_rdev), os.minor(status.st_rdev)),
            "links": names.get(status.st_ino),
            "xattrs": {
                key: os.getxattr(path, key, follow_symlinks=False)
                for key in os.listxattr(path, follow_symlinks=False)
            },
            "content": content_of(path, status),
        }
    return found


def content_of(path: Path, status: os.stat_result) -> Any:
    """What a link leads to; of a file, where it has data, how many blocks that is, and its sum."""
    if stat.S_ISLNK(status.st_mode):
        return path.readlink()
    if not stat.S_ISREG(status.st_mode):
        return None
    descriptor, data, digest = os.open(path, os.O_RDONLY), [], hashlib.sha256()
    try:
        at = 0
        while at < status.st_size:
            try:
                start = os.lseek(descriptor, at, os.SEEK_DATA)
            except OSError:  # nothing but a hole from here on
                break
            at = os.lseek(descriptor, start, os.SEEK_HOLE)
            data.append((start, at))
            digest.update(os.pread(descriptor, at - start, start))
    finally:
        os.close(descriptor)
    return data, status.st_blocks, digest.hexdigest()
