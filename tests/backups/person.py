"""Somebody who is signed in at a real server, and talks to it as slowly as a test wants."""

import http.client
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests import processes

UPLOADS = "/api/upload-backup"
BOUNDARY = "----form"
HEAD = (
    f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="%s"\r\n'
    "Content-Type: application/gzip\r\n\r\n"
)
TAIL = f"\r\n--{BOUNDARY}--\r\n".encode()


class Person:
    """Somebody who is signed in at a site."""

    def __init__(self, site) -> None:
        self.site = site
        call = self.connection()
        body = json.dumps({"username": "monkeysee", "password": "monkeydo"})
        call.request("POST", "/api/login", body, {"Content-Type": "application/json"})
        answer = call.getresponse()
        cookies = [value.partition(";")[0] for value in answer.headers.get_all("Set-Cookie")]
        answer.read()
        call.request("GET", "/api/auth-status", headers={"Cookie": "; ".join(cookies)})
        answer = call.getresponse()
        cookies += [v.partition(";")[0] for v in answer.headers.get_all("Set-Cookie") or []]
        token = json.load(answer)["csrf_token"]
        self.headers = {"Cookie": "; ".join(cookies), "X-CSRFToken": token}
        call.close()

    def connection(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection("127.0.0.1", self.site.port, timeout=120)

    @contextmanager
    def uploading(
        self, name: str, size: int, to: str = UPLOADS, **headers: str
    ) -> Iterator[http.client.HTTPConnection]:
        """A connection on which a file of this size has been announced."""
        call = self.connection()
        call.putrequest("POST", to)
        head = (HEAD % name).encode()
        given = {
            "Content-Type": f"multipart/form-data; boundary={BOUNDARY}",
            "Content-Length": str(len(head) + size + len(TAIL)),
            **self.headers,
            **headers,
        }
        for key, value in given.items():
            call.putheader(key, value)
        call.endheaders(head)
        try:
            yield call
        finally:
            call.close()

    def upload(self, path: Path, to: str = UPLOADS) -> tuple[int, dict]:
        with self.uploading(path.name, path.stat().st_size, to) as call, path.open("rb") as file:
            while piece := file.read(1 << 20):
                call.send(piece)
            call.send(TAIL)
            answer = call.getresponse()
            return answer.status, json.load(answer)


def web_process(site) -> int:
    """The process of the web server."""
    below = processes.descendants(site.process.pid)
    [found] = [pid for pid in below if b"uvicorn" in Path(f"/proc/{pid}/cmdline").read_bytes()]
    return found


def peak_memory(pid: int) -> int:
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) << 10
