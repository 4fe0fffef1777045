"""Figures for Prometheus, in its text format."""

import secrets
from collections.abc import Iterator, Mapping

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db.models import Max, OuterRef, Subquery
from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from backups.models import Backup, Kind, Schedule
from containermonkey.problems import EngineRefused, EngineUnreachable, NotFound
from containers.queries import STATUSES, all_containers
from stats.collector import collector
from system.dashboard.services import count_backups, count_containers, count_jobs

PREFIX = "containermonkey"


@login_not_required
@never_cache
@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """For whoever brings the token of CONTAINERMONKEY_METRICS_TOKEN; not there without one."""
    if not settings.METRICS_TOKEN:
        raise NotFound("There is nothing at this address.")
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    right = secrets.compare_digest(token.strip().encode(), settings.METRICS_TOKEN.encode())
    if scheme.lower() != "bearer" or not right:
        return refusal()
    registry = CollectorRegistry(auto_describe=False)
    registry.register(Everything())
    return HttpResponse(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


def refusal() -> HttpResponse:
    """In plain text: whoever asks here reads no pages."""
    answer = HttpResponse(
        "Send the token of CONTAINERMONKEY_METRICS_TOKEN as a bearer token.\n",
        content_type="text/plain; charset=utf-8",
        status=401,
    )
    answer["WWW-Authenticate"] = "Bearer"
    return answer


class Everything(Collector):
    """Asks for each figure when it is read."""

    def collect(self) -> Iterator[Metric]:
        yield from host()
        yield from backups()
        yield from schedules()
        yield from queue()
        yield from statistics()

    def describe(self) -> Iterator[Metric]:
        """Nothing beforehand: that would ask for everything once more."""
        return iter(())


def host() -> Iterator[Metric]:
    """The containers; only that the Engine does not answer, where it does not.

    Prometheus waits for 10 s as it is delivered, and would know nothing of the backups after that.
    """
    try:
        found = count_containers(all_containers())
    except (EngineUnreachable, EngineRefused):
        yield gauge("engine_up", "Whether the Docker Engine answers", 0)
        return
    yield gauge("engine_up", "Whether the Docker Engine answers", 1)
    statuses = {status: found.by_status.get(status, 0) for status in STATUSES}
    yield gauges("containers", "Containers by status", "status", statuses)
    unhealthy = found.by_health.get("unhealthy", 0)
    yield gauge("containers_unhealthy", "Containers whose health check fails", unhealthy)


def backups() -> Iterator[Metric]:
    """All backups, and the newest good one of each container."""
    found = count_backups()
    yield gauge("backups", "Backups that are kept", found.count)
    yield gauge("backups_bytes", "Size of all backups", found.total_size)
    yield gauge("backups_damaged", "Backups that were found damaged", found.damaged)
    whole = Backup.objects.filter(kind=Kind.CONTAINER, problem="")
    latest = whole.filter(container_name=OuterRef("container_name")).order_by("-created")
    newest = whole.values("container_name").annotate(
        made=Max("created"), bytes=Subquery(latest.values("size")[:1])
    )
    rows = list(newest.order_by("container_name"))
    yield gauges(
        *("backup_timestamp_seconds", "When the newest good backup was made", "container"),
        {row["container_name"]: row["made"].timestamp() for row in rows},
    )
    yield gauges(
        *("backup_bytes", "Size of the newest good backup", "container"),
        {row["container_name"]: row["bytes"] for row in rows},
    )


def schedules() -> Iterator[Metric]:
    on = Schedule.objects.filter(enabled=True).order_by("name")
    yield gauges(
        *("schedule_next_run_timestamp_seconds", "When a schedule runs next", "schedule"),
        {schedule.name: schedule.next_run.timestamp() for schedule in on if schedule.next_run},
    )


def queue() -> Iterator[Metric]:
    found = count_jobs()
    yield gauges(
        *("jobs", "Jobs that run and wait", "state"),
        {"running": found.running, "waiting": found.waiting},
    )
    yield gauge("jobs_failed_last_day", "Jobs that failed or were broken off", found.failed)
    yield gauge("worker_up", "Whether a worker holds the queue", int(found.worker_alive))


def statistics() -> Iterator[Metric]:
    """How the collector stands; reading this starts it no more than it stops it."""
    running = int(collector.running)
    yield gauge("collector_running", "Whether somebody watches the containers' figures", running)
    if last := collector.last_round():
        moment = last.collected_at.timestamp()
        yield gauge("collector_round_timestamp_seconds", "When they were read last", moment)


def gauge(name: str, words: str, value: float) -> Metric:
    return GaugeMetricFamily(f"{PREFIX}_{name}", words, value=value)


def gauges(name: str, words: str, label: str, values: Mapping[str, float]) -> Metric:
    """One for each value of a label."""
    family = GaugeMetricFamily(f"{PREFIX}_{name}", words, labels=[label])
    for key, value in values.items():
        family.add_metric([key], value)
    return family
