"""Several archives as one tar, made while it is sent: its size is known, no copy of it is kept."""

import asyncio
import logging
import tarfile
import time
from collections.abc import AsyncIterator
from dataclasses import astuple, dataclass
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from django.conf import settings
from django.http import StreamingHttpResponse
from django.utils import timezone

from backups.download import Pieces
from backups.models import Backup, BulkDownload
from containermonkey.database import FAILURES
from containermonkey.problems import Conflict

logger = logging.getLogger(__name__)

FILENAME = "container-monkey-backups.tar"
BLOCK = tarfile.BLOCKSIZE
END = bytes(2 * BLOCK)

NOTE_EVERY = 10.0
"""Seconds between two notes that a download goes on; see `BulkDownload.read_at`."""


@dataclass(frozen=True)
class Entry:
    """An archive in the tar: its size in bytes, and when it was made, in seconds."""

    filename: str
    size: int
    created: int

    @classmethod
    def of(cls, backup: Backup) -> "Entry":
        return cls(backup.filename, backup.size, int(backup.created.timestamp()))

    def as_row(self) -> list[str | int]:
        return list(astuple(self))

    @property
    def path(self) -> Path:
        return Path(settings.BACKUP_DIR) / self.filename

    @property
    def head(self) -> bytes:
        member = tarfile.TarInfo(self.filename)
        member.size, member.mtime, member.mode = self.size, max(self.created, 0), 0o600
        return member.tobuf(tarfile.PAX_FORMAT)

    @property
    def padding(self) -> bytes:
        return bytes(-self.size % BLOCK)

    def is_there(self) -> bool:
        try:
            return self.path.stat().st_size == self.size
        except OSError:
            return False


def size_of(entries: list[Entry]) -> int:
    """Bytes of the whole tar."""
    return sum(len(each.head) + each.size + len(each.padding) for each in entries) + len(END)


class TarPieces:
    """The bytes of the tar, piece by piece; each file is read beside the event loop."""

    def __init__(self, download: BulkDownload, entries: list[Entry]) -> None:
        self._download, self._entries = download, entries
        self._file: BinaryIO | None = None
        self._next_note = 0.0

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for entry in self._entries:
            yield entry.head
            self._file = await asyncio.to_thread(entry.path.open, "rb")
            left = entry.size
            async for piece in Pieces(self._file, 0, entry.size):
                await self._note()
                left -= len(piece)
                yield piece
            self._file.close()
            if left:
                # The length is promised: to break off is the only way to say it.
                raise Conflict(f"{entry.filename} became shorter while it was downloaded.")
            yield entry.padding
        await self._write(None)
        yield END

    async def _note(self) -> None:
        if time.monotonic() >= self._next_note:
            self._next_note = time.monotonic() + NOTE_EVERY
            await self._write(timezone.now())

    async def _write(self, read_at: datetime | None) -> None:
        try:
            await BulkDownload.objects.filter(pk=self._download.pk).aupdate(read_at=read_at)
        except FAILURES as error:
            # What is being sent is none of the database's: it goes on without the note.
            logger.warning("Not noted that the download %s goes on: %s", self._download.pk, error)

    def close(self) -> None:
        """Called by Django when the answer is over, also where the caller went away."""
        if self._file:
            self._file.close()


def tar_response(download: BulkDownload, entries: list[Entry]) -> StreamingHttpResponse:
    """The tar as an answer, of exactly the length that it states."""
    return StreamingHttpResponse(
        TarPieces(download, entries),
        content_type="application/x-tar",
        headers={
            "Content-Length": str(size_of(entries)),
            "Content-Disposition": f'attachment; filename="{FILENAME}"',
            "Cache-Control": "private, no-store",
        },
    )
