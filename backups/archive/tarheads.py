"""One tar entry's head: the header block, and what may stand before and after it.

Understood: ustar, GNU (long names ``L`` and ``K``, base-256 numbers, sparse files ``S``) and pax
(``x`` and ``g``, with GNU's sparse records). Anything else is refused rather than guessed at.
"""

import re
import struct
import zlib
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple

from .errors import DamagedStream

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
PAX, PAX_GLOBAL, LONG_NAME, LONG_LINK = b"x", b"g", b"L", b"K"
FILES = (FILE, SPARSE)
WITHOUT_CONTENT = frozenset((HARD_LINK, SYMLINK, CHARACTER, DEVICE, DIRECTORY, FIFO))
BEFORE = frozenset((PAX, PAX_GLOBAL, LONG_NAME, LONG_LINK))
ALIASES = {b"\0": FILE, b"7": FILE}

# Extended attributes make heads long; nothing honest makes them longer than this.
MAX_HEAD = 4 << 20

HEADER = struct.Struct("100s8s8s8s12s12s8sc100s8s32s32s8s8s155s12x")
CHECKSUM_AT = slice(148, 156)
# zlib.adler32 holds the sum of the bytes, plus one, modulo this: 30 times faster than sum().
ADLER_MODULUS = 65521
SPACES = 8 * 0x20

OCTAL_DIGITS = b"01234567 \0"
PAX_RECORD = re.compile(rb"([1-9][0-9]{0,9}) ")
DECIMAL = re.compile(rb"-?[0-9]{1,20}(?:\.[0-9]*)?")


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


@dataclass
class Overrides:
    """What the entries before a header (pax records, GNU long names) say about it."""

    name: bytes | None = None
    link: bytes | None = None
    records: dict[bytes, bytes] = field(default_factory=dict)
    sparse: bool = False

    def number(self, key: bytes, fallback: int) -> int:
        """A whole number among the records, else what the header says."""
        text = self.records.get(key)
        if text is None:
            return fallback
        if not text.isdigit() or len(text) > 19:
            raise DamagedStream(f"A pax header has no number for “{key.decode()}”.")
        return int(text)


NOTHING_BEFORE = Overrides()


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
        _take_before(before, kind, bytes(buffer[data : data + size]))


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
    name = before.name if before.name is not None else _header_name(fields)
    link = before.link if before.link is not None else fields[8].partition(b"\0")[0]
    stored = size = _number(fields[4], "size")
    mode, uid, gid = (
        _common_number(fields[1], "mode"),
        _common_number(fields[2], "uid"),
        _common_number(fields[3], "gid"),
    )
    mtime = b"%d" % _number(fields[5], "time", signed=True)
    device, sparse, data = (0, 0), kind == SPARSE, at + BLOCK
    if kind in (CHARACTER, DEVICE):
        device = _number(fields[12], "device"), _number(fields[13], "device")
    if sparse:
        size = _number(bytes(buffer[at + 483 : at + 495]), "real size")
        data = _after_sparse_map(buffer, at)
        if data > len(buffer):
            return _goes_on(buffer, start)
    records = before.records
    if records:
        stored = before.number(b"size", stored)
        size = size if sparse else stored
        uid, gid = before.number(b"uid", uid), before.number(b"gid", gid)
        mtime = _pax_time(records.get(b"mtime", mtime))
        if before.sparse:
            sparse = True
            name = records.get(b"GNU.sparse.name", name)
            size = before.number(b"GNU.sparse.realsize", before.number(b"GNU.sparse.size", size))
    if kind in WITHOUT_CONTENT:
        if stored or sparse:
            raise DamagedStream(f"The entry {readable(name)} claims content that it cannot have.")
    elif kind not in FILES:
        raise DamagedStream(f"The entry {readable(name)} is of an unknown kind, {readable(kind)}.")
    if name.endswith(b"/"):
        if kind != DIRECTORY:
            raise DamagedStream(f"The entry {readable(name)} is named as a directory and is none.")
        name = name[:-1]
    end = data + padded(stored)
    return Entry(
        base + start, base + data, base + end, kind, name, link, size, mode, uid, gid, mtime,
        device, sparse,
    )  # fmt: skip


def readable(name: bytes) -> str:
    """A name from a stream as a sentence can hold it: quoted, printable, and not too long."""
    text = name.decode("utf-8", "backslashreplace")
    text = "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)
    return f"“{text if len(text) <= 200 else text[:199] + '…'}”"


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


def _take_before(before: Overrides, kind: bytes, data: bytes) -> None:
    if kind == LONG_NAME:
        before.name = data.partition(b"\0")[0]
    elif kind == LONG_LINK:
        before.link = data.partition(b"\0")[0]
    else:
        records = parse_pax(data)
        if kind == PAX_GLOBAL:
            _check_global(records)
            return
        before.records = records
        before.sparse = b"GNU.sparse." in data
        before.name = records.get(b"path", before.name)
        before.link = records.get(b"linkpath", before.link)


def _check_global(records: dict[bytes, bytes]) -> None:
    """A global header would go on to govern the entries of other parts, so it may only comment."""
    for key in records:
        if key != b"comment":
            raise DamagedStream(
                f"The stream sets {readable(key)} for all that follows, which an archive of "
                "several parts cannot hold."
            )


def parse_pax(data: bytes) -> dict[bytes, bytes]:
    """Give the records of a pax header. Raise DamagedStream unless each is exactly as stated."""
    records: dict[bytes, bytes] = {}
    at = 0
    while at < len(data):
        match = PAX_RECORD.match(data, at)
        end = at + int(match[1]) if match else 0
        if not match or end > len(data) or end <= match.end() or data[end - 1] != 0x0A:
            raise DamagedStream("A pax header in the stream is broken.")
        key, equals, value = data[match.end() : end - 1].partition(b"=")
        if not equals or (key in (b"path", b"linkpath", b"GNU.sparse.name") and b"\0" in value):
            raise DamagedStream("A pax header in the stream is broken.")
        records[key] = value
        at = end
    return records


def _pax_time(text: bytes) -> bytes:
    if not DECIMAL.fullmatch(text):
        raise DamagedStream("A pax header in the stream has a time that is no number.")
    return text
