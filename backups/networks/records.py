"""Records of networks' archives."""

import re

from django.utils import timezone

from backups.models import Backup, Kind
from backups.networks.manifest import ArchivedNetwork

NOT_IN_A_FILENAME = re.compile(r"[^A-Za-z0-9_.-]+")


def record_of_network(saved: ArchivedNetwork) -> Backup:
    """The record of an archive that was checked, but for its file; not saved."""
    network = saved.manifest["network"]
    return Backup(
        kind=Kind.NETWORK,
        container_name=network["name"],
        container_id=network["id"],
        created=saved.created,
        verified=True,
        verified_at=timezone.now(),
        metadata={"networks": [network["name"]]},
    )


def filename_stem(name: str) -> str:
    """A network's name for a file's; Docker allows any letters in it."""
    return f"network-{NOT_IN_A_FILENAME.sub('-', name)}"
