"""What a redeploy would do, in words, before anything is touched."""

import re
from dataclasses import dataclass, field
from typing import Any

from containermonkey.problems import Conflict, NotAllowed
from containers.starting import health_seconds
from containers.swap import name_of, sharing_with
from engine import Docker
from engine.identity import is_ours

IMAGE_ID = re.compile(r"(sha256:)?[0-9a-f]{12,64}", re.ASCII)

SWARM_TASK = "com.docker.swarm.task.id"


@dataclass(frozen=True)
class RedeployPlan:
    """The container by its inspect, the image by its reference, and what will be done."""

    inspect: dict[str, Any]
    image: str
    pull: bool
    sharing: list[dict[str, Any]] = field(default_factory=list)
    local_image: dict[str, Any] | None = None

    @property
    def name(self) -> str:
        return name_of(self.inspect)

    @property
    def steps(self) -> list[str]:
        """Everything in its order, as sentences."""
        runs = self.inspect["State"]["Running"]
        shared = ", ".join(name_of(other) for other in self.sharing)
        steps = [
            f"Pull {self.image}; if that fails, nothing is changed." if self.pull else "",
            self.of_image,
            f"Make {self.name} again with the configuration that it was given; what came from its "
            "image comes from the new one.",
            f"{'Stop' if runs else 'Set'} the old container{'' if runs else ' aside'} and keep it "
            "until the new one is there.",
            self.of_start if runs else "Leave the new one stopped, as the old one is.",
            f"Make those again that use its network, IPC or processes: {shared}." if shared else "",
            "Remove the old container. Its volumes stay, and the new one has them, the anonymous "
            "ones among them; what it wrote elsewhere goes with it.",
        ]
        return [step for step in steps if step]

    @property
    def of_image(self) -> str:
        """What is known of the image before anything is pulled."""
        if self.local_image is None:
            return "" if self.pull else f"The image {self.image} is not on this host."
        if self.local_image["Id"] != self.inspect["Image"]:
            return f"The host already has another {self.image} than the one it runs from."
        return "" if self.pull else f"It runs from the {self.image} that the host has."

    @property
    def of_start(self) -> str:
        """How it is found out whether the new container is up."""
        check = self.inspect["Config"].get("Healthcheck") or {}
        back = "otherwise the old one comes back."
        if check.get("Test") and check["Test"] != ["NONE"]:
            seconds = health_seconds(check)
            return f"Start it and wait until it is healthy, at most {seconds:.0f} seconds; {back}"
        return f"Start it and see that it goes on running; {back}"


def plan_redeploy(docker: Docker, inspect: dict[str, Any], *, pull: bool) -> RedeployPlan:
    """The plan for an inspected container.

    Raise NotAllowed for ourselves, Conflict where it cannot be done: a task of a swarm, an image
    that has no name to be pulled by or is not there.
    """
    name, labels = name_of(inspect), inspect["Config"]["Labels"] or {}
    if is_ours(inspect["Id"], labels):
        raise NotAllowed(f"{name} is Container Monkey itself, or works for it.")
    if SWARM_TASK in labels:
        raise Conflict(f"{name} is a task of a swarm, which makes its containers by itself.")
    image = str(inspect["Config"]["Image"])
    if pull and IMAGE_ID.fullmatch(image):
        raise Conflict(
            f"{name} was made from an image without a name ({image[:19]}), so there is nothing to "
            "pull. Redeploy it without pulling."
        )
    local_image = docker.find_image(image)
    if local_image is None and not pull:
        raise Conflict(f"The image {image} is not on this host. Redeploy it with pulling.")
    return RedeployPlan(inspect, image, pull, sharing_with(docker, inspect), local_image)
