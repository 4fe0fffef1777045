"""What a container uses, as JSON."""

from dataclasses import asdict
from datetime import datetime

from django.http import HttpRequest
from ninja import Router, Schema

from containers.stats.services import container_stats

router = Router(tags=["Containers"])


class StatsOut(Schema):
    id: str
    name: str
    status: str
    cpu_percent: float | None
    memory_usage: int | None
    memory_limit: int | None
    memory_percent: float | None
    network_rx: int | None
    network_tx: int | None
    block_read: int | None
    block_write: int | None
    pids: int | None
    read_at: datetime | None


@router.get("/container/{id}/stats", response=StatsOut)
def stats(request: HttpRequest, id: str) -> dict[str, object]:
    """What a container uses now; every figure is null for one that does not run.

    CPU in percent of one core, memory without the file cache that can be given up, network and
    block I/O in bytes since its start, null where the kernel does not count them.
    """
    return asdict(container_stats(id))
