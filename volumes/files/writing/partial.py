"""A file on its way into a folder, of which nothing is seen before it is whole."""

import errno
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

UNKNOWN = (errno.EOPNOTSUPP, errno.EISDIR, errno.EINVAL)
"""What a file system says that knows no files without a name."""


@dataclass
class PartialFile:
    """What is being written into an opened folder; `name` is hidden, and empty while it has none.

    A file without a name is gone with the process that writes it, also when that is killed.
    """

    folder: int
    descriptor: int
    name: str = ""

    def write(self, piece: bytes) -> None:
        left = memoryview(piece)
        while left:
            left = left[os.write(self.descriptor, left) :]

    def finish(self, uid: int, gid: int, mode: int) -> str:
        """Bring it to the disk with its owner and mode; the hidden name that it has then."""
        os.fchown(self.descriptor, uid, gid)
        os.fchmod(self.descriptor, mode)
        os.fsync(self.descriptor)
        if not self.name:
            name = hidden_name()
            os.link(f"/proc/self/fd/{self.descriptor}", name, dst_dir_fd=self.folder)
            self.name = name
        return self.name


def hidden_name() -> str:
    return f".{secrets.token_hex(16)}.partial"


@contextmanager
def partial_file(folder: int) -> Iterator[PartialFile]:
    """A file to be written, of which nothing stays unless it was renamed at the end."""
    partial = begun(folder)
    try:
        yield partial
    finally:
        os.close(partial.descriptor)
        if partial.name:
            with suppress(FileNotFoundError):
                os.unlink(partial.name, dir_fd=folder)


def begun(folder: int) -> PartialFile:
    try:
        return PartialFile(folder, os.open(".", os.O_TMPFILE | os.O_WRONLY, 0o600, dir_fd=folder))
    except OSError as error:
        if error.errno not in UNKNOWN:
            raise
    name, flags = hidden_name(), os.O_CREAT | os.O_EXCL | os.O_WRONLY
    return PartialFile(folder, os.open(name, flags, 0o600, dir_fd=folder), name)
