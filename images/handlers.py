"""Undo actions of this app."""

from containermonkey.problems import Conflict
from engine import engine
from jobs.registry import undo_action

REMOVE = "images.remove"


@undo_action(REMOVE)
def remove_image(reference: str) -> None:
    """Remove an image that a job brought; one that somebody uses by now stays."""
    with engine() as docker:
        if docker.find_image(reference) is None:
            return
        try:
            with engine():
                docker.remove_image(reference)
        except Conflict:
            return
