"""Standard output and standard error, which the Engine sends through one connection.

Without a terminal, it puts eight bytes before each piece: which of the two it is, three zeros,
and its length. With one, there are no such heads and the two cannot be told apart. When it fails
after the answer has begun, its own words come as a third kind, `error`.
"""

import struct
from collections.abc import AsyncGenerator, AsyncIterator

STDOUT, STDERR, ERROR = 1, 2, 3
NAMES = {0: "stdin", STDOUT: "stdout", STDERR: "stderr", ERROR: "error"}

HEAD = struct.Struct(">BxxxL")


async def pieces(blocks: AsyncIterator[bytes]) -> AsyncGenerator[list[tuple[str, bytes]], None]:
    """What each stream said, as `("stdout", b"…")`, from blocks that are cut anywhere.

    Those of a block come together, because most frames are a line and short. A long frame comes
    in several pieces, so nothing larger than a block is ever held.
    """
    waiting = b""
    stream, left = "stdout", 0
    async for block in blocks:
        waiting += block
        found, start, end = [], 0, len(waiting)
        while True:
            if left:
                piece = waiting[start : start + left]
                if not piece:
                    break
                start, left = start + len(piece), left - len(piece)
                found.append((stream, piece))
            elif end - start >= HEAD.size:
                kind, left = HEAD.unpack_from(waiting, start)
                stream, start = NAMES.get(kind, "stderr"), start + HEAD.size
            else:
                break
        waiting = waiting[start:]
        if found:
            yield found
