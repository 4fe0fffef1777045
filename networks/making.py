"""Making a network, so that it goes away again unless the job gets through."""

from typing import Any

from containermonkey.problems import Conflict, EngineRefused, EngineUnreachable, Problem
from engine import Docker, engine
from jobs.registry import undo_action
from jobs.undo import Undo
from networks.services import network_named

REMOVE = "networks.remove"


def make_network(undo: Undo, docker: Docker, body: dict[str, Any]) -> None:
    """Make a network from the body of `POST /networks/create`.

    Raise Conflict if there is one of that name.
    """
    key = undo.write(REMOVE, name=body["Name"])
    try:
        with engine():
            network_id = docker.create_network_from_body(body)
    except EngineUnreachable:
        raise  # it may have been made all the same
    except Problem:
        undo.drop(key)  # nothing was made, and what has the name is somebody else's
        raise
    undo.update(key, network_id=network_id)


@undo_action(REMOVE)
def remove_network(name: str, network_id: str = "") -> None:
    """Remove a network that a job made; one that somebody uses by now stays.

    By its name where the job was cut off before it knew the id.
    """
    with engine() as docker:
        found = docker.find_network(network_id) if network_id else network_named(docker, name)
        if found is None:
            return
        try:
            with engine():
                docker.remove_network(found["Id"])
        except (Conflict, EngineRefused):  # forbidden, says the Engine, while it has endpoints
            if not docker.inspect_network(found["Id"])["Containers"]:
                raise
