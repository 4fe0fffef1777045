"""What stands before a tar header and says more about its entry: pax records, GNU long names."""

import re
from dataclasses import dataclass, field

from .errors import DamagedStream, readable

PAX, PAX_GLOBAL, LONG_NAME, LONG_LINK = b"x", b"g", b"L", b"K"
BEFORE = frozenset((PAX, PAX_GLOBAL, LONG_NAME, LONG_LINK))

PAX_RECORD = re.compile(rb"([1-9][0-9]{0,9}) ")
NAMES = (b"path", b"linkpath", b"GNU.sparse.name")
DECIMAL = re.compile(rb"-?[0-9]{1,20}(?:\.[0-9]*)?")


@dataclass
class Overrides:
    """What the extensions before a header say about its entry; `sparse` if it is in GNU's pax form.

    `kinds` are those that have been seen.
    """

    name: bytes | None = None
    link: bytes | None = None
    records: dict[bytes, bytes] = field(default_factory=dict)
    sparse: bool = False
    kinds: bytes = b""

    def take(self, kind: bytes, data: bytes) -> None:
        """Add what one extension says. Raise DamagedStream if it is broken or one too many."""
        if kind == PAX_GLOBAL:
            _check_global(parse_pax(data))
            return
        if kind in self.kinds or (self.kinds and PAX in self.kinds + kind):
            # Of two that contradict each other, one reader takes the first, another the last.
            raise DamagedStream("The stream has an entry with two headers of its kind.")
        self.kinds += kind
        if kind == LONG_NAME:
            self.name = data.partition(b"\0")[0]
        elif kind == LONG_LINK:
            self.link = data.partition(b"\0")[0]
        else:
            self.records = parse_pax(data)
            self.sparse = any(key.startswith(b"GNU.sparse.") for key in self.records)
            self.name, self.link = self.records.get(b"path"), self.records.get(b"linkpath")

    def number(self, key: bytes, fallback: int) -> int:
        """A whole number among the records, else what the header says."""
        text = self.records.get(key)
        if text is None:
            return fallback
        if not text.isdigit() or len(text) > 19:
            raise DamagedStream(f"A pax header has no number for {readable(key)}.")
        return int(text)

    def time(self, key: bytes, fallback: bytes) -> bytes:
        """A time among the records, in seconds as it is spelled there, else the header's."""
        text = self.records.get(key)
        if text is None:
            return fallback
        if not DECIMAL.fullmatch(text):
            raise DamagedStream(f"A pax header has no time for {readable(key)}.")
        return text


NOTHING_BEFORE = Overrides()


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
        if not equals or (key in NAMES and b"\0" in value):
            raise DamagedStream("A pax header in the stream is broken.")
        records[key] = value
        at = end
    return records


def _check_global(records: dict[bytes, bytes]) -> None:
    """A global header would go on to govern the entries of other parts, so it may only comment."""
    for key in records:
        if key != b"comment":
            raise DamagedStream(
                f"The stream sets {readable(key)} for all that follows, which an archive of "
                "several parts cannot hold."
            )
