"""What a plan is made from: an archive, an Engine, what was chosen; and what stands in the way."""

from dataclasses import dataclass, field
from typing import Any

from backups import manifest as manifests
from backups.archive.reader import ArchiveReader
from backups.options import RestoreOptions
from backups.types import Conflict
from containers.neighbours import Neighbours
from engine import Docker
from volumes.protected import OwnData


@dataclass
class Others:
    """What is restored in the same job; by itself an archive has nothing beside it.

    `leaving` are the ids of all containers that go or are made again, `names` what the restored
    ones will be called, `containers` those planned before this one as the Engine would list them.
    """

    leaving: set[str] = field(default_factory=set)
    names: set[str] = field(default_factory=set)
    containers: list[dict[str, Any]] = field(default_factory=list)
    neighbours: Neighbours | None = None


@dataclass
class Ground:
    """`leaving` are the ids of the containers that the restore replaces: they are not in its way.

    `job` labels the helper containers that look at folders of the host.
    """

    docker: Docker
    archive: ArchiveReader
    options: RestoreOptions
    job: str
    manifest: dict[str, Any]
    inspect: dict[str, Any]
    networks: list[dict[str, Any]]
    containers: list[dict[str, Any]]
    own: OwnData
    others: Others
    leaving: set[str] = field(default_factory=set)
    conflicts: list[Conflict] = field(default_factory=list)

    @classmethod
    def of(
        cls,
        docker: Docker,
        archive: ArchiveReader,
        options: RestoreOptions,
        job: str,
        others: Others | None = None,
    ) -> "Ground":
        """Read the archive's description and the Engine's list. Raise DamagedArchive."""
        others = others or Others()
        return cls(
            docker=docker,
            archive=archive,
            options=options,
            job=job,
            manifest=manifests.checked(archive.manifest),
            inspect=manifests.checked_inspect(archive),
            networks=manifests.checked_networks(archive),
            containers=[*docker.list_containers(), *others.containers],
            own=OwnData.of(docker),
            others=others,
            leaving=set(others.leaving),
        )

    def conflict(self, kind: str, name: str, message: str, answer: str = "") -> None:
        """Say what is in the way, and which option would settle it."""
        self.conflicts.append(Conflict(kind, name, message, answer))
