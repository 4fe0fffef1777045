"""What the queue is told about at start: pulling. How to put back stands beside each act."""

from typing import Any

from images.pulling.job import run_pull
from images.pulling.services import request_pull
from images.services import REMOVE, remove_image
from jobs.models import Job, Kind
from jobs.registry import handler, runs_again
from jobs.running import RunningJob
from jobs.services import User

__all__ = ["REMOVE", "pull", "pull_again", "remove_image"]


@handler(Kind.IMAGE_PULL)
def pull(running: RunningJob) -> dict[str, Any]:
    return run_pull(running)


@runs_again(Kind.IMAGE_PULL)
def pull_again(job: Job, user: User) -> Job:
    arguments = job.arguments
    return request_pull(arguments["reference"], platform=arguments["platform"], user=user)
