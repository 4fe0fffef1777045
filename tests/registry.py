"""A registry of images, as small as one can be: it hands out what a test has put in.

It runs in the private Engine's network, where it answers at 127.0.0.1:5000, an address that
Engines ask without TLS.
"""

import base64
import hashlib
import io
import json
import subprocess
import sys
import tarfile
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from docker import APIClient

from tests.private_engine import PrivateEngine
from tests.waiting import wait_for

ADDRESS = "127.0.0.1:5000"
MANIFEST = "application/vnd.docker.distribution.manifest.v2+json"
CONFIG = "application/vnd.docker.container.image.v1+json"
PIECE = 1 << 18
LAYER = "application/vnd.docker.image.rootfs.diff.tar"


class Registry:
    """The registry's files, and the process that hands them out."""

    def __init__(self, engine: PrivateEngine, path: Path) -> None:
        self.engine, self.path = engine, path
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        first = next(iter(self.engine.processes()))
        self.process = subprocess.Popen(
            [
                *["setpriv", "--pdeathsig", "KILL", "--"],
                *["nsenter", "--target", str(first), "--net", "--"],
                *[sys.executable, "-m", "tests.registry", str(self.path)],
            ],
            cwd=Path(__file__).resolve().parent.parent,
        )
        wait_for((self.path / "ready").exists, "the registry to listen")

    def stop(self) -> None:
        if self.process:
            self.process.kill()
            self.process.wait()

    def hold(self) -> None:
        """Say nothing any more, until `let_go`."""
        (self.path / "held").touch()

    def let_go(self) -> None:
        (self.path / "held").unlink(missing_ok=True)

    def deny(self) -> None:
        """Let nobody in from now on."""
        (self.path / "denied").touch()

    def say(self, words: str) -> None:
        """Give these words as the reason of every refusal."""
        (self.path / "words").write_text(words)

    def require(self, username: str, password: str) -> None:
        """Let in only who says this name and password, by the Basic scheme."""
        pair = f"{username}:{password}".encode()
        (self.path / "credentials").write_bytes(b"Basic " + base64.b64encode(pair))

    def slow_down(self) -> None:
        """Give out layers in small pieces, with a pause after each, until `speed_up`.

        Behind the middle a piece is a byte, so that nobody is through before that.
        """
        (self.path / "slow").touch()

    def speed_up(self) -> None:
        (self.path / "slow").unlink(missing_ok=True)

    def is_giving(self) -> bool:
        """Whether somebody is getting a layer now."""
        return any((self.path / "giving").iterdir())

    def put(self, docker: APIClient, image: str, name: str, tag: str) -> str:
        """Take a local image in as `name:tag`; the reference to pull it by."""
        saved = b"".join(docker.get_image(image))
        with tarfile.open(fileobj=io.BytesIO(saved)) as tar:
            described = json.loads(read(tar, "manifest.json"))[0]
            config = read(tar, described["Config"])
            layers = [read(tar, layer) for layer in described["Layers"]]
        manifest = json.dumps(
            {
                "schemaVersion": 2,
                "mediaType": MANIFEST,
                "config": {"mediaType": CONFIG, **self.blob(config)},
                "layers": [{"mediaType": LAYER, **self.blob(layer)} for layer in layers],
            }
        ).encode()
        folder = self.path / "manifests" / name
        folder.mkdir(parents=True, exist_ok=True)
        (folder / tag).write_bytes(manifest)
        (folder / f"sha256:{hashlib.sha256(manifest).hexdigest()}").write_bytes(manifest)
        return f"{ADDRESS}/{name}:{tag}"

    def blob(self, content: bytes) -> dict[str, object]:
        digest = f"sha256:{hashlib.sha256(content).hexdigest()}"
        folder = self.path / "blobs"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / digest).write_bytes(content)
        return {"size": len(content), "digest": digest}


def read(tar: tarfile.TarFile, name: str) -> bytes:
    file = tar.extractfile(name)
    assert file is not None
    return file.read()


def error(code: str, words: str = "") -> bytes:
    """What a registry answers instead of what was asked for."""
    said = {"code": code, "message": words or code.lower(), "detail": words}
    return json.dumps({"errors": [said]}).encode()


class Handler(BaseHTTPRequestHandler):
    """`/v2/`, `/v2/<name>/manifests/<reference>` and `/v2/<name>/blobs/<digest>`."""

    root: Path

    def do_GET(self) -> None:
        while "/blobs/" in self.path and (self.root / "held").exists():
            time.sleep(0.02)
        denied = (self.root / "denied").exists() or not self.is_let_in()
        found = None if denied else self.find()
        words = self.root / "words"
        reason = words.read_text() if words.exists() else ""
        content = found or error("UNAUTHORIZED" if denied else "MANIFEST_UNKNOWN", reason)
        self.send_response(200 if found else 401 if denied else 404)
        self.send_header("Docker-Distribution-Api-Version", "registry/2.0")
        self.send_header("Content-Length", str(len(content)))
        if denied and (self.root / "credentials").exists():
            self.send_header("WWW-Authenticate", 'Basic realm="test"')
        if found and "/manifests/" in self.path:
            self.send_header("Content-Type", MANIFEST)
            digest = hashlib.sha256(content).hexdigest()
            self.send_header("Docker-Content-Digest", f"sha256:{digest}")
        self.end_headers()
        if self.command == "GET":
            self.give(content)

    do_HEAD = do_GET

    def is_let_in(self) -> bool:
        wanted = self.root / "credentials"
        given = self.headers.get("Authorization", "").encode()
        return not wanted.exists() or given == wanted.read_bytes()

    def give(self, content: bytes) -> None:
        mark = self.root / "giving" / str(id(self))
        mark.touch()
        try:
            at = 0
            while at < len(content):
                slow = "/blobs/" in self.path and (self.root / "slow").exists()
                size = 1 if slow and at > len(content) // 2 else PIECE
                self.wfile.write(content[at : at + size])
                at += size
                if slow:
                    time.sleep(0.05)
        except OSError:
            self.close_connection = True
        finally:
            mark.unlink()

    def find(self) -> bytes | None:
        if self.path == "/v2/":
            return b"{}"
        name, _, rest = self.path.removeprefix("/v2/").rpartition("/")
        name, _, kind = name.rpartition("/")
        folder = self.root / "blobs" if kind == "blobs" else self.root / kind / name
        path = folder / rest
        return path.read_bytes() if path.is_file() else None

    def log_message(self, format: str, *arguments: object) -> None:
        """Nobody reads it."""


def main() -> None:
    Handler.root = Path(sys.argv[1])
    host, port = ADDRESS.split(":")
    server = ThreadingHTTPServer((host, int(port)), Handler)
    (Handler.root / "giving").mkdir()
    (Handler.root / "ready").touch()
    server.serve_forever()


if __name__ == "__main__":
    main()
