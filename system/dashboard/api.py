"""The dashboard, as JSON."""

from datetime import datetime
from typing import Any

from django.http import HttpRequest
from ninja import Router, Schema

from system.dashboard import services
from system.dashboard.types import BackupCount, NetworkCount, QueueCount, StackCount

router = Router(tags=["System"])


class EngineOut(Schema):
    version: str


class ContainersOut(Schema):
    total: int
    running: int
    by_status: dict[str, int]
    by_health: dict[str, int]
    size: int | None


class ImagesOut(Schema):
    total: int
    unused: int
    dangling: int
    size: int | None


class VolumesOut(Schema):
    total: int
    unused: int
    size: int | None


class DashboardStats(Schema):
    engine: EngineOut
    containers: ContainersOut
    images: ImagesOut
    volumes: VolumesOut
    networks: NetworkCount
    stacks: StackCount
    backups: BackupCount
    queue: QueueCount
    sizes_counted_at: datetime | None


@router.get("/dashboard-stats", response=DashboardStats)
def dashboard_stats(request: HttpRequest) -> dict[str, Any]:
    """What the host has, the backups and the queue.

    `size` are bytes on the host's disk: what containers wrote beside their volumes, all layers of
    images once, and the volumes. The Engine takes long to count them, so this call asks for it
    and does not wait: they are null until they are known, and may be ten minutes old.
    `failed` are jobs that failed or were broken off in the last day.
    """
    host = services.host_now()
    services.disk.ask()
    disk = services.disk.remembered()
    usage = disk.usage if disk else None
    return {
        "engine": {"version": host.version},
        "containers": vars(host.containers) | {"size": usage and usage.containers},
        "images": vars(host.images) | {"size": usage and usage.images},
        "volumes": vars(host.volumes) | {"size": usage and usage.volumes},
        "networks": host.networks,
        "stacks": host.stacks,
        "backups": services.count_backups(),
        "queue": services.count_jobs(),
        "sizes_counted_at": disk and disk.counted_at,
    }
