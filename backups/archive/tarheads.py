"""One tar entry's head: the header block, and what may stand before and after it.

Understood: ustar, GNU (long names ``L`` and ``K``, base-256 numbers, sparse files ``S``) and pax
(``x`` and ``g``, with GNU's sparse records). Anything else is refused rather than guessed at.
"""

import struct
import zlib
from functools import lru_cache
from typing import NamedTuple

from .errors import DamagedStream, readable
from .tarextensions import BEFORE, NOTHING_BEFORE, Overrides

Buffer = bytes | bytearray | memoryview

BLOCK = 512
ZERO_BLOCK = bytes(BLOCK)
END_OF_ARCHIVE = bytes(2 * BLOCK)

FILE, HARD_LINK, SYMLINK, CHARACTER, DEVICE, DIRECTORY, FIFO = (
    b"0",
    b"1",
    b"2",
    b"3",
    b"4",
    b"5",
    b"6",
)
SPARSE = b"S"
FILES = (FILE, SPARSE)
WITHOUT_CONTENT = frozenset((HARD_LINK, SYMLINK, CHARACTER, DEVICE, DIRECTORY, FIFO))
ALIASES = {b"\0": FILE, b"7": FILE}

# Extended attributes make heads long; nothing honest makes them longer than this.
MAX_HEAD = 4 << 20

NAME_FIELD = 100
HEADER = struct.Struct("100s8s8s8s12s12s8sc100s8s32s32s8s8s155s12x")
# zlib.adler32 holds the sum of the bytes, plus one, modulo this: 30 times faster than sum().
ADLER_MODULUS = 65521
SPACES = 8 * 0x20

OCTAL_DIGITS = b"01234567 \0"


class Entry(NamedTuple):
    """One entry of a tar, with its place: `start` is its first header block, `data` its content,
    `end` the next entry, in bytes from the start of the stream.

    `name` has no slash at its end; `size` is the file's own, `end - data` what is stored of it.
    """

    start: int
    data: int
    end: int
    kind: bytes
    name: bytes
    link: bytes
    size: int
    mode: int
    uid: int
    gid: int
    mtime: bytes
    device: tuple[int, int]
    sparse: bool


def read_head(buffer: Buffer, at: int, base: int) -> Entry | None:
    """Give the entry whose head is in `buffer` from `at` on, or None if its head goes on beyond it.

    `base` is the buffer's own place in the stream. Raise DamagedStream for anything not understood.
    """
    start, before = at, NOTHING_BEFORE
    while True:
        if at + BLOCK > len(buffer):
            return _goes_on(buffer, start)
        fields = HEADER.unpack_from(buffer, at)
        _check_sum(buffer, at, fields[6], base)
        kind = ALIASES.get(fields[7], fields[7])
        if kind not in BEFORE:
            return _entry(buffer, start, at, base, kind, fields, before)
        size = _number(fields[4], "size")
        data, at = at + BLOCK, at + BLOCK + padded(size)
        if at - start > MAX_HEAD:
            raise DamagedStream("The stream has an entry whose header is longer than 4 MiB.")
        if at > len(buffer):
            return _goes_on(buffer, start)
        if before is NOTHING_BEFORE:
            before = Overrides()
        before.take(kind, bytes(buffer[data : data + size]))


def padded(size: int) -> int:
    """The room that content of this size takes in a tar."""
    return size + -size % BLOCK


def _goes_on(buffer: Buffer, start: int) -> Entry | None:
    """Give None, for a head that ends beyond the buffer, unless it is endless."""
    if len(buffer) - start > MAX_HEAD + BLOCK:
        raise DamagedStream("The stream has an entry whose header is longer than 4 MiB.")
    return None


def _entry(
    buffer: Buffer,
    start: int,
    at: int,
    base: int,
    kind: bytes,
    fields: tuple[bytes, ...],
    before: Overrides,
) -> Entry | None:
    size = stored = _number(fields[4], "size")
    device, data = (0, 0), at + BLOCK
    if kind in (CHARACTER, DEVICE):
        device = _number(fields[12], "device"), _number(fields[13], "device")
    elif kind == SPARSE:
        size = _number(bytes(buffer[at + 483 : at + 495]), "real size")
        data = _after_sparse_map(buffer, at)
        if data > len(buffer):
            return _goes_on(buffer, start)
    entry = Entry(
        start=base + start,
        data=base + data,
        end=base + data + padded(stored),
        kind=kind,
        name=before.name if before.name is not None else _header_name(fields),
        link=before.link if before.link is not None else fields[8].partition(b"\0")[0],
        size=size,
        # Some writers, older Engines among them, put the kind of file here too.
        mode=_common_number(fields[1], "mode") & 0o7777,
        uid=_common_number(fields[2], "uid"),
        gid=_common_number(fields[3], "gid"),
        mtime=b"%d" % _number(fields[5], "time", signed=True),
        device=device,
        sparse=kind == SPARSE,
    )
    return _checked(_with_records(entry, before) if before.records else entry)


