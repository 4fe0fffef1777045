"""Taking back the first deployment of a stack."""

from contextlib import suppress

from containermonkey.problems import Conflict, NotFound
from containers.acts import discard_container
from engine import engine
from jobs.registry import undo_action
from jobs.undo import NotAgain
from stacks.deploy.changes import State, state_of

REMOVE_MADE = "stacks.remove_made"


@undo_action(REMOVE_MADE)
def remove_made(project: str, networks: list[str], volumes: list[str]) -> None:
    """Remove everything of a project that had no container before, but for what is named here.

    Raise NotAgain for what others use by now.
    """
    with engine() as docker:
        found = state_of(docker, project)
    for container in found.containers.values():
        discard_container(container)
    held = [*remove_parts(found, networks, volumes)]
    if held:
        raise NotAgain(f"These are left, because others use them: {', '.join(held)}.")


def remove_parts(found: State, networks: list[str], volumes: list[str]) -> list[str]:
    """Remove what was not there before; the names of what others use."""
    held = []
    with engine() as docker:
        acts = [
            *((docker.remove_network, name) for name in found.networks if name not in networks),
            *((docker.remove_volume, name) for name in found.volumes if name not in volumes),
        ]
    for remove, name in acts:
        try:
            with suppress(NotFound), engine():
                remove(name)
        except Conflict:
            held.append(name)
    return held
