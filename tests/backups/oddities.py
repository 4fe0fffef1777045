"""A tree of everything that a file system can hold, and everything about a tree."""

import hashlib
import os
import socket
import stat
import struct
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


def make_oddities(root: bytes) -> None:
    """Fill an empty directory, and give itself an owner, mode, time and attributes."""
    make_names(root + b"/names")
    make_kinds(root + b"/kinds")
    make_links(root + b"/links")
    make_modes(root + b"/modes")
    make_holes(root + b"/holes")
    make_attributes(root + b"/attributes")
    for name, nanoseconds in TIMES.items():
        write(root + b"/" + name, b"x")
        os.utime(root + b"/" + name, ns=(0, nanoseconds))
    os.setxattr(root, b"user.root", b"of the root")
    os.setxattr(root, b"system.posix_acl_default", acl(user=6))
    os.chown(root, 7, 8)
    os.chmod(root, 0o2751)
    os.utime(root, ns=(0, 999_999_999_123_456_789))


def make_names(folder: bytes) -> None:
    os.mkdir(folder)
    for name in NAMES:
        write(folder + b"/" + name, name)
        os.symlink(name, folder + b"/" + name[:200] + b".link")
    deep = folder + b"/" + b"/".join([b"d" * 100] * 20)
    os.makedirs(deep)
    write(deep + b"/" + b"f" * 200, b"deep")
    os.link(deep + b"/" + b"f" * 200, deep + b"/" + b"g" * 200)
    os.makedirs(folder + b"/empty/and empty")


def make_kinds(folder: bytes) -> None:
    os.mkdir(folder)
    os.mkfifo(folder + b"/fifo", 0o640)
    for name, kind, device in (
        (b"null", stat.S_IFCHR, (1, 3)),
        (b"large", stat.S_IFCHR, (4095, 1_048_575)),
        (b"block", stat.S_IFBLK, (7, 200)),
    ):
        os.mknod(folder + b"/" + name, 0o660 | kind, os.makedev(*device))
    for path in (b"fifo", b"null", b"large", b"block"):
        os.chown(folder + b"/" + path, 3, 4)
        os.utime(folder + b"/" + path, ns=(0, 5_000_000_005))


def make_links(folder: bytes) -> None:
    os.mkdir(folder)
    write(folder + b"/z file", b"content")
    os.link(folder + b"/z file", folder + b"/a second name")
    os.link(folder + b"/z file", folder + b"/third")
    os.symlink(b"/etc/passwd", folder + b"/absolute")
    os.link(folder + b"/absolute", folder + b"/absolute too", follow_symlinks=False)
    os.symlink(b"../../../../outside", folder + b"/up")
    os.symlink(b"nowhere", folder + b"/dangling")
    os.symlink(b".", folder + b"/itself")
    os.symlink(b"/".join([b"far"] * 500), folder + b"/far")
    for name in (b"absolute", b"up", b"dangling"):
        os.chown(folder + b"/" + name, 5, 6, follow_symlinks=False)
        os.utime(folder + b"/" + name, ns=(0, -9_000_000_009), follow_symlinks=False)


def make_modes(folder: bytes) -> None:
    os.mkdir(folder)
    for number, mode in enumerate((0o000, 0o400, 0o644, 0o4755, 0o2755, 0o6711, 0o1777, 0o7777)):
        file, below = folder + b"/file%d" % number, folder + b"/folder%d" % number
        write(file, b"x" * number)
        os.mkdir(below)
        write(below + b"/in it", b"")
        for path in (file, below):
            os.chown(path, 400_000_000 * number, 2_000_000_000 + number)
            os.chmod(path, mode)
            os.utime(path, ns=(0, BILLION * 10**9 + number))


def make_holes(folder: bytes) -> None:
    os.mkdir(folder)
    for name, size, islands in (
        (b"nothing but a hole", 64 * MEBIBYTE, []),
        (b"larger than 8 GiB", 9 << 30, [0, 3 << 30, (9 << 30) - 4096]),
        (b"many islands", 40 * MEBIBYTE, range(0, 40 * MEBIBYTE, MEBIBYTE // 8)),
        (b"a hole at its end", 3 * MEBIBYTE, [0]),
        (b"a hole \xff in a file of a long name " + b"n" * 200, 3 * MEBIBYTE, [MEBIBYTE]),
    ):
        with open(folder + b"/" + name, "wb") as file:
            file.truncate(size)
            for at in islands:
                file.seek(at)
                file.write(b"island " * 100)
    write(folder + b"/zeros that are there", bytes(MEBIBYTE))


def make_attributes(folder: bytes) -> None:
    os.mkdir(folder)
    os.setxattr(folder, b"system.posix_acl_default", acl(user=7))
    os.setxattr(folder, b"trusted.overlay.opaque", b"y")
    below = folder + b"/below a default ACL"
    os.mkdir(below)
    write(below + b"/file", b"")
    file = folder + b"/file"
    write(file, b"x" * 10_000)
    os.chown(file, 1, 2)
    os.setxattr(file, b"user.text", b"value")
    os.setxattr(file, b"user.binary", bytes(range(256)))
    os.setxattr(file, b"user.empty", b"")
    os.setxattr(file, b"user.of several\nlines=odd", b"a=b\nc\n")
    os.setxattr(file, b"user.\xff", b"\xff")
    os.setxattr(file, b"trusted.t", b"of root alone")
    os.setxattr(file, b"system.posix_acl_access", acl(user=5))
    os.link(file, folder + b"/linked")
    program = folder + b"/program"
    write(program, b"#!/bin/true\n")
    os.chown(program, 1, 2)
    os.chmod(program, 0o755)
    os.setxattr(program, b"security.capability", struct.pack("<5I", 0x0200_0001, 1 << 10, 0, 0, 0))


def make_socket(path: bytes) -> None:
    """Leave a socket's file behind."""
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(path)


def write(path: bytes, content: bytes) -> None:
    with open(path, "wb") as file:
        file.write(content)


def acl(user: int) -> bytes:
    """An access control list in the kernel's form: it lets user 1234 do what `user` says."""
    entries = [
        (USER_OBJ, 7, NOBODY), (USER, user, 1234), (GROUP_OBJ, 5, NOBODY), (GROUP, 4, 5678),
        (MASK, 7, NOBODY), (OTHER, 0, NOBODY),
    ]  # fmt: skip
    return struct.pack("<I", 2) + b"".join(struct.pack("<HHI", *entry) for entry in entries)


def everything_about(root: bytes) -> dict[bytes, dict[str, Any]]:
    """All that can be told of every entry of a tree, without its inode numbers and access times."""
    os.sync()  # until then a file may have no blocks yet
    names: dict[int, list[bytes]] = {}
    found: dict[bytes, dict[str, Any]] = {}
    for path in walk(root):
        status, name = os.lstat(path), path[len(root) :]
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


def walk(path: bytes) -> list[bytes]:
    found = [path]
    if stat.S_ISDIR(os.lstat(path).st_mode):
        for name in sorted(os.listdir(path)):
            found += walk(path + b"/" + name)
    return found


def content_of(path: bytes, status: os.stat_result) -> Any:
    """What a link leads to; of a file, where it has data, how many blocks that is, and its sum."""
    if stat.S_ISLNK(status.st_mode):
        return os.readlink(path)
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
