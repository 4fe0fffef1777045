"""What a deployment will do, found out beforehand and told in plain words."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from containers.obstacles import Obstacle, Obstructed


class DeployConflict(Obstructed):
    """A deployment has something in its way."""


@dataclass(frozen=True)
class PlannedService:
    """A service of the file; `image_here` says whether its image is on the host already."""

    name: str
    image: str
    image_here: bool
    containers: int
    is_new: bool


@dataclass(frozen=True)
class Part:
    """A volume or network: one that is there is used as it is."""

    name: str
    exists: bool
    external: bool


@dataclass(frozen=True)
class DeployPlan:
    """Everything that a deployment takes and makes; `ports` as `0.0.0.0:80/tcp`.

    `orphans` are the containers of the stack whose services are not in the file.
    """

    name: str
    is_new: bool
    services: list[PlannedService]
    volumes: list[Part]
    networks: list[Part]
    ports: list[str]
    orphans: list[str]
    remove_orphans: bool
    notes: list[str] = field(default_factory=list)
    conflicts: list[Obstacle] = field(default_factory=list)

    @property
    def images(self) -> list[str]:
        return list(dict.fromkeys(service.image for service in self.services))

    @property
    def to_pull(self) -> list[str]:
        """The images that the host has not."""
        missing = [service.image for service in self.services if not service.image_here]
        return list(dict.fromkeys(missing))

    def refuse_conflicts(self) -> None:
        """Raise DeployConflict where something is in the way."""
        if self.conflicts:
            raise DeployConflict(self.conflicts)

    @property
    def steps(self) -> list[str]:
        """Everything in its order, as sentences."""
        return [*self._parts(), *self._services(), *self._orphans(), *self.notes]

    def _parts(self) -> Iterator[str]:
        for image in self.to_pull:
            yield f"Pull {image}; if that fails, nothing is changed."
        for kind, parts in (("network", self.networks), ("volume", self.volumes)):
            for part in parts:
                verb = "Use" if part.exists else "Make"
                yield f"{verb} the {kind} {part.name}{' as it is' if part.exists else ''}."

    def _services(self) -> Iterator[str]:
        for service in self.services:
            if service.is_new:
                number = "" if service.containers == 1 else f", {service.containers} containers"
                yield f"Make and start {service.name} from {service.image}{number}."
            else:
                yield (
                    f"Make {service.name} again where its configuration or image is another than "
                    "now, else leave it and see that it runs."
                )

    def _orphans(self) -> Iterator[str]:
        for name in self.orphans:
            if self.remove_orphans:
                yield f"Remove {name}, whose service is not in the file; its volumes stay."
            else:
                yield f"Leave {name} alone, whose service is not in the file."
