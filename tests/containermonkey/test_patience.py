"""Callers who are slow, silent or endless, on real sockets, beside others who want a page."""

import contextlib
import http.client
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from containermonkey import bodies
from containermonkey.front import patience
from tests import processes
from tests.site import Site

MANY = 300
AT_ONCE = patience.HEAD_SECONDS / 2
"""Seconds: room for a busy machine, and less than who waits for the slow would be kept waiting."""
GREETING = b"GET / HTTP/1.1\r\nHost: nas\r\nX-Slow: "


def connected(site: Site, *said: bytes) -> socket.socket:
    caller = socket.create_connection(("127.0.0.1", site.port), timeout=60)
    caller.sendall(b"".join(said))
    return caller


@contextlib.contextmanager
def many(site: Site, *said: bytes) -> Iterator[list[socket.socket]]:
    with contextlib.ExitStack() as held:
        yield [held.enter_context(connected(site, *said)) for _ in range(MANY)]


def seconds_for_a_page(site: Site) -> float:
    began = time.monotonic()
    connection = http.client.HTTPConnection("127.0.0.1", site.port, timeout=60)
    with contextlib.closing(connection):
        connection.request("GET", "/accounts/sign-in/")
        assert connection.getresponse().status == 200
    return time.monotonic() - began


def memory_of(site: Site) -> int:
    """MiB of the web server."""
    assert site.process
    for pid in processes.descendants(site.process.pid):
        if "uvicorn" in processes.command_line(pid):
            text = Path(f"/proc/{pid}/status").read_text()
            return int(text.partition("VmRSS:")[2].split()[0]) >> 10
    raise AssertionError("there is no web server")


def answer_of(caller: socket.socket) -> bytes:
    """What comes until the other side closes."""
    read = b""
    with contextlib.suppress(ConnectionResetError):
        while piece := caller.recv(1 << 16):
            read += piece
    return read


def post(path: str, length: int, kind: str = "application/json") -> bytes:
    head = f"POST {path} HTTP/1.1\r\nHost: nas\r\nContent-Type: {kind}\r\n"
    return f"{head}Content-Length: {length}\r\n\r\n".encode()


FORM = "multipart/form-data; boundary=x"


@pytest.mark.parametrize(
    "said",
    [
        GREETING,
        post("/api/login", 1000) + b"{",
        post("/api/upload-backup", 1 << 20, FORM) + b"--x\r\n",
        post("/backups/upload/", 1 << 20, FORM) + b"--x\r\n",
    ],
    ids=["heads", "bodies", "uploads", "forms"],
)
def test_hundreds_of_slow_callers_hold_up_nobody(site, said):
    seconds_for_a_page(site)
    before = memory_of(site)
    with many(site, said):
        seconds_for_a_page(site)  # whatever their own start cost is over then
        assert seconds_for_a_page(site) < AT_ONCE
        assert memory_of(site) - before < 60


def test_a_head_has_to_be_there_in_time_however_it_drips(site):
    began = time.monotonic()
    with connected(site, GREETING) as caller, connected(site) as silent:
        caller.settimeout(2)
        ended = False
        while not ended and time.monotonic() - began < patience.HEAD_SECONDS + 20:
            try:
                caller.sendall(b"a")
                ended = caller.recv(1) == b""
            except TimeoutError:
                continue
            except OSError:
                ended = True
        assert ended
        assert answer_of(silent) == b""
    assert time.monotonic() - began > patience.HEAD_SECONDS - 1


@pytest.mark.parametrize(
    ("said", "status"),
    [
        (GREETING, b"431"),
        (post("/api/login", 100 << 20), b"413"),
        (post("/containers/", 100 << 20, "application/x-www-form-urlencoded"), b"413"),
        (
            post("/api/login", 0).replace(b"Content-Length: 0", b"Transfer-Encoding: chunked")
            + b"1\r\n{\r\n0\r\nX-Trailer: ",
            b"431",
        ),
    ],
    ids=["head", "body", "form", "trailer"],
)
def test_what_does_not_end_is_refused_and_kept_nowhere(site, said, status):
    before, sent = memory_of(site), 0
    with connected(site, said) as caller:
        with contextlib.suppress(OSError):
            while sent < 100 << 20:
                caller.sendall(b"a" * (1 << 16))
                sent += 1 << 16
        assert answer_of(caller)[9:12] in {status, b""}
    assert sent < 40 << 20
    assert memory_of(site) - before < 30
    assert seconds_for_a_page(site) < AT_ONCE


async def test_a_small_body_has_to_be_there_in_time(monkeypatch):
    import asyncio

    monkeypatch.setattr(bodies, "SMALL_BODY_SECONDS", 0.05)

    async def silent() -> bodies.Message:
        return await asyncio.Event().wait()

    with pytest.raises(bodies.BodyTooSlow):
        await bodies.bounded(silent)()
    whole = iter([{"type": "http.request", "body": b"x"}])

    async def leaving_late() -> bodies.Message:
        with contextlib.suppress(StopIteration):
            return next(whole)
        await asyncio.sleep(0.1)
        return {"type": "http.disconnect"}

    receive = bodies.bounded(leaving_late)
    assert (await receive())["body"] == b"x"
    assert (await receive())["type"] == "http.disconnect"


async def test_an_upload_that_only_drips_is_given_up(monkeypatch):
    import asyncio

    monkeypatch.setattr(bodies, "SILENCE", 0.3)

    async def dripping() -> bodies.Message:
        await asyncio.sleep(0.05)
        return {"type": "http.request", "body": b"x", "more_body": True}

    body = bodies.ArrivingBody(dripping)
    filling = asyncio.create_task(body.fill())

    def read_on() -> None:
        for _ in range(100):
            body.read(1)

    with pytest.raises(ConnectionResetError):
        await asyncio.to_thread(read_on)
    filling.cancel()
