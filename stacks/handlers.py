"""What the queue is told about at start: deploying, redeploying, what an undo may call."""

from typing import Any

from jobs.models import Job, Kind
from jobs.registry import handler, runs_again
from jobs.running import RunningJob
from jobs.services import User
from stacks.deploy import undoing
from stacks.deploy.job import run_deploy
from stacks.deploy.services import deploy_again
from stacks.redeploy.job import run_stack_redeploy
from stacks.redeploy.services import request_stack_redeploy

__all__ = ["deploy", "deploy_once_more", "redeploy", "redeploy_again", "undoing"]


@handler(Kind.STACK_DEPLOY)
def deploy(running: RunningJob) -> dict[str, Any]:
    return run_deploy(running)


@runs_again(Kind.STACK_DEPLOY)
def deploy_once_more(job: Job, user: User) -> Job:
    return deploy_again(job.arguments["stack"], job.arguments["version"], user)


@handler(Kind.STACK_REDEPLOY)
def redeploy(running: RunningJob) -> dict[str, Any]:
    return run_stack_redeploy(running)


@runs_again(Kind.STACK_REDEPLOY)
def redeploy_again(job: Job, user: User) -> Job:
    return request_stack_redeploy(job.arguments["stack"], pull=job.arguments["pull"], user=user)
