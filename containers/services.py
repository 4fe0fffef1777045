"""What may be done to one container: start, stop, pause, kill, rename, delete and so on.

A job works on the containers directly through the Engine; these verbs are for people, and keep
out of a job's way.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from accounts.audit import audited
from containermonkey.problems import Conflict, Invalid, NotAllowed, NotFound
from containers import signals
from containers.acts import stop_seconds
from containers.mapping import name_in, of_row
from containers.queries import row_of
from containers.types import Acted
from engine import Docker, engine
from engine.identity import is_ours
from jobs.services import active_job_for

LONGEST_TIMEOUT = 3600
"""Seconds that somebody may give a container to end by itself."""

NAME = re.compile(r"[a-zA-Z0-9][a-zA-Z0-9_.-]{1,254}", re.ASCII)
"""What the Engine takes for a container's name; it sets no end to its length, file systems do."""

Target = tuple[Docker, dict[str, Any]]


def start_container(reference: str) -> Acted:
    """Start a container by id, unambiguous prefix or name.

    Raise NotFound, NotAllowed for ourselves, or Conflict if it is paused, a job works on it, or
    a port of it is taken.
    """
    with acting_on(reference, "start") as (docker, inspect):
        return changed_to(docker, inspect, "start")


def stop_container(reference: str, timeout: int | None = None) -> Acted:
    """Ask a container to end, and kill it after `timeout` seconds; None is its own setting."""
    with acting_on(reference, "stop") as (docker, inspect):
        return changed_to(docker, inspect, "stop", patience(inspect, timeout))


def restart_container(reference: str, timeout: int | None = None) -> Acted:
    """Stop a container as `stop_container` does, if it runs, and start it."""
    with acting_on(reference, "restart") as (docker, inspect):
        return changed_to(docker, inspect, "restart", patience(inspect, timeout))


def pause_container(reference: str) -> Acted:
    """Have the processes of a container stand still. Raise Conflict if it does not run."""
    with acting_on(reference, "pause") as (docker, inspect):
        refuse_unless_running(inspect)
        if inspect["State"]["Paused"]:
            return outcome(docker, inspect, changed=False)
        docker.pause(inspect["Id"])
        return outcome(docker, inspect, changed=True)


def unpause_container(reference: str) -> Acted:
    """Let a paused container go on. Raise Conflict if it does not run at all."""
    with acting_on(reference, "unpause") as (docker, inspect):
        refuse_unless_running(inspect)
        if not inspect["State"]["Paused"]:
            return outcome(docker, inspect, changed=False)
        docker.unpause(inspect["Id"])
        return outcome(docker, inspect, changed=True)


def kill_container(reference: str, signal: str = signals.KILL) -> Acted:
    """Send a signal to the first process of a container, by name (`HUP`, `SIGHUP`) or number.

    Raise Invalid for a signal that Linux does not have, Conflict if the container does not run.
    """
    known = signals.named(signal)
    with acting_on(reference, "kill", signal=known) as (docker, inspect):
        refuse_unless_running(inspect)
        docker.kill(inspect["Id"], known)
        return outcome(docker, inspect, changed=True)


def rename_container(reference: str, name: str) -> Acted:
    """Give a container another name. Raise Invalid for what is none, Conflict if it is taken."""
    if not NAME.fullmatch(name):
        reason = "must be at least two letters, digits, or any of _ . - after the first"
        raise Invalid(f"A name {reason}.", fields={"name": reason})
    with acting_on(reference, "rename", new_name=name) as (docker, inspect):
        if name == name_in(inspect):
            return outcome(docker, inspect, changed=False)
        if (job := active_job_for(name)) is not None:
            raise busy(name, job)
        with said_if_taken(name):
            docker.rename(inspect["Id"], name)
        return outcome(docker, inspect, changed=True)


@contextmanager
def said_if_taken(name: str) -> Iterator[None]:
    """Say in fewer words than the Engine's that another container has the name."""
    try:
        with engine():
            yield
    except Conflict as problem:
        if "already in use" not in str(problem):
            raise
        said = f"There is a container named {name} already."
        raise Conflict(said, fields={"name": said}) from problem


def delete_container(reference: str, *, force: bool = False, volumes: bool = False) -> None:
    """Delete a container, and its anonymous volumes if `volumes` says so.

    Raise Conflict if it is running and not to be killed by `force`, or if a job works on it.
    """
    with acting_on(reference, "delete", volumes=volumes) as (docker, inspect):
        if inspect["State"]["Running"] and not force:
            state = f"{name_in(inspect)} is {inspect['State']['Status']}"
            raise Conflict(f"{state}: stop it first, or delete it by force.")
        docker.remove_container(inspect["Id"], v=volumes, force=force)


@contextmanager
def acting_on(reference: str, verb: str, **details: Any) -> Iterator[Target]:
    """The Engine and the inspect of a container that may be acted on; leaves an audit line.

    Raise NotFound, NotAllowed for ourselves, Conflict while a job works on it.
    """
    with engine() as docker:
        inspect = docker.find_container(reference)
        name = name_in(inspect)
        with audited(f"container.{verb}", name, id=inspect["Id"][:12], **details), engine():
            refuse_unreachable(inspect)
            yield docker, inspect


def refuse_unreachable(inspect: dict[str, Any]) -> None:
    """Raise NotAllowed for ourselves, Conflict while a job works on the container."""
    name = name_in(inspect)
    if is_ours(inspect["Id"], inspect["Config"]["Labels"]):
        raise NotAllowed(
            f"{name} is Container Monkey itself, or works for it: it cannot be changed from here."
        )
    if (job := active_job_for(name)) is not None:
        raise busy(name, job)


def busy(name: str, job: Any) -> Conflict:
    return Conflict(
        f"A {job.get_kind_display().lower()} of {name} is running. "
        "Wait until it is over, or cancel it.",
        progress_id=job.progress_id,
    )


def refuse_unless_running(inspect: dict[str, Any]) -> None:
    if not inspect["State"]["Running"]:
        raise Conflict(f"{name_in(inspect)} is not running.")


def changed_to(
    docker: Docker, inspect: dict[str, Any], verb: str, timeout: int | None = None
) -> Acted:
    """Act, and look at what came of it."""
    changed = docker.change_state(inspect["Id"], verb, timeout=timeout)
    return outcome(docker, inspect, changed=changed)


def outcome(docker: Docker, inspect: dict[str, Any], *, changed: bool) -> Acted:
    """The container after an act; None in it where the act was its end."""
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
