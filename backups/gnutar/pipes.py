"""Bytes through pipes, in large blocks."""

import fcntl
from collections.abc import Iterable, Iterator
from contextlib import suppress
from typing import IO

from engine.streams import BLOCK, Block

WIDTH = 1 << 20
"""Bytes that a pipe holds: what its two ends do is done a record of tar at a time."""


def widen(pipe: IO[bytes]) -> None:
    """Let a pipe hold more, where the system allows it."""
    with suppress(OSError):
        fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, WIDTH)


def blocks_from(pipe: IO[bytes]) -> Iterator[Block]:
    """What comes through a pipe, in blocks as an archive takes them, until its end."""
    while True:
        block = bytearray(BLOCK)
        with memoryview(block) as view:
            filled = 0
            while filled < BLOCK and (count := pipe.readinto(view[filled:])):  # type: ignore[attr-defined]
                filled += count
        if filled < BLOCK:
            del block[filled:]
        if block:
            yield block
        if filled < BLOCK:
            return


def write_all(pipe: IO[bytes], blocks: Iterable[Block]) -> None:
    """Send blocks through a pipe and close it; stops where nobody wants them any more.

    Why that is, the other end has to say. What `blocks` raises leaves the pipe open, so that the
    other end does not take what it has for the whole.
    """
    try:
        for block in blocks:
            rest = memoryview(block)
            while rest:
                rest = rest[pipe.write(rest) :]
    except BrokenPipeError:
        return
    pipe.close()
