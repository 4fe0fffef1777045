"""The job that puts a container in its own place, made anew from its image."""

from dataclasses import dataclass
from typing import Any

from containermonkey.problems import NotFound
from containers.acts import container_if_there
from containers.changes import Changes
from containers.create_body import create_body
from containers.endpoints import endpoints
from containers.fidelity import compare
from containers.image_defaults import without_image_defaults
from containers.mapping import name_in
from containers.redeploy.plan import RedeployPlan
from containers.redeploy.planner import plan_redeploy
from containers.swap import Swap, replace_container
from engine import Docker, engine
from engine.distribution import digest_to_pull
from engine.pulls import pull_image
from images.registries.services import credentials_for
from images.services import KEEP_TAGS, tag_of
from jobs.running import RunningJob

PULLING = (0.0, 90.0)


def run_redeploy(running: RunningJob) -> dict[str, Any]:
    """Look, pull, make again beside, swap, compare, and only then remove what was replaced."""
    with engine() as docker:
        running.step("Looking at what is there")
        plan = plan_redeploy(docker, inspect_of(running), pull=running.arguments["pull"])
        plan.refuse_conflicts()
        running.start()
        old_defaults = config_of(docker, plan.inspect["Image"])
        if plan.pull:
            pull(running, docker, plan)
        # What changed while the image was pulled, which may have taken long, is not overrun.
        plan = plan_redeploy(docker, inspect_of(running), pull=False)
        plan.refuse_conflicts()
        new = replace(running, docker, plan, old_defaults, suffix=running.label[:8])
        result = {
            "container_name": plan.name,
            "container_id": new.container_id,
            "report": new.report,
            "started": plan.running,
        }
        running.undo.commit(result, new.swap.cleanup)
        return result


@dataclass(frozen=True)
class Replaced:
    """The container that took another's place, what is to be said of it, and what is kept."""

    container_id: str
    report: list[str]
    swap: Swap


def replace(
    running: RunningJob,
    docker: Docker,
    plan: RedeployPlan,
    old_defaults: dict[str, Any] | None,
    *,
    suffix: str,
) -> Replaced:
    """Make the planned container again in its place, and compare; each act with its undo.

    `suffix` is of this container alone, also where a job replaces several.
    """
    body = wanted(plan, old_defaults)
    swap = Swap(
        docker,
        plan.name,
        running.undo,
        suffix,
        old=plan.inspect,
        sharing=plan.sharing,
        host_name=plan.host_name,
        on_step=running.step,
        on_log=running.log,
        on_wait=running.check,
    )
    # What ran on is not replaced by what does its work and goes.
    container_id = replace_container(swap, body, endpoints(plan.inspect), may_end=False)
    return Replaced(container_id, report_on(running, docker, plan, body, container_id), swap)


def inspect_of(running: RunningJob) -> dict[str, Any]:
    """The container that was asked for; by its name, where it has been made again since."""
    for reference in (running.arguments["container"], running.arguments["name"]):
        if found := container_if_there(reference):
            return found
    raise NotFound(f"There is no container named {running.arguments['name']} any more.")


def pull(running: RunningJob, docker: Docker, plan: RedeployPlan) -> None:
    """Pull the image; its name goes back to the old one unless the job gets through."""
    running.step(f"Pulling {plan.image}")
    running.measure(None, span=PULLING)
    credentials, digest = credentials_for(plan.image), ""
    if plan.local_image:
        running.undo.write(KEEP_TAGS, tags={tag_of(plan.image): plan.local_image["Id"]})
        digest = digest_to_pull(docker, plan.image, on_wait=running.check, credentials=credentials)
    pull_image(
        docker, plan.image, on_progress=running.reach, credentials=credentials, digest=digest
    )


def config_of(docker: Docker, image: str) -> dict[str, Any] | None:
    """What an image gives its containers; None where it is not on the host any more."""
    return (docker.find_image(image) or {}).get("Config")


def wanted(plan: RedeployPlan, old_defaults: dict[str, Any] | None) -> dict[str, Any]:
    """The create body: what the container was given, without what its old image gave it."""
    changes = Changes(host_name=plan.host_name)
    return without_image_defaults(create_body(plan.inspect, changes=changes), old_defaults)


def report_on(
    running: RunningJob,
    docker: Docker,
    plan: RedeployPlan,
    body: dict[str, Any],
    container_id: str,
) -> list[str]:
    """What is to be said about the new container: its image, and every way it is not as wanted."""
    running.step("Comparing the container with what it was")
    inspect = docker.inspect_container(container_id)
    defaults = config_of(docker, inspect["Image"])
    differences = compare(
        body, endpoints(plan.inspect), inspect, image_config=defaults, host_name=plan.host_name
    )
    report = [difference.message for difference in differences]
    report += about_the_image(docker, plan, inspect, asked=running.arguments["pull"])
    report += [f"{name_in(other)} was made again, too." for other in plan.sharing]
    for sentence in report:
        running.log(sentence)
    return report


def about_the_image(
    docker: Docker, plan: RedeployPlan, inspect: dict[str, Any], *, asked: bool
) -> list[str]:
    """Whether the new container runs from another image, and what becomes of the old one."""
    old = plan.inspect["Image"]
    if inspect["Image"] == old:
        return ["There is no newer image: it runs from the same one as before."] if asked else []
    sentences = ["It runs from a newer image."]
    found = docker.find_image(old)
    if found:
        nameless = "" if found.get("RepoTags") else ", without a name"
        short = old.removeprefix("sha256:")[:12]
        sentences.append(f"The old image ({short}) is still on the host{nameless}.")
    return sentences
