"""How long the web server waits for those who call it, and how much it takes before it knows whom.

uvicorn waits without end for the head of a request, keeps as much of it as is sent, and waits
without end for those who do not take their answer. Each costs a caller next to nothing.
"""

from asyncio import TimerHandle, Transport

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

HEAD_SECONDS = 20.0
"""For a request's head, from the connection or its first byte."""

LARGEST_HEAD = 64 << 10
"""Bytes beside what came in one go with its beginning."""

TAKING_SECONDS = 300.0
"""For the other side to take anything at all: a download may be paused for a while."""

WRAPPING = 1 << 20
"""Bytes of a body's wrapping, as trailers, that may come beside eight times its content."""


class PatientProtocol(HttpToolsProtocol):
    """uvicorn's own, with an end to its patience."""

    _head_timer: TimerHandle | None = None
    _taking_timer: TimerHandle | None = None
    _in_head = True
    _taken = _content = 0

    def connection_made(self, transport: Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._wait_for_head()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_waiting()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        self._taken += len(data)
        super().data_received(data)
        if self._is_too_much() and not self.transport.is_closing():
            self._stop_waiting()
            self.transport.write(b"HTTP/1.1 431 Request Header Fields Too Large\r\n\r\n")
            self.transport.close()

    def on_message_begin(self) -> None:
        self._in_head, self._taken, self._content = True, 0, 0
        if self._head_timer is None:
            self._wait_for_head()
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        self._in_head = False
        if self._head_timer:
            self._head_timer.cancel()
            self._head_timer = None
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        self._content += len(body)
        super().on_body(body)

    def pause_writing(self) -> None:
        if self._taking_timer is None:
            self._taking_timer = self.loop.call_later(TAKING_SECONDS, self.transport.abort)
        super().pause_writing()

    def resume_writing(self) -> None:
        if self._taking_timer:
            self._taking_timer.cancel()
            self._taking_timer = None
        super().resume_writing()

    def _wait_for_head(self) -> None:
        self._head_timer = self.loop.call_later(HEAD_SECONDS, self.transport.close)

    def _is_too_much(self) -> bool:
        if self._in_head:
            return self._taken > LARGEST_HEAD
        return self._taken - self._content > WRAPPING + 8 * self._content

    def _stop_waiting(self) -> None:
        for timer in (self._head_timer, self._taking_timer):
            if timer:
                timer.cancel()
        self._head_timer = self._taking_timer = None
