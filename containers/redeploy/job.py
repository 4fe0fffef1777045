"""The job that puts a container in its own place, made anew from its image."""

from typing import Any

from containermonkey.problems import NotFound
from containers.acts import container_if_there
from containers.create_body import create_body
from containers.endpoints import endpoints
from containers.fidelity import compare
from containers.image_defaults import without_image_defaults
from containers.redeploy.plan import RedeployPlan, plan_redeploy
from containers.swap import Replaced, replace_container
from engine import Docker, engine
from jobs.running import RunningJob


def run_redeploy(running: RunningJob) -> dict[str, Any]:
    """Pull, make again beside, swap, and only then remove what was replaced."""
    with engine() as docker:
        running.step("Looking at what is there")
        plan = plan_redeploy(docker, inspect_of(running), pull=running.arguments["pull"])
        running.start()
        if plan.pull:
            running.step(f"Pulling {plan.image}")
            docker.pull_whole(plan.image, on_message=lambda: running.advance(0))
        body, networks = wanted(docker, plan), endpoints(plan.inspect)
        running.step(f"Replacing {plan.name}")
        replaced = replace_container(
            docker,
            plan.inspect,
            body,
            networks,
            suffix=running.label[:8],
            recorder=running.undo,
            on_wait=running.check,
        )
        return commit(running, docker, plan, body, replaced)


def inspect_of(running: RunningJob) -> dict[str, Any]:
    """The container that was asked for; by its name, where it has been made again since."""
    for reference in (running.arguments["container"], running.arguments["name"]):
        if found := container_if_there(reference):
            return found
    raise NotFound(f"There is no container named {running.arguments['name']} any more.")


def wanted(docker: Docker, plan: RedeployPlan) -> dict[str, Any]:
    """The create body: what the container was given, without what its old image gave it."""
    old_image = docker.find_image(plan.inspect["Image"]) or {}
    return without_image_defaults(create_body(plan.inspect), old_image.get("Config"))


def commit(
    running: RunningJob,
    docker: Docker,
    plan: RedeployPlan,
    body: dict[str, Any],
    replaced: Replaced,
) -> dict[str, Any]:
    """Compare, say what is different, and let go of the old container."""
    running.step("Comparing the container with what it was")
    inspect = docker.inspect_container(replaced.container_id)
    image = docker.find_image(inspect["Image"]) or {}
    differences = compare(body, endpoints(plan.inspect), inspect, image_config=image.get("Config"))
    report = [difference.message for difference in differences]
    if inspect["Image"] != plan.inspect["Image"]:
        old = plan.inspect["Image"].removeprefix("sha256:")[:12]
        report.append(f"It runs from a newer image; the old one ({old}) is still on the host.")
    elif plan.pull:
        report.append("There is no newer image: it runs from the same one as before.")
    for name in replaced.dependents:
        report.append(f"{name} was made again, because it uses what {plan.name} has.")
    for sentence in report:
        running.log(sentence)
    result = {
        "container_name": plan.name,
        "container_id": replaced.container_id,
        "report": report,
        "started": inspect["State"]["Running"],
    }
    running.undo.commit(result, replaced.cleanup)
    return result
