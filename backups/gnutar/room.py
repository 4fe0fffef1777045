"""Runs a command in a room that holds the system's programs and one directory, and nothing else.

It is a program of its own, `python room.py PARENT FLOOR PATH DEVICE INODE KEY ACCESS COMMAND...`,
because between fork and exec a process with threads can do next to nothing safely.

The directory PATH appears at `/volumes/KEY`, for reading only unless ACCESS is `rw`. Whatever
links are in it, or are put there while the command runs, lead to nothing outside: the room has a
root and mounts of its own, and they go away with the command. The command ends with its PARENT.
FLOOR is any folder; the room is made on top of it, which only the room sees. PATH has to be the
directory that DEVICE and INODE name, or nothing is run. The first word of COMMAND is a path.
"""

import ctypes
import os
import signal
import stat
import sys

PR_SET_PDEATHSIG = 1
CLONE_NEWNS = 0x20000
MS_RDONLY, MS_NOSUID, MS_NODEV, MS_REMOUNT = 1, 2, 4, 32
MS_BIND, MS_REC, MS_PRIVATE = 4096, 16384, 1 << 18

# Where a Linux has its programs and their libraries; those that are links are made as links.
SYSTEM = ("usr", "bin", "lib", "lib32", "lib64", "nix", "gnu")

NOT_POSSIBLE = 125
"""The exit status where no room can be made."""

libc = ctypes.CDLL(None, use_errno=True)


def main(arguments: list[str]) -> None:
    parent, floor, path, device, inode, key, access, *command = arguments
    try:
        end_with(int(parent))
        make_own_mounts()
        directory = opened(path, int(device), int(inode))
        make_room(floor)
        bring_in(directory, f"{floor}/volumes/{key}", read_only=access != "rw")
        os.chroot(floor)
        os.chdir("/")
        os.execv(command[0], command)
    except OSError as error:
        sys.stderr.write(f"{error.strerror}\n")
        sys.exit(NOT_POSSIBLE)


def end_with(parent: int) -> None:
    """Be killed when the parent ends; the parent may have ended before that was said."""
    call("prctl", PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:
        sys.exit(NOT_POSSIBLE)


def make_own_mounts() -> None:
    """Have mounts that nobody else sees."""
    call("unshare", CLONE_NEWNS)
    mount("none", "/", MS_REC | MS_PRIVATE)


def opened(path: str, device: int, inode: int) -> int:
    """The directory or file, if it is still the one that was looked at."""
    descriptor = os.open(path, os.O_PATH)
    status = os.fstat(descriptor)
    if (status.st_dev, status.st_ino) != (device, inode):
        raise OSError(0, "The directory has been replaced by another.")
    return descriptor


def make_room(floor: str) -> None:
    """Make a root that holds the system's programs, for reading only."""
    mount("room", floor, MS_NOSUID | MS_NODEV, kind=b"tmpfs", data=b"mode=755,size=1m")
    for name in SYSTEM:
        if os.path.islink(f"/{name}"):
            os.symlink(os.readlink(f"/{name}"), f"{floor}/{name}")
        elif os.path.isdir(f"/{name}"):
            os.mkdir(f"{floor}/{name}")
            mount(f"/{name}", f"{floor}/{name}", MS_BIND)
            mount("none", f"{floor}/{name}", MS_REMOUNT | MS_BIND | MS_RDONLY | MS_NOSUID)


def bring_in(directory: int, target: str, *, read_only: bool) -> None:
    """Have the directory, or single file, in the room."""
    os.makedirs(os.path.dirname(target))
    if stat.S_ISDIR(os.fstat(directory).st_mode):
        os.mkdir(target)
    else:
        os.close(os.open(target, os.O_CREAT | os.O_WRONLY))
    mount(f"/proc/self/fd/{directory}", target, MS_BIND | MS_REC)
    if read_only:
        mount("none", target, MS_REMOUNT | MS_BIND | MS_RDONLY)


def mount(source: str, target: str, flags: int, *, kind: bytes = b"", data: bytes = b"") -> None:
    call("mount", os.fsencode(source), os.fsencode(target), kind, ctypes.c_ulong(flags), data)


def call(name: str, *arguments: object) -> None:
    """Call a function of the C library. Raise OSError where it fails."""
    if getattr(libc, name)(*arguments) != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{name}: {os.strerror(number)}")


if __name__ == "__main__":
    main(sys.argv[1:])
