"""What may be asked of a redeploy."""

from containers.mapping import name_in
from containers.redeploy.plan import RedeployPlan
from containers.redeploy.planner import plan_redeploy
from containers.services import busy
from engine import engine
from jobs.models import Job, Kind
from jobs.services import User, active_job_for, enqueue_once


def look_ahead(reference: str, *, pull: bool = True) -> RedeployPlan:
    """What a redeploy would do and meet, without doing it.

    Raise NotFound, or NotAllowed for ourselves.
    """
    with engine() as docker:
        return plan_redeploy(docker, docker.find_container(reference), pull=pull)


def request_redeploy(reference: str, *, pull: bool = True, user: User = None) -> Job:
    """Put a redeploy into the queue.

    Raise what `look_ahead` raises, RedeployConflict where something is in the way, Conflict while
    a job works on the container or on one that depends on it.
    """
    plan = look_ahead(reference, pull=pull)
    plan.refuse_conflicts()
    for name in (plan.name, *map(name_in, plan.sharing)):
        if (job := active_job_for(name)) is not None:
            raise busy(name, job)
    arguments = {"container": plan.inspect["Id"], "name": plan.name, "pull": pull}
    return enqueue_once(Kind.REDEPLOY, plan.name, arguments, user)
