"""A volume as what is read, and the containers that are kept still meanwhile."""

from dataclasses import dataclass
from typing import Any

from backups.consistency import Member, members_of, sharing_containers
from backups.errors import CannotBackUp
from backups.sources import Look, Source
from engine import Docker
from engine.identity import is_helper
from volumes.protected import OwnData
from volumes.queries import usable_volume

ROOT = "/"
"""Where a volume is mounted that is looked at alone."""


@dataclass(frozen=True)
class Subject:
    """A volume that is read. `mounted_by` names the running containers that use it.

    `held` are those that are kept still while it is read.
    """

    source: Source
    mounted_by: list[str]
    held: list[Member]

    @property
    def name(self) -> str:
        return self.source.name

    @property
    def volume(self) -> dict[str, Any]:
        """The Engine's whole answer about it."""
        return self.source.volume or {}


def subject_of(docker: Docker, name: str, consistency: str, job: str) -> Subject:
    """Look at a volume; `job` labels the helper containers that look at folders.

    Raise NotFound, NotAllowed for our own, or CannotBackUp where nothing may be read or where a
    container that uses it would not be the same after its stop.
    """
    details = usable_volume(name)
    look = Look(docker, {}, OwnData.of(docker), include_bind_mounts=False, job=job)
    found = look.at({"Type": "volume", "Name": details.name, "Destination": ROOT})
    if not isinstance(found, Source):
        raise CannotBackUp(f"The volume {details.name} is not read. {found.reason}")
    if is_helper(details.labels):
        raise CannotBackUp(f"The volume {details.name} is a job's, and goes away with it.")
    users = sharing_containers(docker, [], [found])
    held = members_of(docker, [], [found], consistency)
    return Subject(found, [user.name for user in users], held)
