"""Where file systems are mounted, as the kernel lists it."""

import re
from collections.abc import Iterator

from containermonkey.problems import Conflict
from volumes.files.writing.names import shown

MOUNTS = "/proc/self/mountinfo"
MOUNT_POINT = 4
"""Which word of a line of mountinfo it is; letters that divide words are octal numbers there."""

OCTAL = re.compile(rb"\\([0-7]{3})")


def mount_points(mountinfo: bytes) -> Iterator[bytes]:
    for line in mountinfo.splitlines():
        yield OCTAL.sub(unescaped, line.split()[MOUNT_POINT])


def unescaped(octal: re.Match[bytes]) -> bytes:
    return bytes([int(octal[1], 8)])


def other_mounted(name: str) -> Conflict:
    return Conflict(f"In {shown(name)} another file system is mounted, which is not deleted.")
