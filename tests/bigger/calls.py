"""What a program asks of a web process, and hears over its socket."""

import http.client
import json
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from typing import Any, Self

import psycopg
from websockets.sync.client import ClientConnection, connect

from tests.backups.person import Person
from tests.site import Site
from tests.waiting import wait_for

LONGEST_JOB = 240.0
"""Seconds: one may read a GiB and a half, on a machine that is busy."""


class Caller:
    """Somebody who is signed in, and by the same session calls whichever web process."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.headers = Person(site).headers

    def at(self, site: Site) -> Self:
        other = type(self).__new__(type(self))
        other.site, other.headers = site, self.headers
        return other

    def ask(self, path: str, body: Any = None, method: str = "") -> tuple[int, Any]:
        """Status and JSON, or text where it is none."""
        method = method or ("GET" if body is None else "POST")
        sent = None if body is None else json.dumps(body)
        headers = {"Content-Type": "application/json", **self.headers}
        with closing(http.client.HTTPConnection("127.0.0.1", self.site.port, timeout=60)) as call:
            call.request(method, path, sent, headers)
            answer = call.getresponse()
            text = answer.read().decode()
        is_json = answer.headers.get("Content-Type", "").startswith("application/json")
        return answer.status, json.loads(text) if is_json else text

    def expect(self, path: str, body: Any = None) -> Any:
        """The answer, which has to be a success."""
        status, answer = self.ask(path, body)
        assert status < 300, (status, answer)
        return answer

    def progress(self, job: str) -> dict[str, Any]:
        return self.expect(f"/api/backup-progress/{job}")

    def ended(self, job: str) -> dict[str, Any]:
        """The progress of a job once it is over."""
        return wait_for(
            lambda: (found := self.progress(job))["finished_at"] and found,
            f"the job to end:\n{self.site.log[-3000:]}",
            LONGEST_JOB,
        )

    @contextmanager
    def listening(self) -> Iterator["Listening"]:
        """The socket that tells of jobs, as programs have it."""
        address = f"ws://127.0.0.1:{self.site.port}/ws/progress?format=json"
        cookie = {"Cookie": self.headers["Cookie"]}
        with connect(address, origin=self.site.url, additional_headers=cookie) as socket:  # type: ignore[arg-type]
            yield Listening(socket)


class Listening:
    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket

    def until(self, job: str, holds: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """The first that is told of a job and of which something holds."""
        while True:
            told = json.loads(self.socket.recv(timeout=LONGEST_JOB))
            if told["progress_id"] == job and holds(told):
                return told


def rows(url: str, query: str) -> list[tuple[Any, ...]]:
    """What a question to the PostgreSQL itself gives."""
    with psycopg.connect(url) as connection:
        return connection.execute(query).fetchall()  # type: ignore[call-overload]
