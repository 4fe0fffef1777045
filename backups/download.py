"""An archive as an HTTP answer: streamed in pieces, from where the caller wants it."""

import asyncio
import os
import re
from typing import BinaryIO

from django.http import (
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    HttpResponseNotModified,
    StreamingHttpResponse,
)
from django.utils.http import content_disposition_header, parse_etags

from backups.files import archive_path
from backups.models import Backup
from containermonkey.problems import NotFound, Problem

PIECE = 1 << 20
CACHING = "private, no-cache"
"""Whoever has it may keep it, and asks each time whether it is still the same."""

ONE_RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})", re.ASCII)


class RangeNotSatisfiable(Problem):
    status, code = 416, "range_not_satisfiable"

    def __init__(self, size: int) -> None:
        super().__init__(f"The file ends before that range; it has {size} bytes.")
        self.headers = {"Content-Range": f"bytes */{size}"}


class Pieces:
    """Reads `length` bytes of an open file from `start` on, each MiB beside the event loop."""

    def __init__(self, file: BinaryIO, start: int, length: int) -> None:
        self.file, self.left = file, length
        file.seek(start)

    def __aiter__(self) -> "Pieces":
        return self

    async def __anext__(self) -> bytes:
        piece = await asyncio.to_thread(self.file.read, min(PIECE, self.left))
        if not piece:
            raise StopAsyncIteration
        self.left -= len(piece)
        return piece

    def close(self) -> None:
        """Called by Django when the answer is over, also where the caller went away."""
        self.file.close()


def archive_response(request: HttpRequest, backup: Backup) -> HttpResponseBase:
    """The archive of a backup, or the part of it that `Range` asks for; 304 where it is known.

    Raise NotFound if the file is gone, RangeNotSatisfiable if the part lies behind its end.
    """
    # Open before the answer begins: an archive that is deleted meanwhile still arrives whole.
    file = opened(backup)
    try:
        size = os.fstat(file.fileno()).st_size
        etag = etag_of(backup, size)
        known = is_known(request, etag)
        start, end = (not known and requested_range(request, size, etag)) or (0, size)
    except BaseException:
        file.close()
        raise
    if known:
        file.close()
        headers = {"ETag": etag, "Cache-Control": CACHING}
        return HttpResponseNotModified(headers=headers)
    if request.method == "HEAD":
        file.close()
        response: HttpResponseBase = HttpResponse()
    else:
        response = StreamingHttpResponse(Pieces(file, start, end - start))
    if end - start < size:
        response.status_code = 206
        response["Content-Range"] = f"bytes {start}-{end - 1}/{size}"
    response["Content-Type"] = "application/gzip"
    response["Content-Length"] = str(end - start)
    response["Accept-Ranges"] = "bytes"
    response["ETag"] = etag
    response["Cache-Control"] = CACHING
    response["Content-Disposition"] = content_disposition_header(True, backup.filename)
    return response


def etag_of(backup: Backup, size: int) -> str:
    """By the archive's own sum; by another one where its file is not what was listed."""
    return f'"{backup.sha256}"' if size == backup.size else f'"{backup.sha256}-{size}"'


def is_known(request: HttpRequest, etag: str) -> bool:
    """Whether the caller has this version already."""
    known = parse_etags(request.headers.get("If-None-Match", ""))
    return "*" in known or etag in [each.removeprefix("W/") for each in known]


def opened(backup: Backup) -> BinaryIO:
    try:
        return archive_path(backup.filename).open("rb")
    except FileNotFoundError:
        raise NotFound(f"The file of the backup {backup.filename} is gone.") from None


def requested_range(request: HttpRequest, size: int, etag: str) -> tuple[int, int] | None:
    """The bytes from the first to before the last that are asked for; None for all of them.

    Several ranges at once, and what is no range, may be answered with the whole file.
    """
    found = ONE_RANGE.fullmatch(request.headers.get("Range", ""))
    if not found or request.headers.get("If-Range", etag) != etag:
        return None
    first, last = found.groups()
    if not first and not last:
        return None
    if not first:
        start, end = max(0, size - int(last)), size
    else:
        start, end = int(first), min(size, int(last) + 1 if last else size)
        if last and int(last) < start:
            return None
    if start >= end:
        raise RangeNotSatisfiable(size)
    return start, end
