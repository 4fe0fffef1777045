"""What may be asked of a redeploy."""

from containers.redeploy.plan import RedeployPlan, plan_redeploy
from engine import engine
from jobs.models import Job, Kind
from jobs.services import User, enqueue


def look_ahead(reference: str, *, pull: bool = True) -> RedeployPlan:
    """What a redeploy would do, without doing it.

    Raise NotFound, NotAllowed for ourselves, or Conflict where it cannot be done.
    """
    with engine() as docker:
        return plan_redeploy(docker, docker.find_container(reference), pull=pull)


def request_redeploy(reference: str, *, pull: bool = True, user: User = None) -> Job:
    """Put a redeploy into the queue. Raise what `look_ahead` raises."""
    plan = look_ahead(reference, pull=pull)
    arguments = {"container": plan.inspect["Id"], "name": plan.name, "pull": pull}
    return enqueue(Kind.REDEPLOY, plan.name, arguments, user)
