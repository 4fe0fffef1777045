"""Images for tests, made from Debian's static busybox. Nothing is ever pulled."""

import io
import json
import re
import shutil
import subprocess
import tarfile
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from docker import APIClient
from docker.errors import ImageNotFound

BUSYBOX = "busybox:test"
# Runs until it is asked to stop, and then ends at once: a plain `sleep` as the first process of
# a container would ignore the signal and be killed ten seconds later.
IDLE = b"#!/bin/sh\ntrap 'exit 0' TERM INT\nwhile :; do sleep 3600 & wait $!; done\n"


def ensure_busybox(docker: APIClient) -> str:
    """Make the image that tests start from where it is missing; its command is to idle."""
    try:
        docker.inspect_image(BUSYBOX)
    except ImageNotFound:
        build(docker, BUSYBOX)
    return BUSYBOX


def build(
    docker: APIClient,
    tag: str,
    changes: Sequence[str] = (),
    files: dict[str, bytes] | None = None,
) -> str:
    """Make an image of busybox under `tag`; return its id.

    `changes` are lines of a Dockerfile that describe the configuration (CMD, ENTRYPOINT, ENV,
    EXPOSE, HEALTHCHECK, LABEL, USER, VOLUME, WORKDIR); `files` go in under their paths.
    """
    lines = [*changes]
    if not any(line.startswith(("CMD", "ENTRYPOINT")) for line in lines):
        lines.append('CMD ["/bin/idle"]')
    return import_tar(docker, tag, _busybox() + tar_of(files or {}), lines)


def build_with_tar(docker: APIClient, tag: str) -> str:
    """Make an image of busybox in which `tar` and `touch` are GNU's; return its id."""
    return build_with(docker, tag, ["tar", "touch"])


def build_with(docker: APIClient, tag: str, programs: Sequence[str]) -> str:
    """Make an image of busybox in which some programs are those of this machine; return its id."""
    files: dict[str, bytes] = {}
    for name in programs:
        program = shutil.which(name)
        assert program is not None
        listed = subprocess.run(["ldd", program], check=True, capture_output=True, text=True)
        libraries = re.findall(r"(/\S+)", listed.stdout)
        files |= {path: Path(path).read_bytes() for path in libraries}
        files[f"/usr/local/bin/{name}"] = Path(program).read_bytes()
    return build(docker, tag, files=files)


def build_empty(docker: APIClient, tag: str) -> str:
    """Make an image with nothing in it; return its id."""
    return import_tar(docker, tag, tar_of({}), ['CMD ["/nothing"]'])


def build_small(docker: APIClient, tag: str, changes: Sequence[str] = ()) -> str:
    """Make an image to look at, in which there is nothing to start; return its id.

    It is there three times as quickly as one of busybox.
    """
    return import_tar(docker, tag, tar_of({"file": tag.encode()}), ['CMD ["/file"]', *changes])


def import_tar(docker: APIClient, tag: str, content: bytes, changes: Sequence[str]) -> str:
    """Do what `docker import` does; return the image's id."""
    repository, _, version = tag.rpartition(":")
    answer = docker.import_image_from_data(
        content, repository=repository, tag=version, changes=list(changes)
    )
    return json.loads(answer.splitlines()[-1])["status"]


def import_file(docker: APIClient, tag: str, tar: Path, changes: Sequence[str]) -> None:
    """Do the same with a tar that is a file, and may be large."""
    repository, _, version = tag.rpartition(":")
    answer = docker.import_image_from_file(
        str(tar), repository=repository, tag=version, changes=list(changes)
    )
    assert "status" in json.loads(answer.splitlines()[-1]), answer


def tar_of(files: dict[str, bytes]) -> bytes:
    """A tar of plain files that everybody may read and run."""
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode="w") as tar:
        for name, content in files.items():
            _add(tar, name, content)
    return target.getvalue()


@cache
def _busybox() -> bytes:
    """The entries of a tar with busybox and its links, without the blocks that end a tar."""
    program = shutil.which("busybox")
    if program is None:
        raise FileNotFoundError("There is no busybox: apt-get install busybox-static")
    applets = subprocess.run([program, "--list"], check=True, capture_output=True, text=True)
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode="w") as tar:
        # The root too: some storage drivers of the Engine make it for root alone.
        for name, mode in {".": 0o755, "bin": 0o755, "etc": 0o755, "tmp": 0o1777}.items():
            folder = tarfile.TarInfo(name)
            folder.type, folder.mode = tarfile.DIRTYPE, mode
            tar.addfile(folder)
        _add(tar, "bin/busybox", Path(program).read_bytes())
        _add(tar, "bin/idle", IDLE)
        _add(tar, "etc/passwd", b"root:x:0:0:root:/root:/bin/sh\nguest:x:1000:1000::/:/bin/sh\n")
        _add(tar, "etc/group", b"root:x:0:\nguest:x:1000:\n")
        for name in set(applets.stdout.split()) - {"busybox"}:
            link = tarfile.TarInfo(f"bin/{name}")
            link.type, link.linkname = tarfile.SYMTYPE, "busybox"
            tar.addfile(link)
        end = tar.offset
    return target.getvalue()[:end]


def _add(tar: tarfile.TarFile, name: str, content: bytes) -> None:
    entry = tarfile.TarInfo(name.lstrip("/"))
    entry.size, entry.mode = len(content), 0o755
    tar.addfile(entry, io.BytesIO(content))
