"""What a person wants to know at a glance."""

from collections import Counter
from datetime import timedelta
from typing import Any

from django.db.models import Count, Max, Q, Sum
from django.utils import timezone

from backups.models import Backup
from containermonkey.problems import EngineUnreachable
from containermonkey.threads import side_by_side
from containers.overview import in_trouble
from containers.queries import ALIVE, all_containers
from containers.types import Container
from engine import Docker, counting, engine
from engine.client import current_url
from engine.disk_usage import disk_usage
from images.listing import list_images
from images.types import Image
from jobs.models import ACTIVE, PENDING, Job, Status
from jobs.services import worker_is_alive
from networks.queries import list_networks
from networks.types import Network
from stacks.services import list_stacks
from stacks.types import Stack
from system.dashboard.types import (
    BackupCount,
    ContainerCount,
    Disk,
    Host,
    ImageCount,
    NetworkCount,
    QueueCount,
    StackCount,
    VolumeCount,
)
from volumes.listing import list_volumes
from volumes.types import Volume

LATELY = timedelta(days=1)
"""How long a failed job is news."""

_seen: dict[str, Host] = {}
"""What each Engine had when it last answered, to be shown while it does not."""


def host_now() -> Host:
    """What the host has; a fixed number of the Engine's calls, side by side."""
    readers: list[Any] = [
        engine_version,
        all_containers,
        list_images,
        list_volumes,
        list_networks,
        list_stacks,
    ]
    version, containers, images, volumes, networks, stacks = side_by_side(
        lambda read: read(), readers
    )
    host = Host(
        version=version,
        containers=count_containers(containers),
        images=count_images(images),
        volumes=count_volumes(volumes),
        networks=count_networks(networks),
        stacks=count_stacks(stacks),
        trouble=[container for container in containers if in_trouble(container)],
        read_at=timezone.now(),
    )
    _seen[current_url()] = host
    return host


def latest_host() -> tuple[Host | None, EngineUnreachable | None]:
    """What the host has, or had when the Engine last answered, and why it does not answer.

    An Engine that hangs is not waited for longer than a few seconds.
    """
    try:
        return host_now(), None
    except EngineUnreachable as problem:
        return seen_last(), problem


def seen_last() -> Host | None:
    """What the current Engine had when it last answered here, without asking it."""
    return _seen.get(current_url())


def engine_version() -> str:
    with engine() as docker:
        return docker.version()["Version"]


def count_containers(containers: list[Container]) -> ContainerCount:
    return ContainerCount(
        total=len(containers),
        running=sum(container.status in ALIVE for container in containers),
        by_status=dict(Counter(container.status for container in containers)),
        by_health=dict(Counter(container.health for container in containers if container.health)),
    )


def count_images(images: list[Image]) -> ImageCount:
    return ImageCount(
        total=len(images),
        unused=sum(not image.containers for image in images),
        dangling=sum(image.dangling for image in images),
    )


def count_volumes(volumes: list[Volume]) -> VolumeCount:
    return VolumeCount(len(volumes), sum(not volume.in_use_by for volume in volumes))


def count_networks(networks: list[Network]) -> NetworkCount:
    unused = sum(not network.containers and not network.built_in for network in networks)
    return NetworkCount(len(networks), unused)


def count_stacks(stacks: list[Stack]) -> StackCount:
    states = Counter(stack.status for stack in stacks)
    return StackCount(len(stacks), states["running"], states["partial"], states["stopped"])


def count_backups() -> BackupCount:
    """All of them; one query."""
    found = Backup.objects.aggregate(
        count=Count("pk"),
        total_size=Sum("size", default=0),
        newest=Max("created"),
        damaged=Count("pk", filter=~Q(problem="")),
    )
    return BackupCount(**found)


def count_jobs() -> QueueCount:
    found = Job.objects.aggregate(
        running=Count("pk", filter=Q(status__in=ACTIVE)),
        waiting=Count("pk", filter=Q(status__in=PENDING)),
        failed=Count("pk", filter=failed_in_the_last_day()),
    )
    return QueueCount(**found, worker_alive=worker_is_alive())


def failed_lately(most: int) -> list[Job]:
    """The newest jobs that failed or were broken off in the last day."""
    return list(Job.objects.filter(failed_in_the_last_day()).order_by("-finished_at")[:most])


def failed_in_the_last_day() -> Q:
    since = timezone.now() - LATELY
    return Q(status__in=(Status.FAILED, Status.INTERRUPTED), finished_at__gte=since)


def disk_now(docker: Docker) -> Disk:
    return Disk(disk_usage(docker), timezone.now())


disk = counting.Counter("system.disk", "what takes room on the disk", disk_now)
