"""Archives as the original Container Monkey wrote them, whole or not."""

import gzip
import io
import json
import tarfile
from pathlib import Path
from typing import Any

SAMPLE = Path(__file__).with_name("original-0.4.2-sample.tar.gz")
"""Made by the original, of a container with one volume, with its image."""

CONFIG = "container_config.json"


def sample_parts() -> dict[str, bytes]:
    """The files of the sample by their names, in their order."""
    with tarfile.open(SAMPLE) as tar:
        return {
            member.name.removeprefix("./"): tar.extractfile(member).read()  # type: ignore[union-attr]
            for member in tar
            if member.isfile()
        }


def parts_of(mounts: list[dict[str, Any]] | None = None, **changes: Any) -> dict[str, bytes]:
    """The sample without image and data, with other mounts, and other values in its config."""
    config = json.loads(sample_parts()[CONFIG]) | changes
    if mounts is not None:
        config["Mounts"] = mounts
    return {CONFIG: json.dumps(config).encode()}


def mount(kind: str, name: str, destination: str) -> dict[str, Any]:
    found = {"Type": kind, "Source": name, "Destination": destination, "RW": True}
    return found | ({"Name": name} if kind == "volume" else {})


def tar_of(files: dict[str, bytes | None], root: str = "./") -> bytes:
    """A tar of a folder; a name that ends with a slash is a folder's."""
    written = io.BytesIO()
    with tarfile.open(fileobj=written, mode="w") as tar:
        for name, content in ({"": None} | files).items():
            info = tarfile.TarInfo(root + name)
            info.mtime = 1_700_000_000
            if content is None:
                info.type, info.mode = tarfile.DIRTYPE, 0o755
                tar.addfile(info)
            else:
                info.size = len(content)
                tar.addfile(info, io.BytesIO(content))
    return written.getvalue()


def gzipped(content: bytes) -> bytes:
    return gzip.compress(content, 1, mtime=0)


def archive_of(path: Path, parts: dict[str, bytes], *extra: tarfile.TarInfo) -> Path:
    """Write an archive of these files, and entries without content."""
    with tarfile.open(path, "w:gz", compresslevel=1) as tar:
        for name, content in parts.items():
            info = tarfile.TarInfo(f"./{name}")
            info.size, info.mtime = len(content), 1_700_000_000
            tar.addfile(info, io.BytesIO(content))
        for info in extra:
            tar.addfile(info)
    return path
