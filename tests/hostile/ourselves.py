"""Container Monkey as a container of the private Engine, with all that belongs to it."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from docker import APIClient

from engine.identity import SELF_LABEL
from tests.arrange import ContainerMaker
from tests.images import build

STACK = "tools"
NAME, VOLUME, NETWORK, IMAGE = "monkey", "monkey-data", "monkey-net", "monkey:1"
SECRET = b"what nobody is to read"


@dataclass(frozen=True)
class Ourselves:
    """Our container, image and network by their ids; the volume has none."""

    docker: APIClient
    container: str
    image: str
    network: str

    @property
    def folder(self) -> Path:
        """Our volume's directory on this machine."""
        return Path(self.docker.inspect_volume(VOLUME)["Mountpoint"])

    def state(self) -> dict[str, Any]:
        """Everything that must be the same after somebody has tried everything."""
        container = self.docker.inspect_container(self.container)
        volume = self.docker.inspect_volume(VOLUME)
        return {
            "container": (container["Name"], container["State"], container["RestartCount"]),
            "endpoints": container["NetworkSettings"]["Networks"],
            "image": (container["Image"], self.docker.inspect_image(self.image)["RepoTags"]),
            "network": self.docker.inspect_network(self.network)["Created"],
            "volume": (volume["CreatedAt"], volume["Labels"], volume["Options"]),
            "files": {path.name: path.read_bytes() for path in self.folder.iterdir()},
            "owners": [row["Names"] for row in self.docker.containers(all=True)],
        }


def settle(docker: APIClient, make_container: ContainerMaker) -> Ourselves:
    """Run a container that is ourselves, of a stack, with a volume and a network of its own."""
    of_stack = {"com.docker.compose.project": STACK, "com.docker.compose.service": NAME}
    image = build(docker, IMAGE, [f"LABEL {SELF_LABEL}=1"])
    docker.tag(IMAGE, "monkey", "newest")
    network = docker.create_network(NETWORK, labels=of_stack)["Id"]
    docker.create_volume(VOLUME, labels=of_stack)
    container = make_container(
        NAME,
        image=IMAGE,
        command=["sleep", "1000"],
        labels=of_stack,
        host={"binds": [f"{VOLUME}:/data"], "init": True, "network_mode": NETWORK},
    )
    ours = Ourselves(docker, container, image, network)
    (ours.folder / "secret.key").write_bytes(SECRET)
    return ours
