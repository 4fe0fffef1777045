"""Tars of images on their way in or out, looked at while they pass."""

import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from backups.archive.errors import DamagedStream
from backups.archive.tarwalk import TarWalker
from containermonkey.problems import EngineRefused, Invalid, Problem
from engine.streams import Block

PIECE = 1 << 20
SLICE = 16 << 10
"""Bytes that are unpacked at a time. What is behind the end of a member of gzip is copied, so with
members of twenty bytes each larger slices would be copied over and over."""

MOST_ENTRIES = 100_000
"""Entries of one tar: an image has a few for each layer, and each takes time to be looked at."""
GZIP = b"\x1f\x8b"
OTHERS = {
    b"\x28\xb5\x2f\xfd": "zstd",
    b"\xfd7zXZ\0": "xz",
    b"BZh": "bzip2",
    b"PK\x03\x04": "zip",
}
LONGEST_MARK = 6

CONTENTS = frozenset((b"manifest.json", b"index.json", b"repositories"))
"""One of these says which images are in a tar: Docker's, that of OCI, and that of very old ones."""

NOT_IMPORTED = "The file was not imported."

WITH_ZLIB = 16 + zlib.MAX_WBITS
"""Has zlib read gzip's own head and checksum."""


def whole(blocks: Iterable[Block]) -> Iterator[bytes]:
    """What the Engine sends, as it is. Raise EngineRefused where it does not end as a tar does.

    The Engine tells of a failure on the way by words in the middle of the tar.
    """
    walker = TarWalker()
    try:
        for block in blocks:
            walker.feed(block)
            yield bytes(block)
        walker.close()
    except DamagedStream as problem:
        raise EngineRefused(f"The Docker Engine could not export all of it. {problem}") from None


@dataclass(frozen=True)
class Bound:
    """To how many bytes a file may unpack, and what is raised beyond that."""

    most: int
    beyond: Problem


def plain_tar(pieces: Iterable[bytes], bound: Bound) -> Iterator[bytes]:
    """A tar of images that somebody brings, unpacked if it is gzipped.

    Raise Invalid where it is something else, ends early or is broken, and what the bound says of
    one that unpacks to more. The end marker is given only after all that, with what a gzip says of
    itself at its very end: an Engine may begin to load when it has seen the marker.
    """
    walker, has_contents, held, count = TarWalker(), False, [], 0
    try:
        for piece in unpacked(pieces, bound):
            for entry in walker.feed(piece):
                has_contents |= entry.name.removeprefix(b"./") in CONTENTS
                count += 1
            if count > MOST_ENTRIES:
                raise refused(f"It has more than {MOST_ENTRIES:,} entries, as no images have.")
            if walker.content_end is None:
                yield piece
            else:
                held.append(piece)  # little: a walker allows for no more than some padding
        walker.close()
    except DamagedStream as problem:
        raise refused(f"It is no tar, or not a whole one. {problem}") from None
    if not has_contents:
        raise refused("It is a tar, but not one of images: it lacks a manifest.json.")
    yield from held


def unpacked(pieces: Iterable[bytes], bound: Bound) -> Iterator[bytes]:
    """The content of a gzipped file, of any other the file itself. Raise Invalid by its mark."""
    rest = iter(pieces)
    beginning = b""
    while len(beginning) < LONGEST_MARK and (piece := next(rest, None)) is not None:
        beginning += piece
    for mark, program in OTHERS.items():
        if beginning.startswith(mark):
            raise refused(f"It is compressed with {program}; only .tar and .tar.gz are taken.")
    whole_again = joined(beginning, rest)
    if beginning.startswith(GZIP):
        yield from within(bound, gunzipped(whole_again))
    else:
        yield from whole_again


def within(bound: Bound, pieces: Iterable[bytes]) -> Iterator[bytes]:
    """The pieces as they are, as long as they come to no more than they may."""
    count = 0
    for piece in pieces:
        count += len(piece)
        if count > bound.most:
            raise bound.beyond
        yield piece


def joined(beginning: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    if beginning:
        yield beginning
    yield from rest


def gunzipped(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """The content of a file of one or more members of gzip, in pieces of a bounded size."""
    member = zlib.decompressobj(WITH_ZLIB)
    is_begun = False
    try:
        for piece in slices(pieces):
            while piece:
                is_begun = True
                if content := member.decompress(piece, PIECE):
                    yield content
                piece = member.unconsumed_tail
                if member.eof:
                    piece, is_begun = member.unused_data.lstrip(b"\0"), False
                    member = zlib.decompressobj(WITH_ZLIB)
    except zlib.error:
        raise refused("Its compression (gzip) is broken.") from None
    if is_begun:
        raise refused("It was cut off: its compression (gzip) does not end.")


def slices(pieces: Iterable[bytes]) -> Iterator[bytes]:
    for piece in pieces:
        yield from (piece[at : at + SLICE] for at in range(0, len(piece), SLICE))


def refused(reason: str) -> Invalid:
    return Invalid(f"{NOT_IMPORTED} {reason}", fields={"file": reason})
