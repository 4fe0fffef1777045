"""The list of one volume's files: a table of lines that `cut`, `awk` and this module read.

Columns, separated by tabs: offset, type, size, mode, uid, gid, mtime, path, target. A path is
relative to the volume and begins with ``/``; the volume's root is ``/``. Bytes that would break a
line or are not UTF-8 are written ``\\xNN``, and a backslash ``\\\\``, so that every name comes back
exactly.
"""

import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

from .errors import DamagedArchive
from .names import NOT_PLAIN
from .tarheads import CHARACTER, DEVICE, DIRECTORY, FIFO, FILE, HARD_LINK, SPARSE, SYMLINK, Entry

HEADING = b"offset\ttype\tsize\tmode\tuid\tgid\tmtime\tpath\ttarget\n"

# The letters of `find -printf %y`, with `h` for a further name of a file.
LETTERS = {
    FILE: b"f",
    SPARSE: b"f",
    HARD_LINK: b"h",
    SYMLINK: b"l",
    CHARACTER: b"c",
    DEVICE: b"b",
    DIRECTORY: b"d",
    FIFO: b"p",
}
TYPES = {
    "f": "file",
    "h": "hard link",
    "l": "symlink",
    "c": "character device",
    "b": "block device",
    "d": "directory",
    "p": "fifo",
}

TO_ESCAPE = re.compile(rb"[\x00-\x1f\x7f-\xff\\]")
ESCAPED = re.compile(rb"\\(?:x([0-9a-f]{2})|\\)")
# Control characters, among them those of C1, and what turns the direction of text.
UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\\\\]")
LONGEST_LINE = 1 << 20


@dataclass(frozen=True, slots=True)
class ListedFile:
    """One entry of a volume, its names in the escaped spelling, its offset in the plain tar."""

    name: str
    path: str
    type: str
    size: int
    mode: int
    uid: int
    gid: int
    mtime: float
    target: str | None
    offset: int


@dataclass(frozen=True, slots=True)
class Located:
    """An entry with all that is below it, which is one run of the tar: `start` to before `end`.

    Both are places in the plain tar of the whole archive.
    """

    file: ListedFile
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class ListedPage:
    """One page of a directory's entries, and how many there are in all."""

    entries: list[ListedFile]
    total: int


def line_of(entry: Entry, offset: int, root: int) -> bytes:
    """The line for an entry whose first header is at `offset`; `root` is the root name's length."""
    path, target = entry.name[root:] or b"/", entry.link
    if entry.kind == HARD_LINK:
        target = target[root:]
    if TO_ESCAPE.search(path):
        path = escape(path)
    if target and TO_ESCAPE.search(target):
        target = escape(target)
    return b"%d\t%s\t%d\t%o\t%d\t%d\t%s\t%s\t%s\n" % (
        offset, LETTERS[entry.kind], entry.size, entry.mode, entry.uid, entry.gid, entry.mtime,
        path, target,
    )  # fmt: skip


def escape(name: bytes) -> bytes:
    """A name as the list spells it: printable UTF-8 as it is, all else as ``\\xNN``."""
    text = name.decode("utf-8", "surrogateescape")
    return b"".join(_escaped(character) for character in text)


def unescape(text: bytes) -> bytes:
    """The name that is spelled so in a list."""
    return ESCAPED.sub(lambda m: bytes((int(m[1], 16),)) if m[1] else b"\\", text)


def page_of(
    lines: Iterable[bytes], path: str = "/", page: int = 1, page_size: int = 100
) -> ListedPage:
    """Give one page (from 1) of what lies directly in a directory, in the archive's order.

    `path` is spelled as the list spells it. A path that is not listed has no entries.
    """
    directory = path.encode("utf-8", "surrogateescape").rstrip(b"/") + b"/"
    first = max(page - 1, 0) * page_size
    entries: list[ListedFile] = []
    total = 0
    for columns in columns_of(lines):
        leaf = columns[7].removeprefix(directory)
        if leaf == columns[7] or not leaf or b"/" in leaf:
            continue
        if first <= total < first + page_size:
            entries.append(parse_columns(columns))
        total += 1
    return ListedPage(entries, total)


