"""The services of swarm stacks, and what may be done to them: their containers are the swarm's."""

import re
from collections import defaultdict
from collections.abc import Iterator
from copy import deepcopy
from typing import Any

from containermonkey.problems import Conflict, EngineRefused, NotAllowed, NotFound
from containers.labels import SWARM_SERVICE_ID, SWARM_STACK
from engine import Docker, engine
from engine.identity import is_program

REPLICAS_LABEL = "container-monkey.replicas"
"""How many tasks a service had before it was stopped; on the service, so that it is not lost."""

Service = dict[str, Any]


def deployed_services() -> dict[str, list[Service]]:
    """The inspects of all services of each stack, by name; one call of the Engine.

    Only a manager of a swarm knows them; on any other node there are none, and some engines, as
    Podman, have no such call.
    """
    found: defaultdict[str, list[Service]] = defaultdict(list)
    try:
        with engine() as docker:
            services: list[Service] = docker.services()
    except (EngineRefused, NotFound):
        return {}
    for service in sorted(services, key=name_of):
        if stack := (service["Spec"]["Labels"] or {}).get(SWARM_STACK):
            found[stack].append(service)
    return found


def services_to_change(stack: str) -> list[Service]:
    """The services of a stack. Raise Conflict where none is known: a manager knows them."""
    services = deployed_services().get(stack, [])
    if not services:
        raise Conflict(f"Only a manager of the swarm can change {stack}, and none answers here.")
    return services


def refuse_ourselves(docker: Docker, service: Service) -> None:
    """Raise NotAllowed for the service whose task this program is; one call of the Engine."""
    rows = docker.list_containers(filters={"label": [f"{SWARM_SERVICE_ID}={service['ID']}"]})
    if any(is_program(row["Id"], row["Labels"]) for row in rows):
        raise NotAllowed(
            f"{name_of(service)} is Container Monkey itself: it cannot be changed from here."
        )


def name_of(service: Service) -> str:
    return service["Spec"]["Name"]


def image_of(service: Service) -> str:
    """The image as it was named, without the digest that the swarm adds."""
    image: str = service["Spec"]["TaskTemplate"]["ContainerSpec"]["Image"]
    return image.split("@")[0]


def replicas_of(service: Service) -> int | None:
    """How many tasks a service is to have; None for one with a task on every node."""
    replicated = service["Spec"]["Mode"].get("Replicated")
    return None if replicated is None else replicated.get("Replicas", 0)


def start(docker: Docker, service: Service) -> None:
    """Give a stopped service as many tasks as it had; one, where nobody has noted how many."""
    spec = deepcopy(service["Spec"])
    replicated = spec["Mode"].get("Replicated")
    if replicated is None or replicated.get("Replicas"):
        return
    noted = (spec["Labels"] or {}).pop(REPLICAS_LABEL, "")
    replicated["Replicas"] = int(noted) if re.fullmatch("[1-9][0-9]{0,5}", noted) else 1
    docker.update_service_to(service, spec)


def stop(docker: Docker, service: Service) -> None:
    """Have a service run no task, and note how many it had.

    Raise Conflict for one that has a task on every node: the swarm knows no other number for it.
    """
    spec = deepcopy(service["Spec"])
    replicated = spec["Mode"].get("Replicated")
    if replicated is None:
        raise Conflict(
            f"{spec['Name']} runs once on every node of the swarm: it can be restarted or deleted, "
            "but not stopped."
        )
    if replicas := replicated.get("Replicas"):
        spec["Labels"] = (spec["Labels"] or {}) | {REPLICAS_LABEL: str(replicas)}
        replicated["Replicas"] = 0
        docker.update_service_to(service, spec)


def restart(docker: Docker, service: Service) -> None:
    """Have the swarm replace every task of a service, as `docker service update --force` does."""
    redeploy(docker, service, pull=False)


def redeploy(docker: Docker, service: Service, *, pull: bool) -> None:
    """Have the swarm replace every task; with `pull` by what its image's name means by now.

    The swarm keeps to the digest that was found when the service was made. Without one, each node
    asks the registry for the name.
    """
    spec = deepcopy(service["Spec"])
    template = spec["TaskTemplate"]
    template["ForceUpdate"] = template.get("ForceUpdate", 0) + 1
    if pull:
        template["ContainerSpec"]["Image"] = image_of(service)
    docker.update_service_to(service, spec)


def secrets_and_configs_of(docker: Docker, stack: str) -> Iterator[tuple[str, str, str]]:
    """What kind, id and name each secret and config of a stack has."""
    label = {"label": f"{SWARM_STACK}={stack}"}
    for kind, found in (("secret", docker.secrets(label)), ("config", docker.configs(label))):
        for each in found:
            if (each["Spec"]["Labels"] or {}).get(SWARM_STACK) == stack:
                yield kind, each["ID"], each["Spec"]["Name"]
