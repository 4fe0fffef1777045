"""What waits for one who watches."""

import asyncio

from jobs.rendering import Frame

MOST_FRAMES = 200
"""What may wait for a browser that takes nothing."""


class Mailbox:
    """What waits for one watcher: of each thing only the newest, so that none is a burden."""

    def __init__(self) -> None:
        self._frames: dict[str, Frame] = {}
        self._filled = asyncio.Event()

    def put(self, frame: Frame) -> None:
        """Add a frame in place of the older one with its key. Never waits."""
        self._frames.pop(frame.key, None)
        self._frames[frame.key] = frame
        while len(self._frames) > MOST_FRAMES:
            del self._frames[next(iter(self._frames))]
        self._filled.set()

    async def take(self) -> list[Frame]:
        """All that waits, as soon as there is anything."""
        await self._filled.wait()
        self._filled.clear()
        frames, self._frames = list(self._frames.values()), {}
        return frames
