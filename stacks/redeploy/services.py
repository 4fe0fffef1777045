"""What may be asked of redeploying a whole stack."""

from dataclasses import dataclass

from backups.sets.members import members_of_stack
from containermonkey.problems import Conflict
from containers.mapping import name_in
from containers.services import busy
from engine import engine
from jobs.models import Job, Kind
from jobs.services import User, active_job_for, enqueue_once
from stacks import swarm
from stacks.acts import stack_here
from stacks.types import Stack


@dataclass(frozen=True)
class StackRedeployPlan:
    """The containers or services that are made again, in their order, and from what."""

    stack: Stack
    names: list[str]
    images: list[str]
    pull: bool

    @property
    def steps(self) -> list[str]:
        """Everything in its order, as sentences."""
        pulls = [f"Pull {image}; if that fails, nothing is changed." for image in self.images]
        if self.stack.kind == "swarm":
            pulls = []
        return [*(pulls if self.pull else []), *map(self._step, self.names)]

    def _step(self, name: str) -> str:
        if self.stack.kind == "swarm":
            newer = ", from the newest image of that name" if self.pull else ""
            return f"Have the swarm replace every task of {name}{newer}."
        return f"Make {name} again with its configuration, and see that it is up as it was before."


def look_ahead(name: str, *, pull: bool = True) -> StackRedeployPlan:
    """What a redeploy of the stack would do. Raise NotFound if the host has none of it.

    Raise Conflict for a swarm's stack where no manager answers, NotAllowed for one that Container
    Monkey itself belongs to.
    """
    stack = stack_here(name)
    if stack.kind == "swarm":
        services = swarm.services_to_change(stack.name)
        with engine() as docker:
            for service in services:
                swarm.refuse_ourselves(docker, service)
        names, images = [*map(swarm.name_of, services)], [*map(swarm.image_of, services)]
    else:
        with engine() as docker:
            inspects = members_of_stack(docker, stack.name).inspects
        names = [name_in(inspect) for inspect in inspects]
        images = [inspect["Config"]["Image"] for inspect in inspects]
    return StackRedeployPlan(stack, names, list(dict.fromkeys(images)), pull)


def request_stack_redeploy(name: str, *, pull: bool = True, user: User = None) -> Job:
    """Put the redeploy of a stack into the queue.

    Raise what `look_ahead` raises, and Conflict while a job works on one of its containers.
    """
    plan = look_ahead(name, pull=pull)
    for each in (plan.stack.name, *plan.names):
        if (job := active_job_for(each)) is not None:
            raise busy(each, job)
    if not plan.names:
        raise Conflict(f"{plan.stack.name} has nothing that could be redeployed.")
    members = plan.names if plan.stack.kind == "compose" else []
    arguments = {"stack": plan.stack.name, "members": members, "pull": pull}
    return enqueue_once(Kind.STACK_REDEPLOY, plan.stack.name, arguments, user)
