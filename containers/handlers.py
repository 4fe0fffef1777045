"""What the queue is told about at start: redeploying, and the acts that an undo may call."""

from typing import Any

from containers import acts
from containers.redeploy.job import run_redeploy
from containers.redeploy.services import request_redeploy
from jobs.models import Job, Kind
from jobs.registry import handler, runs_again
from jobs.running import RunningJob
from jobs.services import User

__all__ = ["acts", "redeploy", "redeploy_again"]


@handler(Kind.REDEPLOY)
def redeploy(running: RunningJob) -> dict[str, Any]:
    return run_redeploy(running)


@runs_again(Kind.REDEPLOY)
def redeploy_again(job: Job, user: User) -> Job:
    return request_redeploy(job.arguments["name"], pull=job.arguments["pull"], user=user)
