"""What a redeploy will do: found out beforehand, told in plain words, then carried out."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from containers.mapping import name_in
from containers.obstacles import Obstacle, Obstructed
from containers.starting import health_seconds, is_check


class RedeployConflict(Obstructed):
    """A redeploy has something in its way."""


@dataclass(frozen=True)
class RedeployPlan:
    """The container by its inspect, the image by its reference, and what will be done.

    `local_image` is what the reference means on the host now; `sharing` must be made again too,
    each after what it depends on. `keeps` are the parts that people ask about.
    """

    inspect: dict[str, Any]
    image: str
    pull: bool
    local_image: dict[str, Any] | None
    sharing: list[dict[str, Any]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    keeps: list[str] = field(default_factory=list)
    conflicts: list[Obstacle] = field(default_factory=list)
    host_name: str | None = None

    @property
    def name(self) -> str:
        return name_in(self.inspect)

    @property
    def running(self) -> bool:
        return bool(self.inspect["State"]["Running"])

    @property
    def other_image_is_here(self) -> bool:
        """Whether the reference means another image than the one that the container runs from."""
        return self.local_image is not None and self.local_image["Id"] != self.inspect["Image"]

    def refuse_conflicts(self) -> None:
        """Raise RedeployConflict where something is in the way."""
        if self.conflicts:
            raise RedeployConflict(self.conflicts)

    @property
    def steps(self) -> list[str]:
        """Everything in its order, as sentences."""
        return [*self._image_steps(), *self._container_steps(), *self.notes]

    def _image_steps(self) -> Iterator[str]:
        if self.pull:
            yield f"Pull {self.image}; if that fails, nothing is changed."
        if self.other_image_is_here:
            yield f"The host already has another {self.image} than the one it runs from."
        elif not self.pull:
            yield f"Take the {self.image} that the host has, which it runs from already."

    def _container_steps(self) -> Iterator[str]:
        yield (
            f"Make {self.name} again with the configuration that it was given; what came from its "
            "image (variables, command, labels, healthcheck and the like) comes from the new one."
        )
        kept = "Stop the old container and keep it" if self.running else "Set the old one aside"
        yield f"{kept} until the new one is there."
        yield self._start_step() if self.running else "Leave the new one stopped, as the old one."
        for other in self.sharing:
            yield f"Make {name_in(other)} again, which depends on {self.name}."
        if self.inspect["State"]["Paused"]:
            yield "Pause it again."
        yield "Remove the old container; what it wrote outside of its volumes goes with it."

    def _start_step(self) -> str:
        """How it is found out whether the new container is up."""
        check = self.inspect["Config"].get("Healthcheck")
        back = "otherwise the old one comes back."
        if check and is_check(check):
            wait = f"at most {health_seconds(check):.0f} seconds by its present healthcheck"
            return f"Start it and wait until it is healthy, {wait}; {back}"
        return f"Start it and see that it goes on running; {back}"
