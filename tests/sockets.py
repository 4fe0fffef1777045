"""A page's end of a WebSocket, for consumers that run in the test's own event loop."""

from channels.testing import WebsocketCommunicator

PATIENCE = 30.0
"""Seconds that an answer may take on a machine that is busy; Channels gives it one."""


class Socket(WebsocketCommunicator):
    """Channels' own, which waits no less than `PATIENCE` for what has to come."""

    async def receive_output(self, timeout: float = PATIENCE) -> dict:
        return await super().receive_output(max(timeout, PATIENCE))

    async def wait(self, timeout: float = PATIENCE) -> None:
        await super().wait(max(timeout, PATIENCE))
