"""Making a volume, so that it goes away again unless the job gets through."""

from typing import Any

from containermonkey.problems import Conflict
from engine import Docker, engine
from engine.helpers import remove_helpers
from jobs.registry import undo_action
from jobs.undo import Undo
from volumes.services import volume_is_empty

REMOVE = "volumes.remove"


def make_volume(undo: Undo, docker: Docker, body: dict[str, Any], job: str) -> None:
    """Make a volume from the body of `POST /volumes/create`.

    Raise Conflict if there is one of that name: the Engine would give that one as if it were new.
    """
    name = body["Name"]
    if docker.find_volume(name):
        raise Conflict(f"There is a volume named {name} by now.")
    key = undo.write(REMOVE, name=name, job=job, made=False)
    docker.create_volume_from_body(body)
    undo.update(key, made=True)


@undo_action(REMOVE)
def remove_volume(name: str, job: str, made: bool) -> None:
    """Remove a volume that a job made; one that somebody uses by now stays.

    Where the job was cut off before it knew whether it had made the volume, one with something in
    it is somebody else's, because ours was still empty then.
    """
    with engine() as docker:
        # The helper of a killed process holds on to the volume, as if somebody used it.
        remove_helpers(docker, job)
        if docker.find_volume(name) is None:
            return
        if not made and not volume_is_empty(docker, name, job):
            return
        try:
            with engine():
                docker.remove_volume(name)
        except Conflict:
            return
