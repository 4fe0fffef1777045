"""Our web server as it is measured: started as `manage.py serve` starts it, and signed in to."""

import json
import os
import signal
import socket
import subprocess
import time
import urllib.parse
import urllib.request
from pathlib import Path

ADDRESS = "127.0.0.1"


class Server:
    """The web server as `manage.py serve` starts it, and a signed-in person."""

    def __enter__(self) -> "Server":
        from django.conf import settings

        from accounts.services import ensure_first_user
        from containermonkey.management.commands.serve import web_command

        ensure_first_user()
        with socket.socket() as probe:
            probe.bind((ADDRESS, 0))
            self.port = probe.getsockname()[1]
        settings.PORT = self.port
        self.host = f"{ADDRESS}:{self.port}"
        self.process = subprocess.Popen(
            web_command(),
            cwd=settings.BASE_DIR,
            env=os.environ | {"CONTAINERMONKEY_ALLOW_DEFAULT_PASSWORD": "1"},
        )
        self.cookie = self.signed_in()
        return self

    def __exit__(self, *_: object) -> None:
        self.process.send_signal(signal.SIGTERM)
        self.process.wait()

    def signed_in(self) -> str:
        body = json.dumps({"username": "monkeysee", "password": "monkeydo"}).encode()
        request = urllib.request.Request(
            f"http://{self.host}/api/login", body, {"Content-Type": "application/json"}
        )
        deadline = time.monotonic() + 30
        while True:
            try:
                with urllib.request.urlopen(request) as answer:  # noqa: S310 - our own server
                    return "; ".join(
                        cookie.partition(";")[0] for cookie in answer.headers.get_all("Set-Cookie")
                    )
            except OSError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.1)

    def fetch(self, path: str, headers: dict[str, str] | None = None) -> float:
        """Seconds until all of an answer has come."""
        request = urllib.request.Request(  # noqa: S310 - our own server
            urllib.parse.urljoin(f"http://{self.host}", path),
            headers={"Cookie": self.cookie, **(headers or {})},
        )
        begin = time.perf_counter()
        with urllib.request.urlopen(request) as answer:  # noqa: S310 - our own server
            while answer.read(1 << 20):
                pass
        return time.perf_counter() - begin

    def memory(self) -> int:
        return int(self._status("VmRSS").split()[0]) * 1024

    def threads(self) -> int:
        return int(self._status("Threads"))

    def _status(self, name: str) -> str:
        for line in Path(f"/proc/{self.process.pid}/status").read_text().splitlines():
            if line.startswith(f"{name}:"):
                return line.partition(":")[2]
        raise RuntimeError("The server has ended.")
