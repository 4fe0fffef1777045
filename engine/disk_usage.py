"""How much room things take on the Docker host, as its Engine counts it."""

from dataclasses import dataclass
from typing import Any

from engine.client import STREAM_TIMEOUT, Docker


@dataclass(frozen=True)
class DiskUsage:
    """Bytes on the Docker host by what holds them.

    `containers` are what containers wrote beside their volumes, `images` all layers once, and
    `build_cache` what builds left behind.
    """

    images: int
    containers: int
    volumes: int
    build_cache: int

    @property
    def total(self) -> int:
        return self.images + self.containers + self.volumes + self.build_cache


def disk_usage(docker: Docker) -> DiskUsage:
    """All of it; the Engine walks its whole disk for that."""
    found = counted(docker)
    sizes = [(item.get("UsageData") or {}).get("Size", 0) for item in found.get("Volumes") or []]
    return DiskUsage(
        images=found.get("LayersSize") or 0,
        containers=sum(item.get("SizeRw") or 0 for item in found.get("Containers") or []),
        volumes=sum(size for size in sizes if size > 0),
        build_cache=sum(
            item.get("Size") or 0
            for item in found.get("BuildCache") or []
            if not item.get("Shared")
        ),
    )


def volume_sizes(docker: Docker) -> dict[str, int]:
    """The bytes in every volume, by its name; those that the Engine cannot count are left out.

    The Engine walks all of them for that, which takes long on a host that holds much.
    """
    volumes = counted(docker, "volume").get("Volumes") or []
    sizes = {item["Name"]: (item.get("UsageData") or {}).get("Size", -1) for item in volumes}
    return {name: size for name, size in sizes.items() if size >= 0}


def shared_image_sizes(docker: Docker) -> dict[str, int]:
    """The bytes of each image's layers that others have too, by its id, as far as known."""
    images = counted(docker, "image").get("Images") or []
    sizes = {item["Id"]: item.get("SharedSize", -1) for item in images}
    return {image: size for image, size in sizes.items() if size >= 0}


def counted(docker: Docker, kind: str = "") -> dict[str, Any]:
    """What `GET /system/df` answers, of one kind of things or of all."""
    # Engines before API 1.42 do not know the parameter and count everything.
    params = {"type": kind} if kind else None
    response = docker._get(docker._url("/system/df"), params=params, timeout=STREAM_TIMEOUT)
    return docker._result(response, True)
