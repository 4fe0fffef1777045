"""All that the dashboard shows, but for the parts that are fetched after it."""

from typing import Any

from django.utils import timezone

from backups.models import Schedule
from backups.retention.alarm import open_alarms
from backups.schedules.results import standings
from backups.schedules.services import list_schedules
from jobs.presentation import in_queue
from jobs.services import current_jobs
from system.dashboard import services
from system.dashboard.presentation import tiles_of
from system.events.presentation import newest
from system.events.services import known_events, remembered_events
from system.host.charts import host_charts

MOST_TROUBLE = 8
MOST_JOBS = 5
MOST_FAILED = 5
MOST_SCHEDULES = 5
MOST_EVENTS = 6


def context() -> dict[str, Any]:
    """The figures and short lists; of the host the last that are known, with the reason."""
    host, problem = services.latest_host()
    backups, queue = services.count_backups(), services.count_jobs()
    schedules = next_to_run()
    return {
        "docker": host,
        "problem": problem,
        "shown_since": host.read_at if host else None,
        "tiles": tiles_of(host, backups),
        "trouble": host.trouble[:MOST_TROUBLE] if host else [],
        "more_trouble": max(len(host.trouble) - MOST_TROUBLE, 0) if host else 0,
        "backups": backups,
        "alarms": open_alarms().count(),
        "queue": queue,
        "jobs": in_queue(current_jobs()[:MOST_JOBS]),
        "more_jobs": queue.running + queue.waiting > MOST_JOBS,
        "failed": services.failed_lately(MOST_FAILED),
        "standings": standings(schedules[:MOST_SCHEDULES]),
        "schedules": len(schedules),
        "charts": host_charts(),
        "events": newest(remembered_events() if problem else known_events(), MOST_EVENTS),
    }


def next_to_run() -> list[Schedule]:
    """The schedules that are on, the next first."""
    schedules = [schedule for schedule in list_schedules() if schedule.enabled]
    return sorted(schedules, key=lambda schedule: schedule.next_run or timezone.now())
