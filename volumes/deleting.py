"""Deleting volumes: what is in them is gone."""

from dataclasses import dataclass

from accounts.audit import audited
from containermonkey.problems import Conflict, Invalid, Problem
from engine import engine
from volumes.queries import volume_details
from volumes.types import VolumeDetails

MOST = 500
"""Volumes that are deleted at once."""


@dataclass(frozen=True, slots=True)
class Result:
    """What came of one of several; `error` is a sentence, None where it went well."""

    name: str
    success: bool
    error: str | None = None


def delete_volume(name: str, *, force: bool = False) -> None:
    """Delete a volume and what is in it; by `force` also where its driver says that it is gone.

    Raise NotFound, NotAllowed for Container Monkey's own, or Conflict naming the containers that
    mount it, running or not.
    """
    with audited("volume.delete", name, force=force):
        volume = volume_details(name)
        refuse_in_use(volume)
        with engine() as docker:
            docker.remove_volume(volume.name, force=force)


def delete_volumes(names: list[str], *, force: bool = False) -> list[Result]:
    """Delete several; one that cannot be deleted stops no other.

    Raise Invalid for none or more than `MOST`.
    """
    if not 1 <= len(names) <= MOST:
        reason = f"must name from 1 to {MOST} volumes"
        raise Invalid(f"The names {reason}.", fields={"names": reason})
    return [result_of(name, force=force) for name in dict.fromkeys(names)]


def result_of(name: str, *, force: bool) -> Result:
    try:
        delete_volume(name, force=force)
    except Problem as problem:
        return Result(name, success=False, error=str(problem))
    return Result(name, success=True)


def refuse_in_use(volume: VolumeDetails) -> None:
    """Raise Conflict where containers mount the volume, naming them, or a job works with it."""
    if volume.held:
        raise Conflict(
            f"A job works with the volume {volume.name}. Wait until it is over, or cancel it."
        )
    if names := sorted({use.container for use in volume.uses}, key=str.casefold):
        raise Conflict(
            f"The volume {volume.name} is in use by {', '.join(names)}. "
            "Delete what mounts it first.",
            containers=names,
        )
