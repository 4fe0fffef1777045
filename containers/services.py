"""What may be done to containers: start, stop, restart, delete.

A job works on the containers directly through the Engine; these verbs are for people, and keep
out of a job's way.
"""

from typing import Any

from containermonkey.problems import Conflict, Invalid, NotAllowed, NotFound
from containers.acts import stop_seconds
from containers.mapping import of_row
from containers.queries import row_of
from containers.types import Acted
from engine import Docker, engine
from engine.identity import is_ours
from jobs.services import active_job_for

LONGEST_TIMEOUT = 3600
"""Seconds that somebody may give a container to end by itself."""


def start_container(reference: str) -> Acted:
    """Start a container by id, unambiguous prefix or name.

    Raise NotFound, NotAllowed for ourselves, or Conflict if it is paused, a job works on it, or
    a port of it is taken.
    """
    with engine() as docker:
        inspect = reachable(docker, reference)
        return changed_to(docker, inspect, "start")


def stop_container(reference: str, timeout: int | None = None) -> Acted:
    """Ask a container to end, and kill it after `timeout` seconds; None is its own setting."""
    with engine() as docker:
        inspect = reachable(docker, reference)
        return changed_to(docker, inspect, "stop", patience(inspect, timeout))


def restart_container(reference: str, timeout: int | None = None) -> Acted:
    """Stop a container as `stop_container` does, if it runs, and start it."""
    with engine() as docker:
        inspect = reachable(docker, reference)
        return changed_to(docker, inspect, "restart", patience(inspect, timeout))


def delete_container(reference: str, *, force: bool = False, volumes: bool = False) -> None:
    """Delete a container, and its anonymous volumes if `volumes` says so.

    Raise Conflict if it is running and not to be killed by `force`, or if a job works on it.
    """
    with engine() as docker:
        inspect = reachable(docker, reference)
        if inspect["State"]["Running"] and not force:
            state = f"{name_in(inspect)} is {inspect['State']['Status']}"
            raise Conflict(f"{state}: stop it first, or delete it by force.")
        docker.remove_container(inspect["Id"], v=volumes, force=force)


def reachable(docker: Docker, reference: str) -> dict[str, Any]:
    """The inspect of a container that may be acted on."""
    inspect = docker.find_container(reference)
    name = name_in(inspect)
    if is_ours(inspect["Id"], inspect["Config"]["Labels"]):
        raise NotAllowed(
            f"{name} is Container Monkey itself, or works for it: it cannot be changed from here."
        )
    job = active_job_for(name)
    if job is not None:
        raise Conflict(
            f"A {job.get_kind_display().lower()} of {name} is running. "
            "Wait until it is over, or cancel it.",
            progress_id=job.progress_id,
        )
    return inspect


def changed_to(
    docker: Docker, inspect: dict[str, Any], verb: str, timeout: int | None = None
) -> Acted:
    """Act, and look at what came of it."""
    changed = docker.change_state(inspect["Id"], verb, timeout=timeout)
    try:
        return Acted(changed, of_row(row_of(docker, inspect["Id"])))
    except NotFound:
        return Acted(changed, None)


def patience(inspect: dict[str, Any], timeout: int | None) -> int:
    """The seconds between asking and killing. Raise Invalid for what is not a length of time."""
    if timeout is None:
        return stop_seconds(inspect)
    if not 0 <= timeout <= LONGEST_TIMEOUT:
        reason = f"must be from 0 to {LONGEST_TIMEOUT} seconds"
        raise Invalid(f"The timeout {reason}.", fields={"timeout": reason})
    return timeout


def name_in(inspect: dict[str, Any]) -> str:
    return inspect["Name"].removeprefix("/")
