"""The job that deploys a version of a stack's compose file."""

from contextlib import suppress
from functools import partial
from typing import Any

from containermonkey.problems import Problem
from containermonkey.threads import side_by_side
from containers.mapping import name_in
from containers.starting import SETTLE_SECONDS
from engine import Docker, engine
from engine.exits import exit_code_within
from engine.pulls import pull_image
from images.registries.services import credentials_for
from jobs.running import RunningJob
from stacks.deploy.changes import State, changes, state_of
from stacks.deploy.plan import DeployPlan
from stacks.deploy.plugin import Compose, PluginFailed, composing
from stacks.deploy.services import Prepared, find_deployment
from stacks.deploy.undoing import REMOVE_MADE

PULLING = (0.0, 60.0)
MOST_LINES = 500
"""Lines of the plugin's that go into the job's log."""


def run_deploy(running: RunningJob) -> dict[str, Any]:
    """Look, pull, hand the file to the plugin, and say what became of the stack."""
    name, version = running.arguments["stack"], running.arguments["version"]
    running.step("Looking at what is there")
    deployment = find_deployment(name, version)
    prepared = Prepared(name, deployment.compose, deployment.variables)
    plan = prepared.plan(remove_orphans=deployment.remove_orphans)
    plan.refuse_conflicts()
    with engine() as docker, composing(name, prepared.content) as plugin:
        before = state_of(docker, name)
        running.start()
        pull(running, docker, plan)
        if not before.containers:
            undo = {"networks": before.networks, "volumes": before.volumes}
            running.undo.write(REMOVE_MADE, project=name, **undo)
        try:
            up(running, plugin, plan)
        except Exception:
            tell_how_it_is(running, before)
            raise
        after = state_of(docker, name)
        result = {
            "stack": name,
            "version": version,
            "report": [*changes(before, after)],
            "went_wrong": not_up(running, docker, before, after),
        }
        running.undo.commit(result, cleanup=[])
        return result


def pull(running: RunningJob, docker: Docker, plan: DeployPlan) -> None:
    """Pull what is missing, so that a name that cannot be had changes nothing."""
    for image in plan.to_pull:
        running.step(f"Pulling {image}")
        running.measure(None, span=PULLING)
        credentials = credentials_for(image)
        pull_image(docker, image, on_progress=running.reach, credentials=credentials)


def up(running: RunningJob, plugin: Compose, plan: DeployPlan) -> None:
    """Have the plugin do it; its lines go into the log. Raise PluginFailed with its last words."""
    running.step("Handing the file to the compose plugin")
    told = 0

    def tell(line: str) -> None:
        nonlocal told
        told += 1
        if told <= MOST_LINES:
            running.log(line)

    more = ["--remove-orphans"] if plan.remove_orphans else []
    try:
        plugin.up(tell, running.check, *more)
    except PluginFailed as problem:
        then = (
            "What it had made is removed again."
            if plan.is_new
            else "The stack is as the plugin has left it; see the report."
        )
        raise PluginFailed(f"The compose plugin did not get through. {then} {problem}") from None


def tell_how_it_is(running: RunningJob, before: State) -> None:
    """Write down what a deployment that did not get through has changed.

    Of a first one nothing is said, as all of it is taken back.
    """
    if not before.containers:
        return
    stack = running.arguments["stack"]
    with suppress(Problem), engine() as docker:  # what ended the job is what is to be told
        report = [*changes(before, state_of(docker, stack))]
        running.job.result = {"stack": stack, "report": report}
        running.job.save(update_fields=["result"])


def not_up(running: RunningJob, docker: Docker, before: State, after: State) -> list[str]:
    """The sentences of those new containers that do not go on running."""
    running.step("Seeing that everything runs")
    new = [each for name, each in after.containers.items() if before.containers.get(name) != each]
    found = side_by_side(partial(how_it_ended, docker), new)
    return [sentence for sentence in found if sentence]


def how_it_ended(docker: Docker, container: str) -> str:
    """How a container came to a bad end; nothing for one that runs, or has done its work."""
    exit_code_within(docker, container, SETTLE_SECONDS)
    inspect = docker.inspect_container(container)
    state, name = inspect["State"], name_in(inspect)
    if state["Restarting"]:
        return f"{name} ends again and again, with exit code {state['ExitCode']}; see its log."
    if not state["Running"] and state["ExitCode"]:
        return f"{name} has ended with exit code {state['ExitCode']}; see its log."
    return ""
