"""Records of archives: what lists show of them without opening a file."""

import stat
from pathlib import Path
from typing import Any

from django.conf import settings

from accounts.masks import visible_value
from backups.models import Backup
from backups.retention.alarm import alarm_of
from backups.types import BackupInfo, Metadata, SavedPort, SavedVolume


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


GONE = "The file of this backup is gone."


def info_of(backup: Backup) -> BackupInfo:
    """A record as lists and the API show it.

    One that was found gone and is there again has no problem but that nobody has checked it since.
    """
    metadata, file = backup.metadata, file_state(backup)
    is_back = backup.problem == GONE and file == "present"
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
        file=file,
        verified_at=backup.verified_at,
        problem="" if is_back else backup.problem,
        proved_at=backup.proved_at,
        proof=backup.proof,
        rehearsal_problem=backup.rehearsal_problem,
        schedule=backup.schedule.name if backup.schedule else None,
        alarm=alarm_of(backup) or None,
        metadata=Metadata(
            volumes=[SavedVolume(**item) for item in metadata.get("volumes", [])],
            port_mappings={
                port: [saved_port(binding) for binding in bindings]
                for port, bindings in metadata.get("port_mappings", {}).items()
            },
            environment=[visible_variable(each) for each in metadata.get("environment", [])],
            networks=metadata.get("networks", []),
            image_included=metadata.get("image_included", False),
            skipped=metadata.get("skipped", []),
        ),
        stack=backup.stack,
        set_id=backup.set_id,
    )


def saved_port(binding: dict[str, str]) -> SavedPort:
    """A port in the shape in which a container's own are told."""
    port = binding["host_port"]
    is_number = port.isascii() and port.isdecimal()
    return SavedPort(binding["host_ip"] or None, int(port) if is_number else port or None)


def visible_variable(variable: dict[str, str]) -> dict[str, str | None]:
    return {**variable, "value": visible_value(variable["value"])}


def file_state(backup: Backup) -> str:
    """Whether the archive lies where it should, as it was: present, missing or changed."""
    try:
        found = (Path(settings.BACKUP_DIR) / backup.filename).lstat()
    except OSError:
        return "missing"
    if not stat.S_ISREG(found.st_mode):
        return "missing"
    return "present" if found.st_size == backup.size else "changed"
