"""What all containers use, as JSON."""

from datetime import datetime

from django.http import HttpRequest
from ninja import Router, Schema

from containers.stats.api import StatsOut
from stats import services

router = Router(tags=["System"])


class StatisticsOut(Schema):
    containers: list[StatsOut]
    collected_at: datetime
    interval: float


@router.get("/statistics", response=StatisticsOut)
def statistics(request: HttpRequest) -> dict[str, object]:
    """What all containers use; every figure is null for one that does not run.

    They are read every `interval` seconds while somebody asks, once for all who do, and are never
    older than two intervals. Who asks first waits for them.
    """
    found = services.statistics()
    return {
        "containers": [each.stats for each in found.usages],
        "collected_at": found.collected_at,
        "interval": services.INTERVAL,
    }
