"""What may be asked about stacks: compose projects and swarm stacks, told by labels alone."""

from collections import defaultdict

from backups.sets.queries import newest_sets, sets_of
from containermonkey.problems import NotFound
from containers import labels
from containers.labels import SWARM_STACK, SWARM_TASK
from containers.queries import ALIVE, all_containers, in_order
from containers.types import Container
from engine.names import shortened
from stacks import swarm
from stacks.files import is_kept, kept_names
from stacks.types import Service, Stack


def list_stacks() -> list[Stack]:
    """The host's stacks by name; two calls of the Engine, however many there are.

    Of a swarm's tasks only those that have not ended count: it keeps the others to be looked at.
    """
    members: defaultdict[str, list[Container]] = defaultdict(list)
    for container in in_order(all_containers(), "name"):
        if container.stack and (SWARM_TASK not in container.labels or container.status in ALIVE):
            members[container.stack].append(container)
    deployed = swarm.deployed_services()
    names = sorted({*members, *deployed}, key=str.casefold)
    return [stack_of(name, members[name], deployed.get(name, [])) for name in names]


def find_stack(name: str) -> Stack:
    """A stack of the host, or one that only backups or a kept file tell of. Raise NotFound."""
    for stack in list_stacks():
        if stack.name == name:
            return stack
    if is_kept(name) or sets_of(name, newest=1):
        return lost_stack(name)
    raise NotFound(f"There is no stack named {shortened(name)}.")


def stacks_and_lost_ones() -> list[Stack]:
    """The host's stacks, and those of which there are only backups or a compose file."""
    stacks = list_stacks()
    lost = (newest_sets().keys() | kept_names()) - {stack.name for stack in stacks}
    return sorted([*stacks, *map(lost_stack, lost)], key=lambda stack: stack.name.casefold())


def lost_stack(name: str) -> Stack:
    """A stack of which nothing is on the host."""
    return Stack(name, "compose", services=[], status="stopped", containers=[])


def stack_of(name: str, containers: list[Container], deployed: list[swarm.Service]) -> Stack:
    services = services_among(containers, deployed)
    running, wanted = running_among(containers), sum(service.desired for service in services)
    return Stack(
        name=name,
        kind="swarm" if deployed or is_swarm(containers) else "compose",
        services=services,
        status="stopped" if not running else "running" if running >= wanted else "partial",
        containers=containers,
    )


def services_among(containers: list[Container], deployed: list[swarm.Service]) -> list[Service]:
    """The services that the containers are of, and those that the swarm has none for."""
    tasks: defaultdict[str, list[Container]] = defaultdict(list)
    for container in containers:
        tasks[service_of(container)].append(container)
    specs = {swarm.name_of(service): service for service in deployed}
    services = []
    for name in sorted({*tasks, *specs}):
        found, spec = tasks[name], specs.get(name)
        wanted = swarm.replicas_of(spec) if spec else None
        services.append(
            Service(
                name=name,
                image=swarm.image_of(spec) if spec else found[0].image,
                desired=len(found) if wanted is None else wanted,
                running=running_among(found),
            )
        )
    return services


def is_swarm(containers: list[Container]) -> bool:
    return any(SWARM_STACK in container.labels for container in containers)


def running_among(containers: list[Container]) -> int:
    return sum(container.status == "running" for container in containers)


def service_of(container: Container) -> str:
    """The service that a container is of; one that was made by hand is its own."""
    return labels.service_of(container.labels) or container.name
