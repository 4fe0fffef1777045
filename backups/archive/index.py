"""The index: what parts an archive has, where each is, and the table of all gzip members.

It is read from files that anybody may have uploaded, so every figure in it is checked against the
others before it is used.
"""

import base64
import binascii
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from .errors import DamagedArchive
from .members import FORMAT_VERSION, MAX_CONTENT, MAX_MEMBER, MEMBER_ROW, MemberRow
from .names import INDEX, MANIFEST, is_key, is_part_name, listing_name
from .tarheads import BLOCK

FORMAT = "container-monkey-archive"
FILE, TREE, STREAM = "file", "tree", "stream"
KINDS = (FILE, TREE, STREAM)

MAX_INDEX = 64 << 20
MAX_NUMBER = 1 << 62
SHA256 = re.compile(r"[0-9a-f]{64}")
SUSPICIOUS = re.compile(rb"\\u(0000|d[89a-f])", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Part:
    """One part: a file, a volume's tree, or a foreign tar stored under a prefix.

    `content_size` counts the files' own bytes. `tar_size` are bytes of tar, headers and padding
    included, and `sha256` is over just these. `offset` is the part's place in the plain tar,
    `file_offset` and `file_size` are in the archive's file.
    """

    name: str
    kind: str
    entries: int
    files: int
    content_size: int
    tar_size: int
    sha256: str
    first_member: int
    members: int
    key: str | None = None
    offset: int = 0
    file_offset: int = 0
    file_size: int = 0


@dataclass
class MemberTable:
    """Every gzip member before the index, 12 bytes each, so that a million of them stay small."""

    packed: bytearray = field(default_factory=bytearray)

    def __len__(self) -> int:
        return len(self.packed) // MEMBER_ROW.size

    def __getitem__(self, number: int) -> MemberRow:
        return MemberRow(*MEMBER_ROW.unpack_from(self.packed, number * MEMBER_ROW.size))

    def append(self, row: MemberRow) -> None:
        """Add the row of the next member."""
        self.packed += MEMBER_ROW.pack(*row)


@dataclass(frozen=True)
class Index:
    """What an archive holds: its parts in their order, the member table, and the caller's own."""

    parts: tuple[Part, ...]
    members: MemberTable
    extra: dict[str, Any]

    def part(self, name: str) -> Part | None:
        """The part of this name."""
        return next((part for part in self.parts if part.name == name), None)

    def tree(self, key: str) -> Part | None:
        """The volume's tree that is filed under this key."""
        return next((part for part in self.parts if part.kind == TREE and part.key == key), None)


def encode_index(index: Index) -> bytes:
    """Give the index as JSON."""
    document = {
        "format": FORMAT,
        "version": FORMAT_VERSION,
        "parts": [_part_as_dict(part) for part in index.parts],
        "members": {
            "count": len(index.members),
            "table": base64.b64encode(index.members.packed).decode(),
        },
        "extra": index.extra,
    }
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()


def decode_index(text: bytes, index_offset: int) -> Index:
    """Read an index whose members begin at `index_offset` of the file.

    Raise DamagedArchive unless every figure is of its type and agrees with the others.
    """
    document = parse_object(text, INDEX)
    if document.get("format") != FORMAT or document.get("version") != FORMAT_VERSION:
        raise _wrong("it is of a format that this program does not know")
    members = _decode_members(document.get("members"))
    rows = document.get("parts")
    if not isinstance(rows, list) or not rows:
        raise _wrong("it lists no parts")
    parts = _placed([_decode_part(row) for row in rows], members, index_offset)
    extra = document.get("extra")
    if not isinstance(extra, dict):
        raise _wrong("its extra entry is no object")
    return Index(parts, members, extra)


def parse_json(text: bytes, name: str) -> Any:
    """Read JSON that can be written again. Raise DamagedArchive naming the part otherwise.

    Python takes numbers that JSON does not have, and halves of characters that no page can show;
    a zero byte is in no text that an Engine gives, and databases refuse it.
    """
    try:
        document = json.loads(text, parse_constant=_no_number)
        if SUSPICIOUS.search(text) and not all(map(is_text, texts_of(document))):
            raise ValueError("A text has characters that none has.")
    except (ValueError, RecursionError) as error:
        raise DamagedArchive(f"The archive's {name} is not readable as JSON.") from error
    return document


def texts_of(document: Any) -> Iterator[str]:
    """Every text in a JSON document, names of members too."""
    if isinstance(document, str):
        yield document
    elif isinstance(document, list):
        for item in document:
            yield from texts_of(item)
    elif isinstance(document, dict):
        yield from document
        yield from texts_of(list(document.values()))


def is_text(text: str) -> bool:
    return "\0" not in text and not any("\ud800" <= letter <= "\udfff" for letter in text)


def _no_number(text: str) -> None:
    raise ValueError(f"{text} is not a number of JSON.")


def parse_object(text: bytes, name: str) -> dict[str, Any]:
    """Read a JSON object. Raise DamagedArchive naming the part if it is anything else."""
    document = parse_json(text, name)
    if not isinstance(document, dict):
        raise DamagedArchive(f"The archive's {name} is not a JSON object.")
    return document


def _part_as_dict(part: Part) -> dict[str, Any]:
    row = {
        "name": part.name,
        "kind": part.kind,
        "entries": part.entries,
        "files": part.files,
        "content_bytes": part.content_size,
        "bytes": part.tar_size,
        "sha256": part.sha256,
        "first_member": part.first_member,
        "members": part.members,
    }
    return row if part.key is None else row | {"key": part.key}


def _decode_members(value: Any) -> MemberTable:
    if not isinstance(value, dict) or not isinstance(value.get("table"), str):
        raise _wrong("it has no table of blocks")
    try:
        packed = base64.b64decode(value["table"], validate=True)
    except (binascii.Error, ValueError) as error:
        raise _wrong("its table of blocks is broken") from error
    if len(packed) % MEMBER_ROW.size or value.get("count") != len(packed) // MEMBER_ROW.size:
        raise _wrong("its table of blocks is broken")
    return MemberTable(bytearray(packed))


def _decode_part(row: Any) -> Part:
    if not isinstance(row, dict):
        raise _wrong("a part is no object")
    name, kind, key, sha256 = (row.get(field) for field in ("name", "kind", "key", "sha256"))
    if not isinstance(name, str) or not is_part_name(name) or name == INDEX:
        raise _wrong("a part has no proper name")
    if kind not in KINDS or not (is_key(key) if kind == TREE else key is None):
        raise _wrong(f"{name} is of no known kind")
    if not isinstance(sha256, str) or not SHA256.fullmatch(sha256):
        raise _wrong(f"{name} has no SHA-256")
    return Part(
        name=name,
        kind=kind,
        entries=_count(row, "entries", 1),
        files=_count(row, "files", 0),
        content_size=_count(row, "content_bytes", 0),
        tar_size=_count(row, "bytes", BLOCK),
        sha256=sha256,
        first_member=_count(row, "first_member", 0),
        members=_count(row, "members", 1),
        key=key,
    )


def _count(row: dict[str, Any], field: str, least: int) -> int:
    value = row.get(field)
    if type(value) is not int or not least <= value <= MAX_NUMBER:
        raise _wrong(f"{row['name']} has no proper number of {field}")
    return value


def _placed(parts: list[Part], members: MemberTable, index_offset: int) -> tuple[Part, ...]:
    """Give the parts with their places, after checking that they cover all members, in order."""
    placed: list[Part] = []
    names: set[str] = set()
    lists: set[str] = set()
    number = offset = file_offset = 0
    for part in parts:
        if part.first_member != number or part.members > len(members) - number:
            raise _wrong(f"{part.name} is not where the part before it ends")
        content, size = _sums(members, part)
        if content != part.tar_size:
            raise _wrong(f"{part.name} and its blocks differ in size")
        placed.append(replace(part, offset=offset, file_offset=file_offset, file_size=size))
        names.add(part.name)
        if part.key is not None:
            lists.add(listing_name(part.key))
        number, offset, file_offset = number + part.members, offset + content, file_offset + size
    if number != len(members) or file_offset != index_offset:
        raise _wrong("its parts do not add up to the file")
    if len(names) != len(parts) or len(lists) != sum(part.kind == TREE for part in parts):
        raise _wrong("a part is listed twice")
    if not lists <= names:
        raise _wrong("a volume's list of files is missing")
    if parts[0].name != MANIFEST or parts[0].kind != FILE:
        raise _wrong("the manifest does not come first")
    return tuple(placed)


def _sums(members: MemberTable, part: Part) -> tuple[int, int]:
    content = size = 0
    for number in range(part.first_member, part.first_member + part.members):
        row = members[number]
        if not 0 < row.content_size <= MAX_CONTENT or not 0 < row.size <= MAX_MEMBER:
            raise _wrong(f"{part.name} has a block of a size that none can have")
        content, size = content + row.content_size, size + row.size
    return content, size


def _wrong(what: str) -> DamagedArchive:
    return DamagedArchive(f"The archive's index is damaged: {what}.")
