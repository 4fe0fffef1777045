"""Records of networks' archives."""

import re
from itertools import islice

from django.utils import timezone

from backups.models import Backup, Kind
from backups.networks.manifest import ArchivedNetwork
from backups.records import file_state
from networks.types import SavedAs

MOST = 20
"""How many backups of a network its page names: the newest."""

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


def backups_of_network(name: str) -> list[SavedAs]:
    """The newest good backups of a network, by its name, the newest first."""
    rows = Backup.objects.filter(kind=Kind.NETWORK, container_name=name, verified=True)
    present = (
        SavedAs(backup.filename, backup.created)
        for backup in rows.order_by("-created", "-pk").iterator(chunk_size=MOST)
        if file_state(backup) == "present"
    )
    return list(islice(present, MOST))
