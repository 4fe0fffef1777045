"""Images as files, and somebody who brings them."""

import io
import json
import tarfile
from pathlib import Path

import pytest
from docker import APIClient

from tests.backups.person import Person
from tests.site import Site

ADDRESS = "/api/images/import"


@pytest.fixture
def person(site: Site) -> Person:
    """Somebody at the running program, with connections of their own."""
    return Person(site)


def saved(docker: APIClient, *names: str) -> bytes:
    """What `docker save` writes."""
    url = docker._url("/images/get")
    return docker._get(url, params={"names": names}).content


def brought(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


def changed(tar: bytes, *, without: str = "", manifest: object = None) -> bytes:
    """The same tar without an entry, or with another `manifest.json`."""
    target = io.BytesIO()
    with (
        tarfile.open(fileobj=io.BytesIO(tar)) as source,
        tarfile.open(fileobj=target, mode="w") as made,
    ):
        for entry in source:
            if entry.name == without:
                continue
            content = source.extractfile(entry) if entry.isfile() else None
            if entry.name == "manifest.json" and manifest is not None:
                body = json.dumps(manifest).encode()
                entry.size, content = len(body), io.BytesIO(body)
            made.addfile(entry, content)
    return target.getvalue()


def described(tar: bytes) -> list[dict]:
    """The `manifest.json` of a tar."""
    with tarfile.open(fileobj=io.BytesIO(tar)) as source:
        file = source.extractfile("manifest.json")
        assert file is not None
        return json.load(file)
