"""Archives that somebody brings: every checksum is right, whatever they say."""

import json
from pathlib import Path
from typing import Any

from backups.archive.writer import ArchiveWriter

MANIFEST = {
    "format": "container-monkey-backup",
    "format_version": 1,
    "created": "2026-05-04T03:02:01Z",
    "container": {"id": "c" * 64, "name": "web", "state": "exited"},
    "image": {"reference": "busybox:test", "id": "sha256:1", "included": False},
    "sources": [],
    "skipped": [],
}
INSPECT = {
    "Id": "c" * 64,
    "Name": "/web",
    "Created": "2026-05-01T00:00:00.123456789Z",
    "Image": "sha256:1",
    "State": {"Status": "exited"},
    "Config": {"Image": "busybox:test", "Env": ["A=b"], "Labels": {}},
    "HostConfig": {"PortBindings": {"80/tcp": [{"HostIp": "", "HostPort": "8080"}]}},
    "NetworkSettings": {"Networks": {"bridge": {"IPAddress": "", "GlobalIPv6Address": ""}}},
    "Mounts": [],
}


def write_archive(path: Path, manifest: Any = None, inspect: Any = None) -> Path:
    """An archive of the container `web`, which has no volume."""
    with ArchiveWriter(path) as archive:
        for part, content in [
            ("manifest.json", manifest or MANIFEST),
            ("container.json", inspect or INSPECT),
            ("networks.json", []),
            ("compose.yaml", {}),
        ]:
            archive.add_file(f"backup/{part}", json.dumps(content).encode(), mtime=0)
        return archive.finish({}).path


def of_container(name: str) -> dict[str, Any]:
    """The manifest of an archive of the container `name`."""
    return {**MANIFEST, "container": {**MANIFEST["container"], "name": name}}
