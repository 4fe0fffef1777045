"""Where the backups go: can they be written there, is there room, and will they stay."""

import os
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

from containermonkey import figures
from engine import identity
from system.check.types import Check, advice, good, wrong

LEAST = 256 << 20
"""Bytes without which nothing is written any more; uploads leave as much."""

COMFORTABLE = 1 << 30

IN_MEMORY = {"tmpfs", "ramfs"}
THROW_AWAY = {"overlay", "aufs", "overlayfs"}

WRITABLE, ROOM, LASTING = "Storage", "Free space", "Where backups lie"


@dataclass(frozen=True)
class Mounted:
    """A file system, and the folder at which it is seen."""

    at: str
    kind: str


def checks(largest: int) -> Iterator[Check]:
    """All of them; `largest` are the bytes of the largest backup so far."""
    folders = list(dict.fromkeys([Path(settings.DATA_DIR), Path(settings.BACKUP_DIR)]))
    yield writable(folders)
    yield room(Path(settings.BACKUP_DIR), largest)
    yield lasting(folders, Path("/proc/self/mountinfo").read_text(errors="replace"))


def writable(folders: list[Path]) -> Check:
    """Whether a file can be made and removed where data and backups lie."""
    for folder in folders:
        try:
            with tempfile.TemporaryFile(dir=folder, prefix=".check-") as file:
                file.write(b"Can this be written?")
                file.flush()
                os.fsync(file.fileno())
        except FileNotFoundError:
            return wrong(
                *(WRITABLE, f"There is no {folder} any more."),
                "Mount its disk again, or start the program again, which makes an empty one.",
            )
        except OSError as error:
            return wrong(
                *(WRITABLE, f"{folder} cannot be written: {error.strerror}."),
                "Give the folder to the user as whom this program runs, mount its disk for "
                "writing, or name another in CONTAINERMONKEY_DATA.",
            )
    return good(WRITABLE, f"{folders[-1]} can be written.")


def room(folder: Path, largest: int = 0) -> Check:
    """Whether the next backup fits, as far as the largest so far tells."""
    try:
        status = os.statvfs(folder)
    except OSError as error:
        return wrong(
            *(ROOM, f"{folder} cannot be looked at: {error.strerror}."),
            "Mount its disk, or make the folder again.",
        )
    free, whole = status.f_bavail * status.f_frsize, status.f_blocks * status.f_frsize
    detail = f"{figures.size(free)} of {figures.size(whole)} are free."
    fix = "Delete old backups, have a schedule do it, or give CONTAINERMONKEY_DATA a larger disk."
    if free < LEAST:
        return wrong(ROOM, detail, fix)
    if free < max(largest, COMFORTABLE):
        more = f" The largest backup takes {figures.size(largest)}." if largest > free else ""
        return advice(ROOM, detail + more, fix)
    return good(ROOM, detail)


def lasting(folders: list[Path], mountinfo: str) -> Check:
    """Whether what is written stays: not in memory, nor in a container that is made again."""
    for folder in folders:
        mounted = mount_of(folder, mountinfo)
        if mounted.kind in IN_MEMORY:
            return wrong(
                *(LASTING, f"{folder} is in memory ({mounted.kind}) and gone at the next start."),
                "Mount a disk there, or name a folder on one in CONTAINERMONKEY_DATA.",
            )
        if identity.candidate_id() and mounted.at == "/" and mounted.kind in THROW_AWAY:
            return wrong(
                LASTING,
                f"{folder} is inside this program’s own container, and goes when that is made "
                "again, with all backups.",
                f"Start the container with a volume there: -v container-monkey:{folders[0]}.",
            )
    return good(LASTING, "On a disk that stays.")


def mount_of(folder: Path, mountinfo: str) -> Mounted:
    """The file system on which a folder lies, as /proc/self/mountinfo has it."""
    real = folder.resolve()
    found = Mounted("/", "")
    for line in mountinfo.splitlines():
        place, _, system = line.partition(" - ")
        at = unescaped(place.split()[4])
        # Of several at one place, the last covers the others.
        if real.is_relative_to(at) and len(at) >= len(found.at):
            found = Mounted(at, system.split()[0])
    return found


def unescaped(path: str) -> str:
    r"""A path of mountinfo, which writes a blank as `\040`."""
    for code, letter in (("\\040", " "), ("\\011", "\t"), ("\\012", "\n"), ("\\134", "\\")):
        path = path.replace(code, letter)
    return path
