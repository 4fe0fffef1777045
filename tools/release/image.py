"""The image, as a file for `docker load` that is the same each time it is built.

An Engine writes the time of the building into every layer and into what it says of the image. Here
everything gets the moment of the commit, and the identity of the image follows from its content.
"""

import hashlib
import json
import os
import re
import subprocess
import tarfile
import tempfile
from datetime import UTC, datetime
from io import BufferedRandom, BytesIO
from pathlib import Path
from typing import IO, Any

from tools.release.source import Source

NAME = "container-monkey"
ONLY_OF_THE_BUILDING = ("container", "container_config", "docker_version")


def build(source: Source, target: Path, *, base: str | None = None) -> Path:
    """Build the image with the machine's own Docker, and write it into a directory; where it is.

    The Engine has it afterwards, too, as `container-monkey` and with its version for a tag.
    """
    version = version_of(source)
    tags = [f"{NAME}:latest", f"{NAME}:{version}"]
    options = [word for tag in tags for word in ("--tag", tag)]
    for name, value in (("REVISION", source.revision), ("BASE", base)):
        options += ["--build-arg", f"{name}={value}"] if value else []
    docker("build", *options, str(source.directory))
    built = target / f"{NAME}-{version}.tar"
    with tempfile.TemporaryDirectory(dir=target) as beside:
        saved = Path(beside) / "saved.tar"
        docker("save", "--output", str(saved), *tags)
        write_the_same(saved, built, source.moment)
    docker("load", "--quiet", "--input", str(built))
    return built


def version_of(source: Source) -> str:
    """The version that the image says it has."""
    label = r'image\.version="([^"]+)"'
    (version,) = re.findall(label, (source.directory / "Dockerfile").read_text())
    return version


def docker(*words: str) -> None:
    subprocess.run(["docker", *words], check=True)


def write_the_same(saved: Path, target: Path, moment: int) -> None:
    """Write what `docker save` wrote once more, with nothing in it that depends on its building.

    The layers come one after the other, by way of a file beside the target: memory does not grow
    with them.
    """
    with tarfile.open(saved) as source, tarfile.open(target, "w", format=tarfile.PAX_FORMAT) as to:
        (told,) = json.loads(read(source, "manifest.json"))
        names, digests = [], []
        for layer in told["Layers"]:
            with tempfile.TemporaryFile(dir=target.parent) as written:
                digest = rewrite_layer(member(source, layer), written, moment)
                if f"{digest}.tar" not in names:
                    add(to, f"{digest}.tar", written, moment)
            names.append(f"{digest}.tar")
            digests.append(f"sha256:{digest}")
        config = rewrite_config(json.loads(read(source, told["Config"])), digests, moment)
        name = f"{hashlib.sha256(config).hexdigest()}.json"
        add(to, name, BytesIO(config), moment)
        manifest = [{"Config": name, "RepoTags": sorted(told["RepoTags"]), "Layers": names}]
        add(to, "manifest.json", BytesIO(compact(manifest)), moment)


def rewrite_layer(layer: IO[bytes], target: BufferedRandom, moment: int) -> str:
    """Write a layer with nothing in it that is newer than the moment; its SHA-256."""
    # An Engine that keeps its layers as they are sent has them compressed.
    with (
        tarfile.open(fileobj=layer, mode="r:*") as source,
        tarfile.open(fileobj=target, mode="w", format=tarfile.PAX_FORMAT) as to,
    ):
        for entry in source:
            entry.mtime = min(int(entry.mtime), moment)
            entry.uname = entry.gname = ""
            # What is left are attributes, such as capabilities; tarfile writes the rest anew.
            kept = {k: v for k, v in entry.pax_headers.items() if k.startswith("SCHILY.xattr.")}
            entry.pax_headers = dict(sorted(kept.items()))
            to.addfile(entry, source.extractfile(entry) if entry.isreg() else None)
    target.seek(0)
    return hashlib.file_digest(target, "sha256").hexdigest()


def rewrite_config(config: dict[str, Any], digests: list[str], moment: int) -> bytes:
    """What is said of the image, without who built it and when."""
    created = datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    kept = {name: value for name, value in config.items() if name not in ONLY_OF_THE_BUILDING}
    kept["config"] = {name: value for name, value in config["config"].items() if name != "Image"}
    kept["created"] = created
    kept["history"] = [step | {"created": created} for step in config["history"]]
    kept["rootfs"] = config["rootfs"] | {"diff_ids": digests}
    return compact(kept)


def compact(value: Any) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":")).encode()


def member(archive: tarfile.TarFile, name: str) -> IO[bytes]:
    file = archive.extractfile(name)
    assert file, f"{name} of docker save is a file"
    return file


def read(archive: tarfile.TarFile, name: str) -> bytes:
    return member(archive, name).read()


def add(archive: tarfile.TarFile, name: str, content: IO[bytes], moment: int) -> None:
    entry = tarfile.TarInfo(name)
    entry.size = content.seek(0, os.SEEK_END)
    entry.mtime = moment
    content.seek(0)
    archive.addfile(entry, content)
