"""What the queue is told about at start: redeploying, and the acts that an undo may call."""

from typing import Any

from containers import acts
from containers.redeploy.job import run_redeploy
from jobs.models import Kind
from jobs.registry import handler
from jobs.running import RunningJob

__all__ = ["acts", "redeploy"]


@handler(Kind.REDEPLOY)
def redeploy(running: RunningJob) -> dict[str, Any]:
    return run_redeploy(running)
