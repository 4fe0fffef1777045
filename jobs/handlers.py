"""The undo action that all jobs share."""

from engine import engine
from engine.helpers import remove_helpers as remove_labelled
from jobs.registry import REMOVE_HELPERS, undo_action


@undo_action(REMOVE_HELPERS)
def remove_helpers(job: str) -> None:
    """Remove the helper containers that a job left behind."""
    with engine() as docker:
        remove_labelled(docker, job)
