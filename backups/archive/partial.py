"""A file that appears under its name only when it is whole and on disk."""

import errno
import fcntl
import os
import time
from collections.abc import Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

from .tarheads import Buffer

SUFFIX = ".partial"

# Bytes after which the disk is told to begin with what it was given.
FLUSH_EVERY = 32 << 20

# Seconds after which a file that nobody holds has been left behind. One that was made a moment ago
# may not be held yet.
LEFT_AFTER = 60.0

# Answers of file systems that have no hard links.
NO_LINKS = (errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK)


class PartialFile:
    """Written beside its final place with the suffix ``.partial``.

    Raise FileExistsError, here and at the end, rather than touch a file that is already there.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.partial = path.with_name(path.name + SUFFIX)
        self.size = 0
        self._file: int | None = _reserved(path, self.partial)
        hold(self._file)
        self._flusher = ThreadPoolExecutor(1, thread_name_prefix="flush")
        self._flushing: Future[None] | None = None
        self._flush_next = FLUSH_EVERY

    def write(self, data: Buffer) -> None:
        """Append the data. An OSError, as for a full disk, comes through as it is."""
        assert self._file is not None, "the file is closed"
        rest = memoryview(data)
        while rest:
            rest = rest[os.write(self._file, rest) :]
        self.size += len(data)
        self._flush_ahead()

    def sync(self) -> None:
        """Bring what was written to disk, so that it can be read back from there."""
        assert self._file is not None, "the file is closed"
        if self._flushing is not None:
            self._flushing.result()
        os.fsync(self._file)

    def commit(self) -> None:
        """Bring the file to disk and under its name."""
        self.sync()
        self._close()
        _rename_without_replacing(self.partial, self.path)
        _fsync_folder(self.path.parent)

    def discard(self) -> None:
        """Remove what was written; nothing happens after a commit or a second time."""
        if self._file is not None:
            self._close()
            self.partial.unlink(missing_ok=True)

    def _flush_ahead(self) -> None:
        """Have the disk begin early, so that the end does not wait for all of it."""
        if self.size < self._flush_next or self._file is None:
            return
        if self._flushing is not None:
            if not self._flushing.done():
                return
            self._flushing.result()
        self._flushing = self._flusher.submit(_to_disk, self._file, self.size)
        self._flush_next = self.size + FLUSH_EVERY

    def _close(self) -> None:
        self._flusher.shutdown(wait=True, cancel_futures=True)
        if self._file is not None:
            os.close(self._file)
            self._file = None


def _reserved(path: Path, partial: Path) -> int:
    """The new file, open. Looked at in this order, nobody else brings theirs under the name."""
    # An archive holds the container's secrets: only its owner may read it.
    file = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    if os.path.lexists(path):
        os.close(file)
        partial.unlink()
        raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(path))
    return file


def _to_disk(file: int, size: int) -> None:
    """Bring what is there to disk, and have the kernel keep no copy of its first `size` bytes.

    It would push out of memory what the host works with, and is read again from the disk anyhow.
    """
    os.fdatasync(file)
    os.posix_fadvise(file, 0, size, os.POSIX_FADV_DONTNEED)


def hold(file: int) -> bool:
    """Mark an open file as being written by this process; whether nobody else holds it.

    The operating system lets go of it when the process ends, however it ends.
    """
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def remove_left_over(partials: Iterable[Path]) -> list[str]:
    """Remove those half-written files whose processes are gone; their names.

    One that is being written is held by whoever writes it, in whichever process, and stays.
    """
    removed = []
    for path in partials:
        if path.is_file() and not path.is_symlink() and _removed_if_left(path):
            removed.append(path.name)
    return removed


def _removed_if_left(path: Path) -> bool:
    try:
        # For writing: over NFS and CIFS only such a file can be held alone.
        file = os.open(path, os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        # Either way: the clock may have been set back since.
        age = abs(time.time() - os.fstat(file).st_mtime)
        if age <= LEFT_AFTER or not hold(file) or not _is_still(file, path):
            return False
        path.unlink(missing_ok=True)  # while it is held: nobody else takes the name for theirs
        return True
    finally:
        os.close(file)


def _is_still(file: int, path: Path) -> bool:
    """Whether an open file is what has the name; another clean-up may have been here."""
    try:
        return os.path.samestat(os.fstat(file), path.lstat())
    except OSError:
        return False


def _rename_without_replacing(source: Path, target: Path) -> None:
    """Rename, or raise FileExistsError and remove the source where the target is there."""
    try:
        _link_or_reserve(source, target)
    except BaseException:
        source.unlink(missing_ok=True)
        raise


def _link_or_reserve(source: Path, target: Path) -> None:
    try:
        target.hardlink_to(source)
    except OSError as error:
        if error.errno not in NO_LINKS:
            raise
        # Taking the name first makes the replacement one of our own empty file.
        os.close(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
        try:
            source.replace(target)
        except BaseException:
            target.unlink()
            raise
    else:
        source.unlink()


def _fsync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