def locate(lines: Iterable[bytes], paths: Collection[str], end: int) -> dict[str, Located]:
    """Find entries by their paths, in the list's spelling, in one pass; `end` is the tree's own.

    A tree is in the order of a walk, so what is below a directory follows it without a gap.
    """
    wanted = {path.encode("utf-8", "surrogateescape") for path in paths}
    found: dict[str, Located] = {}
    within: list[tuple[bytes, ListedFile]] = []
    for columns in columns_of(lines):
        path = columns[7]
        while within and not path.startswith(within[-1][0]):
            _, file = within.pop()
            found[file.path] = Located(file, file.offset, parse_columns(columns).offset)
        if path in wanted:
            within.append((path.rstrip(b"/") + b"/", parse_columns(columns)))
        if not within and len(found) == len(wanted):
            break
    for _, file in within:
        found[file.path] = Located(file, file.offset, end)
    return found


def below(lines: Iterable[bytes], path: str) -> Iterator[ListedFile]:
    """Every entry below a directory, in the archive's order."""
    prefix = path.encode("utf-8", "surrogateescape").rstrip(b"/") + b"/"
    for columns in columns_of(lines):
        if columns[7].startswith(prefix) and columns[7] != prefix:
            yield parse_columns(columns)


def columns_of(lines: Iterable[bytes]) -> Iterator[list[bytes]]:
    """The columns of each line. Raise DamagedArchive for a line that has not all of them."""
    for line in lines:
        columns = line.split(b"\t")
        if len(columns) != 9:
            raise DamagedArchive("The archive's list of files has a line that is none.")
        yield columns


def parse_columns(columns: list[bytes]) -> ListedFile:
    """Give one line's entry. Raise DamagedArchive if a column is not what it must be.

    Nothing says that a list belongs to its tree, so a path may lead nowhere but down.
    """
    try:
        path = columns[7].decode()
        if not is_plain(unescape(columns[7])):
            raise ValueError(path)
        target = columns[8].decode()
        return ListedFile(
            name=path.rpartition("/")[2] or "/",
            path=path,
            type=TYPES[columns[1].decode()],
            size=int(columns[2]),
            mode=int(columns[3], 8),
            uid=int(columns[4]),
            gid=int(columns[5]),
            mtime=float(columns[6]),
            target=target or None,
            offset=int(columns[0]),
        )
    except (ValueError, KeyError) as error:
        raise DamagedArchive("The archive's list of files has a line that is none.") from error


def is_plain(path: bytes) -> bool:
    """Whether a path begins at the root and has no empty part, no `.` and no `..`."""
    return path.startswith(b"/") and (path == b"/" or not NOT_PLAIN.search(path[1:]))


def lines_of(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Cut the list's text into lines, without the heading. Raise DamagedArchive if it is none."""
    rest = HEADING[:0]
    heading = True
    for piece in pieces:
        lines = (rest + piece).split(b"\n")
        rest = lines.pop()
        if heading and lines:
            heading = False
            if lines.pop(0) + b"\n" != HEADING:
                raise DamagedArchive("The archive's list of files has another heading.")
        if len(rest) > LONGEST_LINE:
            raise DamagedArchive("The archive's list of files has a line without end.")
        yield from lines
    if rest or heading:
        raise DamagedArchive("The archive's list of files is cut short.")


def _escaped(character: str) -> bytes:
    if character == "\\":
        return b"\\\\"
    raw = character.encode("utf-8", "surrogateescape")
    if "\udc80" <= character <= "\udcff" or UNPRINTABLE.match(character):
        return b"".join(b"\\x%02x" % byte for byte in raw)
    return raw
