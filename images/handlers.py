"""What the queue is told about at start: the undo actions of this app."""

from containermonkey.problems import Conflict
from engine import engine
from images import services
from jobs.registry import undo_action

REMOVE = "images.remove"

__all__ = ["remove_image", "services"]


@undo_action(REMOVE)
def remove_image(reference: str) -> None:
    """Remove an image that a job brought; one that somebody uses by now stays."""
    with engine() as docker:
        found = docker.find_image(reference)
        if found is None or not services.is_named(found, reference):
            return
        try:
            with engine():
                docker.remove_image(reference)
        except Conflict:
            return
