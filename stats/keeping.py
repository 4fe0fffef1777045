"""The last day on the disk, so that a restart does not forget it.

One file in the data directory, written by the collector beside its rounds. Nobody waits for the
disk: a power cut may leave half of it, which its checksum tells, and then the lines begin anew.
Several web processes write the same file: each takes in first what another has written.
"""

import fcntl
import json
import logging
import os
import struct
import sys
import threading
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from django.conf import settings

from stats.rings import FIELDS, MOST_CONTAINERS, POINTS, RINGS_SIZE, SPANS, DayHistory

logger = logging.getLogger(__name__)

NAME = "statistics.history"

MAGIC = b"container-monkey statistics\n"

HEAD = struct.Struct("<II")
"""The CRC-32 of all that follows, and the size of the description with which that begins."""

LAYOUT = {
    "version": 1,
    "fields": list(FIELDS),
    "points": POINTS,
    "spans": SPANS,
    "order": sys.byteorder,
}

LARGEST = MOST_CONTAINERS * (RINGS_SIZE + 256) + 65_536
"""More than this is no file of ours: about 16 MiB."""

FLAGS = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC

_writing = threading.Lock()


def place() -> Path:
    return Path(settings.DATA_DIR) / NAME


def keep(history: DayHistory, url: str) -> None:
    """Write down what is known of the Engine at `url`; where that fails, the log says so.

    What another process has written since comes into the history first.
    """
    partial = place().with_name(f"{NAME}.partial")
    try:
        with _writing, only_writer():
            if looks() not in (None, history.kept_as):
                take_from_others(history, url)
            write(partial, history, url)
            history.kept_as = looks()
    except OSError as error:
        with suppress(OSError):
            partial.unlink()  # half of it is of no use, and the disk may be full
        logger.warning("The history of the statistics cannot be kept: %s", error)


@contextmanager
def only_writer() -> Iterator[None]:
    """Have the other processes wait that keep their history in the same data directory."""
    directory = os.open(place().parent, os.O_RDONLY | os.O_CLOEXEC)
    try:
        fcntl.flock(directory, fcntl.LOCK_EX)
        yield
    finally:
        os.close(directory)


def looks() -> tuple[int, int, int] | None:
    """What tells a file from one that was written later; None where there is none."""
    try:
        known = place().stat()
    except FileNotFoundError:
        return None
    return known.st_ino, known.st_mtime_ns, known.st_size


def take_from_others(history: DayHistory, url: str) -> None:
    """Take in what the file has; one that cannot be used is written anew."""
    try:
        read_at, rings = read(url)
    except (OSError, Unusable):
        return
    history.take(max([history.newest, *read_at.values()]), read_at, rings)


def write(partial: Path, history: DayHistory, url: str) -> None:
    read_at, rings = history.packed()
    said = json.dumps({"layout": LAYOUT, "engine": url, "read_at": read_at}).encode()
    content = said + rings
    with os.fdopen(os.open(partial, FLAGS, 0o600), "wb") as file:
        file.write(MAGIC + HEAD.pack(zlib.crc32(content), len(said)))
        file.write(content)
    partial.replace(place())


def remember(history: DayHistory, url: str, now: float) -> None:
    """Take in what was kept of the Engine at `url`; anything else is left out, and logged."""
    try:
        read_at, rings = read(url)
    except FileNotFoundError:
        return
    except (OSError, Unusable) as problem:
        logger.warning("The history of the statistics begins anew: %s", problem)
        return
    history.take(now, read_at, rings)


def read(url: str) -> tuple[dict[str, float], bytes]:
    """What the file has, as `understood`."""
    with place().open("rb") as file:
        return understood(file.read(LARGEST + 1), url)


class Unusable(Exception):
    """The file is not one that could be gone on with."""


def understood(content: bytes, url: str) -> tuple[dict[str, float], bytes]:
    """When each container was read last, and their rings. Raise Unusable."""
    begin = len(MAGIC) + HEAD.size
    if not content.startswith(MAGIC) or not begin < len(content) <= LARGEST:
        raise Unusable(f"{place()} is no history of statistics.")
    checksum, size = HEAD.unpack(content[len(MAGIC) : begin])
    if zlib.crc32(content[begin:]) != checksum:
        raise Unusable(f"{place()} is damaged.")
    said: dict[str, Any] = json.loads(content[begin : begin + size])
    rings = content[begin + size :]
    if said["layout"] != LAYOUT or len(rings) != RINGS_SIZE * len(said["read_at"]):
        raise Unusable(f"{place()} is of another version.")
    if said["engine"] != url:
        raise Unusable(f"{place()} is of the Engine at {said['engine']}.")
    return said["read_at"], rings
