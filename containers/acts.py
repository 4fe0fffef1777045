"""Single acts on a container that may be repeated, for what a job does and for its undo.

Each does nothing where its aim holds already. Their arguments are plain JSON, so that they can
be written down before the act that they undo, and be carried out by another process. None of
them removes a volume, but those without a name of a container that is discarded.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from containers.create_body import create_body
from containers.endpoints import endpoints
from containers.recreate import create_container
from engine import engine
from engine.errors import Conflict, NotFound
from engine.exits import is_ending
from jobs.registry import undo_action

RENAME = "containers.rename_container"
REMOVE = "containers.remove_container"
DISCARD = "containers.discard_container"
START = "containers.start_container"
STOP = "containers.stop_container"
PAUSE = "containers.pause_container"
RESTART_POLICY = "containers.set_restart_policy"
PUT_BACK_STAND_IN = "containers.put_back_stand_in"

STOP_SECONDS = 10
"""How long the Engine lets a container end by itself, unless the container says otherwise."""

LONGEST_STOP_SECONDS = 3600
"""The same where the container says "for ever", so that a job comes to an end."""


def rename_container(container_id: str, name: str) -> None:
    """Give a container this name. Raise Conflict if another has it."""
    with engine() as docker:
        if docker.find_container(container_id)["Name"] != f"/{name}":
            docker.rename(container_id, name)


@undo_action(REMOVE, holds_up=True)
def remove_container(container_id: str) -> None:
    """Remove a container, by its whole id or its name, running or not, and none of its volumes."""
    remove(container_id, own_volumes=False)


@undo_action(DISCARD, holds_up=True)
def discard_container(container_id: str) -> None:
    """Remove a container that did not stay, and the volumes that the Engine made for it.

    What was mounted by name is left, also where the name is one that the Engine once gave.
    """
    remove(container_id, own_volumes=True)


def remove(container_id: str, *, own_volumes: bool) -> None:
    found = container_if_there(container_id)
    if found is None:
        return
    try:
        with engine() as docker:
            docker.remove_container(found["Id"], force=True, v=own_volumes)
    except NotFound:
        return
    except Conflict:  # it is being removed already
        wait_until_removed(found["Id"])


def wait_until_removed(container_id: str) -> None:
    """Return when a container that is being removed is gone."""
    try:
        with engine() as docker:
            docker.wait(container_id, condition="removed")
    except NotFound:
        return


def start_container(container_id: str) -> None:
    """Have a container run; one that is paused goes on."""
    with engine() as docker:
        if docker.find_container(container_id)["State"]["Paused"]:
            docker.unpause(container_id)
        else:
            docker.start(container_id)


def start_after_stop(container_id: str) -> None:
    """Have a container run that was stopped, or was to be.

    The Engine goes on with a stop whose worker was killed. Until its end the container runs, and
    starting it would do nothing.
    """
    with engine() as docker:
        stop_is_under_way = is_ending(docker, container_id)
    if stop_is_under_way:
        stop_container(container_id)
    start_container(container_id)


@undo_action(STOP, holds_up=True)
def stop_container(container_id: str) -> None:
    """Have a container not run; one that removes itself at its end is gone afterwards."""
    try:
        with engine() as docker:
            inspect = docker.find_container(container_id)
            if not inspect["State"]["Running"]:
                return
            if inspect["State"]["Paused"]:
                docker.unpause(container_id)
            docker.stop(container_id, timeout=stop_seconds(inspect))
            removes_itself = inspect["HostConfig"]["AutoRemove"]
    except NotFound:
        return
    if removes_itself:
        wait_until_removed(inspect["Id"])


def stop_seconds(inspect: dict[str, Any]) -> int:
    """How many seconds a container is given to end by itself."""
    seconds = inspect["Config"].get("StopTimeout")
    if seconds is None:
        return STOP_SECONDS
    return seconds if 0 <= seconds <= LONGEST_STOP_SECONDS else LONGEST_STOP_SECONDS


def pause_container(container_id: str) -> None:
    """Pause a container that runs. Raise Conflict if it does not run."""
    with engine() as docker:
        if not docker.find_container(container_id)["State"]["Paused"]:
            docker.pause(container_id)


def set_restart_policy(container_id: str, policy: dict[str, Any]) -> None:
    """Have the Engine start a container by itself when this `RestartPolicy` says so."""
    with engine() as docker:
        docker.update_container(container_id, restart_policy=policy)


def unpause_container(container_id: str) -> None:
    """Let a paused container go on; one that is gone or has ended has nothing to go on with."""
    try:
        with engine() as docker:
            if docker.find_container(container_id)["State"]["Paused"]:
                docker.unpause(container_id)
    except NotFound:
        return


@undo_action(RENAME, holds_still=True)
def rename_back(container_id: str, name: str) -> None:
    """Give a container its name again, if it is still there."""
    with unless_gone(container_id):
        rename_container(container_id, name)


@undo_action(START)
def start_again(container_id: str) -> None:
    """Have a container run again, if it is still there."""
    with unless_gone(container_id):
        start_after_stop(container_id)


@undo_action(PAUSE)
def pause_again(container_id: str) -> None:
    """Pause a container again, if it is still there."""
    with unless_gone(container_id):
        pause_container(container_id)


@undo_action(RESTART_POLICY)
def give_back_restart_policy(container_id: str, policy: dict[str, Any]) -> None:
    """Let a container be started by the Engine as before, if it is still there."""
    with unless_gone(container_id):
        set_restart_policy(container_id, policy)


@contextmanager
def unless_gone(container_id: str) -> Iterator[None]:
    """Let an act end quietly where somebody has removed the container: it would fail for ever.

    What is not found may also be its network, which is no reason to be silent.
    """
    try:
        yield
    except NotFound:
        if container_if_there(container_id):
            raise


def recreate_from_inspect(inspect: dict[str, Any], name: str) -> str:
    """Make the inspected container again under `name`, unless there is one; its id.

    It is not started. Its image and its volumes are those of the inspected one.
    """
    if existing := container_named(name):
        return existing["Id"]
    body = create_body(inspect)
    with engine() as docker:
        image = docker.find_image(body["Image"])
        if image is None or image["Id"] != inspect["Image"]:
            # The name means another image since, as when a newer one was pulled.
            body["Image"] = inspect["Image"]
        return create_container(docker, body, endpoints(inspect), name)


def container_named(name: str) -> dict[str, Any] | None:
    """The inspect of the container that has exactly this name, if there is one."""
    found = container_if_there(name)
    return found if found and found["Name"] == f"/{name}" else None


def container_if_there(reference: str) -> dict[str, Any] | None:
    """The inspect of the container that has exactly this id or name, or None."""
    try:
        with engine() as docker:
            found = docker.find_container(reference)
    except NotFound:
        return None
    # The Engine also takes a name for the beginning of an id: `db` may be anybody's.
    return found if reference in (found["Id"], found["Name"].removeprefix("/")) else None


@undo_action(PUT_BACK_STAND_IN, holds_still=True)
def put_back_stand_in(container_id: str, stand_in: str, name: str, paused: bool) -> None:
    """Have a container that removes itself at its end, or else its stand-in, run as `name`.

    See `containers.swap.put_aside`. Where the container itself never came to its end, the
    stand-in is removed.
    """
    original = container_if_there(container_id)
    if original and original["State"]["Running"]:
        remove_container(stand_in)
        if paused:
            pause_again(container_id)
        return
    if original:
        wait_until_removed(container_id)
    substitute = container_named(stand_in) or container_named(name)
    if substitute is None:  # it had ended by itself, or somebody has removed both
        return
    rename_container(substitute["Id"], name)
    start_container(substitute["Id"])
    if paused:
        pause_container(substitute["Id"])
