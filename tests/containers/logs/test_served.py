"""Logs as the program itself serves them: slow readers, readers that go, and others meanwhile"""

import http.client
import json
import socket
import time
from contextlib import closing, suppress
from pathlib import Path

import pytest

from tests import processes
from tests.site import Site
from tests.waiting import wait_for

MIB = 1 << 20
ROUND = 5


class Reader:
    """Somebody signed in, with connections that may be read or not."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.cookie = ""
        body = json.dumps({"username": "monkeysee", "password": "monkeydo"})
        answer = self.asked("POST", "/api/login", body, {"Content-Type": "application/json"})
        cookies = answer.headers.get_all("Set-Cookie")
        self.cookie = "; ".join(cookie.partition(";")[0] for cookie in cookies)

    def asked(self, method: str, path: str, body=None, headers=None) -> http.client.HTTPResponse:
        """An answer, read to its end."""
        with closing(http.client.HTTPConnection("127.0.0.1", self.site.port, timeout=30)) as to:
            to.request(method, path, body, {"Cookie": self.cookie, **(headers or {})})
            answer = to.getresponse()
            answer.read()
        return answer

    def opened(self, path: str, upgrade: bool = False) -> socket.socket:
        """A connection on which the request is made and nothing is read yet."""
        opened = socket.socket()
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        opened.settimeout(30)
        opened.connect(("127.0.0.1", self.site.port))
        lines = [f"GET {path} HTTP/1.1", f"Host: 127.0.0.1:{self.site.port}"]
        lines += [f"Cookie: {self.cookie}", f"Origin: {self.site.url}"]
        if upgrade:
            lines += ["Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13"]
            lines += ["Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA=="]
        opened.sendall("\r\n".join([*lines, "", ""]).encode())
        return opened


@pytest.fixture
def reader(site) -> Reader:
    return Reader(site)


def web_server(site: Site) -> int:
    """The process that serves the pages."""
    for pid in processes.descendants(site.process.pid):
        if "uvicorn" in processes.command_line(pid):
            return pid
    raise AssertionError("there is no web server")


def memory(pid: int) -> int:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmRSS"))


def connections(pid: int) -> int:
    """How many sockets a process has open."""
    found = 0
    for each in Path(f"/proc/{pid}/fd").iterdir():
        with suppress(FileNotFoundError):
            found += str(each.readlink()).startswith("socket:")
    return found


def test_readers_who_take_nothing_cost_nothing(site, reader, make_container):
    make_container("web", command=["yes", "0123456789"])
    pid = web_server(site)
    slow = [reader.opened("/ws/containers/web/logs", upgrade=True) for _ in range(3)]
    slow.append(reader.opened("/api/container/web/logs?download=true"))
    quick = reader.opened("/ws/containers/web/logs", upgrade=True)
    for opened in (*slow, quick):
        assert opened.recv(12) in (b"HTTP/1.1 101", b"HTTP/1.1 200")
    taken(quick, MIB // 2)
    before = memory(pid)
    begin = time.monotonic()
    assert reader.asked("GET", "/containers/").status == 200
    assert time.monotonic() - begin < 20  # behind what floods it would never come
    taken(quick, MIB // 2)
    assert memory(pid) - before < 24 * MIB
    for opened in (*slow, quick):
        opened.close()


def taken(opened: socket.socket, count: int) -> None:
    """Read so many bytes."""
    while count > 0:
        block = opened.recv(1 << 16)
        assert block
        count -= len(block)


@pytest.mark.parametrize(
    ("path", "upgrade"),
    [
        ("/ws/containers/web/logs", True),
        ("/ws/containers/web/logs?search=nothing", True),
        ("/api/container/web/logs?download=true", False),
        ("/containers/web/logs/download/?timestamps=on", False),
    ],
)
def test_nothing_is_left_when_a_reader_goes(site, reader, make_container, path, upgrade):
    make_container("web", command=["yes", "0123456789"])
    pid = web_server(site)
    before = connections(pid)
    for _ in range(4):
        gone = [reader.opened(path, upgrade) for _ in range(ROUND)]
        for opened in gone:
            opened.recv(64)
        assert connections(pid) >= before + ROUND
        for opened in gone:
            opened.close()
    # For calls that are short, the client of the Engine keeps what it once needed at a time: one
    # for each reader of a round, and one or two for the program itself. Four rounds leave no more.
    wait_for(lambda: connections(pid) < before + 2 * ROUND, "the connections to be closed")
