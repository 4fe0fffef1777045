"""Undo actions of this app."""

from containermonkey.problems import Conflict
from engine import engine
from jobs.registry import undo_action
from volumes import aside

REMOVE = "volumes.remove"

__all__ = ["aside", "remove_volume"]


@undo_action(REMOVE)
def remove_volume(name: str) -> None:
    """Remove a volume that a job created; one that somebody uses by now stays."""
    with engine() as docker:
        if docker.find_volume(name) is None:
            return
        try:
            with engine():
                docker.remove_volume(name)
        except Conflict:
            return
