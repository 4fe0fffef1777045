"""The figures of the Docker host, as JSON."""

from django.http import HttpRequest
from ninja import Router

from system.host.services import host_stats
from system.host.types import HostStats

router = Router(tags=["System"])


@router.get("/system-stats", response=HostStats)
def system_stats(request: HttpRequest) -> HostStats:
    """What the Docker host uses, not the container of this program.

    `cpu_percent` is 100.0 for one core; `disk_*` are of the file system with Docker's data, and
    `disk_percent` of what is not kept back for root; `load` are the averages of 1, 5 and 15
    minutes, `uptime` seconds. Of a host that is not this machine, only `cpu_count` and
    `memory_total` are known, unless there is a helper image to ask it with.
    """
    return host_stats()