def _with_records(entry: Entry, before: Overrides) -> Entry:
    """The entry as its pax records change it."""
    if entry.sparse:
        raise DamagedStream(f"The entry {readable(entry.name)} has headers of two kinds.")
    size = stored = before.number(b"size", entry.size)
    name = entry.name
    if before.sparse:
        name = before.records.get(b"GNU.sparse.name", name)
        if name != entry.name and not _is_sparse_name(entry.name, name):
            raise DamagedStream(f"The entry {readable(name)} has two names that differ.")
        size = before.number(b"GNU.sparse.realsize", before.number(b"GNU.sparse.size", size))
    return entry._replace(
        end=entry.data + padded(stored),
        name=name,
        size=size,
        uid=before.number(b"uid", entry.uid),
        gid=before.number(b"gid", entry.gid),
        mtime=before.time(b"mtime", entry.mtime),
        sparse=before.sparse,
    )


def _is_sparse_name(stored: bytes, name: bytes) -> bool:
    """Whether GNU tar stores a sparse file of this name so, for readers that do not know of it.

    It does not store more than the header's field holds.
    """
    folder, _, leaf = name.rpartition(b"/")
    start, end = folder + b"/GNUSparseFile.", b"/" + leaf
    if not start.startswith(stored[: len(start)]):
        return False
    rest = stored[len(start) :].lstrip(b"0123456789")
    return rest == end or (len(stored) == NAME_FIELD and end.startswith(rest))


def _checked(entry: Entry) -> Entry:
    """The entry without the slash at a directory's end. Raise DamagedStream at a contradiction."""
    if entry.kind in WITHOUT_CONTENT:
        if entry.end != entry.data or entry.sparse:
            raise DamagedStream(
                f"The entry {readable(entry.name)} claims content that it cannot have."
            )
    elif entry.kind not in FILES:
        raise DamagedStream(
            f"The entry {readable(entry.name)} is of an unknown kind, {readable(entry.kind)}."
        )
    if not entry.name.endswith(b"/"):
        return entry
    if entry.kind != DIRECTORY:
        raise DamagedStream(
            f"The entry {readable(entry.name)} is named as a directory and is none."
        )
    return entry._replace(name=entry.name[:-1])


def _check_sum(buffer: Buffer, at: int, stated: bytes, base: int) -> None:
    """Raise DamagedStream unless the header's bytes, its own checksum read as spaces, add up."""
    total = (zlib.adler32(buffer[at : at + BLOCK]) & 0xFFFF) - 1 - sum(stated) + SPACES
    expected = _octal(stated)
    if expected is None or (total - expected) % ADLER_MODULUS:
        raise DamagedStream(f"There is no tar header where one must be, at byte {base + at}.")


def _number(text: bytes, what: str, *, signed: bool = False) -> int:
    """A number of a header: octal digits, or base 256 with the first bit set (GNU)."""
    value: int | None
    if text[0] & 0x80:
        value = int.from_bytes(text, "big", signed=True) if text[0] == 0xFF else _base256(text)
    else:
        value = _octal(text)
    if value is None or (value < 0 and not signed):
        raise DamagedStream(f"A tar header has no number for its {what}.")
    return value


def _octal(text: bytes) -> int | None:
    """Octal digits between spaces, ended by spaces or zeros; none at all are 0."""
    digits = text.rstrip(b"\0 ")
    # Python's own reading would take signs and underscores too.
    if digits.strip(OCTAL_DIGITS):
        return None
    try:
        return int(digits, 8) if digits else 0
    except ValueError:
        return None


# Modes and owners repeat from entry to entry.
_common_number = lru_cache(1024)(_number)


def _base256(text: bytes) -> int:
    return int.from_bytes(bytes((text[0] & 0x7F,)) + text[1:], "big")


def _header_name(fields: tuple[bytes, ...]) -> bytes:
    """The name, put together from its two fields where the header is ustar."""
    name = fields[0].partition(b"\0")[0]
    if fields[9] == b"ustar\x0000":
        prefix = fields[14].partition(b"\0")[0]
        return prefix + b"/" + name if prefix else name
    return name


def _after_sparse_map(buffer: Buffer, at: int) -> int:
    """Where the data of an old GNU sparse file begins: its map may go on in further blocks."""
    more, at = buffer[at + 482], at + BLOCK
    while more:
        if at + BLOCK > len(buffer):
            return at + BLOCK
        more, at = buffer[at + 504], at + BLOCK
    return at
