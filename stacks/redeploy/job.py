"""The job that makes every container of a stack again: all of them, or each is as it was."""

from typing import Any

from backups.sets.members import members_of_stack
from containermonkey.problems import NotFound
from containers.acts import container_named
from containers.redeploy.job import config_of, pull, replace
from containers.redeploy.plan import RedeployConflict, RedeployPlan
from containers.redeploy.planner import plan_redeploy
from engine import Docker, engine
from jobs.running import RunningJob
from stacks import swarm
from stacks.acts import stack_here


def run_stack_redeploy(running: RunningJob) -> dict[str, Any]:
    """Redeploy a compose project as one, or have a swarm replace its tasks."""
    running.step("Looking at what is there")
    stack = stack_here(running.arguments["stack"])
    with engine() as docker:
        if stack.kind == "swarm":
            return replace_tasks(running, docker, stack.name)
        return replace_all(running, docker, stack.name)


def replace_all(running: RunningJob, docker: Docker, stack: str) -> dict[str, Any]:
    """Plan all, pull all, then make one after the other again, each after those it needs.

    Nothing is committed before the last is up: until then every old container is kept, and one
    that fails brings all of them back.
    """
    wants_pull = running.arguments["pull"]
    plans = [
        plan_for(docker, inspect, pull=wants_pull)
        for inspect in members_of_stack(docker, stack).inspects
    ]
    refuse_conflicts(plans)
    running.start()
    for plan in {plan.image: plan for plan in plans if plan.pull}.values():
        pull(running, docker, plan)
    report: list[str] = []
    cleanup: list[dict[str, Any]] = []
    for number, name in enumerate([plan.name for plan in plans], start=1):
        # Looked at anew: it may have been made again with one whose network it uses.
        plan = plan_for(docker, inspect_of(name), pull=False)
        plan.refuse_conflicts()
        defaults = config_of(docker, plan.inspect["Image"])
        new = replace(running, docker, plan, defaults, suffix=f"{running.label[:8]}-{number}")
        report += [f"{name}: {sentence}" for sentence in new.report] or [f"{name} was made again."]
        cleanup += new.swap.cleanup
    result = {"stack": stack, "report": report}
    running.undo.commit(result, cleanup)
    return result


def inspect_of(name: str) -> dict[str, Any]:
    found = container_named(name)
    if found is None:
        raise NotFound(f"There is no container named {name} any more.")
    return found


def plan_for(docker: Docker, inspect: dict[str, Any], *, pull: bool) -> RedeployPlan:
    """The plan for one; without pulling where its image is one that cannot be newer."""
    plan = plan_redeploy(docker, inspect, pull=pull)
    if pull and plan.conflicts and all(each.answer == "pull" for each in plan.conflicts):
        return plan_redeploy(docker, inspect, pull=False)
    return plan


def refuse_conflicts(plans: list[RedeployPlan]) -> None:
    """Raise RedeployConflict with everything that is in the way of any."""
    if found := [conflict for plan in plans for conflict in plan.conflicts]:
        raise RedeployConflict(found)


def replace_tasks(running: RunningJob, docker: Docker, stack: str) -> dict[str, Any]:
    """Tell the swarm to replace every task; how that goes on is its own matter."""
    running.start()
    report, services = [], swarm.services_to_change(stack)
    for service in services:
        swarm.refuse_ourselves(docker, service)
    for service in services:
        name = swarm.name_of(service)
        running.step(f"Having the swarm replace the tasks of {name}")
        swarm.redeploy(docker, service, pull=running.arguments["pull"])
        report.append(f"The swarm replaces the tasks of {name} in its own time.")
    result = {"stack": stack, "report": report}
    running.undo.commit(result, cleanup=[])
    return result
