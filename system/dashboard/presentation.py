"""How the dashboard says it."""

from dataclasses import dataclass

from django.urls import reverse

from containermonkey import figures
from engine.disk_usage import DiskUsage
from system.dashboard.types import BackupCount, Host


@dataclass(frozen=True)
class Tile:
    """A figure with a line below it, and the page that it leads to."""

    label: str
    value: str
    sub: str
    icon: str
    url: str


@dataclass(frozen=True)
class Part:
    """What holds room on the disk; `percent` of all that is held."""

    label: str
    size: int
    percent: int
    url: str


def tiles_of(host: Host | None, backups: BackupCount) -> list[Tile]:
    """A tile of each kind of thing; of the backups alone where the host was never seen."""
    tiles = on_host(host) if host else []
    newest = f"newest {figures.ago(backups.newest)}" if backups.newest else "none yet"
    size = f"{figures.size(backups.total_size)}, {newest}" if backups.count else newest
    tiles.append(Tile("Backups", str(backups.count), size, "archive", reverse("backups:list")))
    return tiles


def on_host(host: Host) -> list[Tile]:
    containers, stacks, images = host.containers, host.stacks, host.images
    stopped = containers.total - containers.running
    return [
        Tile(
            *("Containers", str(containers.total)),
            f"{containers.running} running, {stopped} stopped",
            *("cube", reverse("containers:list")),
        ),
        Tile(
            *("Stacks", str(stacks.total)),
            f"{stacks.running} running, {stacks.partial} in part",
            *("stack", reverse("stacks:list")),
        ),
        Tile(
            *("Images", str(images.total)),
            f"{images.unused} unused, {images.dangling} dangling",
            *("package", reverse("images:list")),
        ),
        Tile(
            *("Volumes", str(host.volumes.total), f"{host.volumes.unused} unused"),
            *("hard-drives", reverse("volumes:list")),
        ),
        Tile(
            *("Networks", str(host.networks.total), f"{host.networks.unused} unused"),
            *("graph", reverse("networks:list")),
        ),
    ]


def parts_of(usage: DiskUsage) -> list[Part]:
    """What holds room, as shares of all of it."""
    sizes = [
        ("Images", usage.images, "images:list"),
        ("Volumes", usage.volumes, "volumes:list"),
        ("Containers", usage.containers, "containers:list"),
        ("Build cache", usage.build_cache, ""),
    ]
    return [
        Part(label, size, percent(size, usage.total), reverse(view) if view else "")
        for label, size, view in sizes
    ]


def percent(size: int, total: int) -> int:
    return round(100 * size / total) if total else 0
