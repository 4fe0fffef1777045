"""Somebody who works with a running program by its API alone."""

import http.client
import json
from collections.abc import Callable
from http.cookies import SimpleCookie
from typing import Any

from tests.waiting import wait_for

Connect = Callable[[], http.client.HTTPConnection]
ENDED = {"complete", "failed", "cancelled", "interrupted"}


class Refused(Exception):
    """An answer that is not a success."""

    def __init__(self, status: int, problem: dict[str, Any]) -> None:
        super().__init__(f"{status}: {problem}")
        self.status, self.problem = status, problem


class Caller:
    """One session. `connect` gives a connection to the program, for each call a new one."""

    def __init__(self, connect: Connect) -> None:
        self.connect = connect
        self.cookies: SimpleCookie = SimpleCookie()
        self.token = ""

    def sign_in(self, username: str, password: str) -> None:
        self.post("/api/login", username=username, password=password)
        self.token = self.get("/api/auth-status")["csrf_token"]

    def get(self, path: str) -> dict[str, Any]:
        return self.call("GET", path)

    def post(self, path: str, **body: Any) -> dict[str, Any]:
        return self.call("POST", path, body)

    def call(self, method: str, path: str, body: object = None) -> dict[str, Any]:
        """Make a call and give what it was answered with. Raise Refused unless it got through."""
        connection = self.connect()
        try:
            content = None if body is None else json.dumps(body)
            connection.request(method, path, content, self.headers())
            answer = connection.getresponse()
            for line in answer.headers.get_all("Set-Cookie") or []:
                self.cookies.load(line)
            told = json.loads(answer.read())
        finally:
            connection.close()
        if answer.status >= http.client.BAD_REQUEST:
            raise Refused(answer.status, told)
        return told

    def headers(self) -> dict[str, str]:
        cookies = "; ".join(f"{name}={each.value}" for name, each in self.cookies.items())
        return {
            "Content-Type": "application/json",
            "X-CSRFToken": self.token,
            **({"Cookie": cookies} if cookies else {}),
        }

    def done(self, method: str, path: str, **body: Any) -> dict[str, Any]:
        """Ask for a job and wait until it has got through; what its progress says then."""
        asked = self.call(method, path, body)
        return wait_for(lambda: self.over(asked["progress_id"]), f"the job of {path}", 120)

    def over(self, progress: str) -> dict[str, Any] | None:
        told = self.get(f"/api/backup-progress/{progress}")
        if told["status"] not in ENDED:
            return None
        assert told["status"] == "complete", told
        return told
