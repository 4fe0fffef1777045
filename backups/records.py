"""Records of archives: what lists show of them without opening a file."""

import stat
from pathlib import Path
from typing import Any

from django.conf import settings

from backups.models import Backup
from backups.retention.alarm import alarm_of
from backups.types import BackupInfo, Metadata, SavedVolume


def metadata_of(
    manifest: dict[str, Any], inspect: dict[str, Any], sizes: dict[str, tuple[int, int]]
) -> dict[str, Any]:
    """The metadata of a backup's record. `sizes` maps a source's key to its bytes and files."""
    return {
        "volumes": [
            {
                "key": source["key"],
                "name": source["name"],
                "destination": ", ".join(source["destinations"]),
                "type": source["type"],
                "size": sizes[source["key"]][0],
                "files": sizes[source["key"]][1],
            }
            for source in manifest["sources"]
        ],
        "port_mappings": port_mappings(inspect),
        "environment": environment(inspect),
        "networks": list(inspect["NetworkSettings"]["Networks"] or {}),
        "image_included": manifest["image"]["included"],
        "skipped": [
            {field: item[field] for field in ("type", "name", "destination", "reason")}
            for item in manifest["skipped"]
        ],
        "stack": manifest.get("stack"),
    }


def port_mappings(inspect: dict[str, Any]) -> dict[str, list[dict[str, str]]]:
    """`{"80/tcp": [{"host_ip", "host_port"}]}` as configured, whether it runs or not."""
    bindings = inspect["HostConfig"].get("PortBindings") or {}
    return {
        port: [
            {"host_ip": item.get("HostIp", ""), "host_port": item.get("HostPort", "")}
            for item in items or []
        ]
        for port, items in bindings.items()
    }


def environment(inspect: dict[str, Any]) -> list[dict[str, str]]:
    """`[{"key", "value"}]` in the container's own order."""
    pairs = (item.partition("=") for item in inspect["Config"].get("Env") or [])
    return [{"key": key, "value": value} for key, _, value in pairs]


def info_of(backup: Backup) -> BackupInfo:
    """A record as lists and the API show it."""
    metadata = backup.metadata
    return BackupInfo(
        filename=backup.filename,
        size=backup.size,
        created=backup.created,
        kind=backup.kind,
        container_name=backup.container_name,
        image=backup.image,
        sha256=backup.sha256,
        verified=backup.verified,
        origin=backup.origin,
        file=file_state(backup),
        verified_at=backup.verified_at,
        problem=backup.problem,
        proved_at=backup.proved_at,
        proof=backup.proof,
        rehearsal_problem=backup.rehearsal_problem,
        schedule=backup.schedule.name if backup.schedule else None,
        alarm=alarm_of(backup) or None,
        metadata=Metadata(
            volumes=[SavedVolume(**item) for item in metadata.get("volumes", [])],
            port_mappings=metadata.get("port_mappings", {}),
            environment=metadata.get("environment", []),
            networks=metadata.get("networks", []),
            image_included=metadata.get("image_included", False),
            skipped=metadata.get("skipped", []),
        ),
        stack=backup.stack,
        set_id=backup.set_id,
    )


def file_state(backup: Backup) -> str:
    """Whether the archive lies where it should, as it was: present, missing or changed."""
    try:
        found = (Path(settings.BACKUP_DIR) / backup.filename).lstat()
    except OSError:
        return "missing"
    if not stat.S_ISREG(found.st_mode):
        return "missing"
    return "present" if found.st_size == backup.size else "changed"
