"""Undo actions of this app."""

from containermonkey.problems import Conflict, EngineRefused
from engine import engine
from jobs.registry import undo_action

REMOVE = "networks.remove"


@undo_action(REMOVE)
def remove_network(name: str) -> None:
    """Remove a network that a job created; one that somebody uses by now stays."""
    with engine() as docker:
        if docker.find_network(name) is None:
            return
        try:
            with engine():
                docker.remove_network(name)
        except (
            Conflict,
            EngineRefused,
        ):  # the Engine refuses it as forbidden: “has active endpoints”
            if docker.inspect_network(name)["Containers"]:
                return
            raise
